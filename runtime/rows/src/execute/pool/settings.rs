//! The size of a pool, and the lifetime of its connections.

use std::time::Duration;

/// The settings of a connection pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolSettings {
    /// The maximum number of connections at once.
    pub max_connections: u32,
    /// The number of connections that stay open however long they are idle.
    pub min_connections: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout: Duration,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How long a connection may be idle before it is closed.
    pub idle_timeout: Duration,
    /// The age at which a connection is closed once it is idle; up to a tenth earlier, so that not all close together.
    pub max_lifetime: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            max_connections: 16,
            min_connections: 0,
            acquire_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(10),
            max_lifetime: Duration::from_mins(30),
        }
    }
}

/// The usage of a pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUsage {
    /// The number of open connections.
    pub open: usize,
    /// How many of them are idle.
    pub idle: usize,
    /// The maximum number of connections.
    pub max: usize,
    /// Whether the database is known to be unreachable: requests are refused at once until it answers again.
    pub is_down: bool,
}

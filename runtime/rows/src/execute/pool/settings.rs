//! How many connections there are, and how long each lives.

use std::time::Duration;

/// Bounds of a connection pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolSettings {
    /// The most connections at once.
    pub max_connections: u32,
    /// Connections that are kept however long they are idle.
    pub min_connections: u32,
    /// How long a request waits for a connection to be free.
    pub acquire_timeout: Duration,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// A connection that was idle for so long is closed.
    pub idle_timeout: Duration,
    /// A connection this old is closed when it is next idle; up to a tenth earlier, so that not all end together.
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

/// What a pool holds at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUsage {
    /// Connections that there are.
    pub open: usize,
    /// Those of them that no request uses.
    pub idle: usize,
    /// The most that there may be.
    pub most: usize,
    /// Whether the database is known to be away: requests are refused at once until it answers again.
    pub is_down: bool,
}

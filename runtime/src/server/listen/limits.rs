//! Limits of connections: how many may be open, and how long each step may take.

use std::fs;
use std::time::Duration;

/// The default maximum of connections, if the process's file limit allows it.
const CONNECTIONS: usize = 10_000;

/// The file descriptors reserved for the listener, the database, the log, and connections that are being closed.
const RESERVED_FILES: usize = 128;

/// The bounds of a server's connections. A client that exceeds one loses its connection, never anyone else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The maximum number of open connections. One more replaces the connection that has been idle the longest.
    /// Default: 10,000, or the process's limit of open files minus 128 if that is lower.
    pub max_connections: usize,
    /// How long a request's whole head may take from its first byte, and the first byte from the moment the connection
    /// is accepted. Default: 10 seconds.
    pub head: Duration,
    /// How long a handler may wait for the next part of a request body. Default: 30 seconds.
    pub body: Duration,
    /// How long a whole request body may take, from the handler's first wait for it. Default: 60 seconds.
    pub body_total: Duration,
    /// How long a connection may be idle after a request. Default: 75 seconds.
    pub idle: Duration,
    /// How long a client may read nothing while an answer is written. Default: 30 seconds.
    pub write: Duration,
    /// How long a client may take to read a finished answer during a shutdown. Default: 10 seconds.
    pub shutdown: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            max_connections: affordable(open_files()),
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            body_total: Duration::from_mins(1),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
        }
    }
}

/// How many connections a limit of open files allows; at least one, since a server needs one.
fn affordable(files: Option<usize>) -> usize {
    let left = files.map_or(CONNECTIONS, |files| files.saturating_sub(RESERVED_FILES));
    left.clamp(1, CONNECTIONS)
}

/// The soft limit of open files; `None` if there is none or the system does not report it.
fn open_files() -> Option<usize> {
    soft_limit(&fs::read_to_string("/proc/self/limits").ok()?)
}

fn soft_limit(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{affordable, soft_limit};

    #[test]
    fn the_soft_limit_is_the_first_number() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n";

        assert_eq!(soft_limit(limits), Some(1024));
        assert_eq!(soft_limit("Max open files  unlimited  unlimited  files"), None);
        assert_eq!(soft_limit("Max processes  10  10  processes"), None);
    }

    #[test]
    fn the_file_limit_lowers_the_connections_and_never_raises_them() {
        assert_eq!(affordable(Some(1024)), 896);
        assert_eq!(affordable(Some(1_000_000)), 10_000);
        assert_eq!(affordable(Some(64)), 1);
        assert_eq!(affordable(None), 10_000);
    }
}

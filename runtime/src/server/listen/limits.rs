//! What a connection may take: how many there are, and how long each step may last.

use std::fs;
use std::time::Duration;

/// The connections when neither the operator nor the process's file limit says otherwise.
const CONNECTIONS: usize = 10_000;

/// The descriptors that stay for the listener, the database, the log, and connections on their way out.
const RESERVED_FILES: usize = 128;

/// The bounds of a server's connections. A client that exceeds one loses its connection, never anyone else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The connections open at once. One more takes the place of the connection that has been without a request the
    /// longest. Default: 10,000, or the process's limit of open files less 128 where that is lower.
    pub max_connections: usize,
    /// The time for a request's whole head, from its first byte, and for the first byte from the moment the connection
    /// is accepted. Default: 10 seconds.
    pub head: Duration,
    /// The time without a byte of a request body that the handler waits for. Default: 30 seconds.
    pub body: Duration,
    /// The time for a whole request body, from the handler's first wait for it. Default: 60 seconds.
    pub body_total: Duration,
    /// The time without a request on a connection that has had one. Default: 75 seconds.
    pub idle: Duration,
    /// The time in which the client takes nothing of what is written. Default: 30 seconds.
    pub write: Duration,
    /// The time that a shutdown leaves a client to take an answer that is already made. Default: 10 seconds.
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

/// The connections that a limit of open files leaves room for; at least one, since none would be no server.
fn affordable(files: Option<usize>) -> usize {
    let left = files.map_or(CONNECTIONS, |files| files.saturating_sub(RESERVED_FILES));
    left.clamp(1, CONNECTIONS)
}

/// The soft limit of open files, where the system tells it and there is one.
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

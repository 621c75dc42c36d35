//! The state of a cache in Redis for operators: figures, and one log line when it goes away or comes back.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use super::dial::ConnectError;

/// The state of a cache outside this program, with what was counted since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Host and port, or the socket's path.
    pub address: String,
    /// Whether the cache is asked: the circuit breaker is closed.
    pub is_answering: bool,
    /// Answers that were found, including those whose tables were written to since.
    pub hits: u64,
    /// Answers that were not found.
    pub misses: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Calls that were not made because the breaker was open.
    pub skipped: u64,
    /// How often the breaker opened.
    pub openings: u64,
    /// Values without a valid signature, which were deleted.
    pub invalid: u64,
    /// Tables that were written to and whose old answers other servers may still return.
    pub unraised: usize,
}

/// Counters since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) skipped: AtomicU64,
    pub(super) openings: AtomicU64,
    pub(super) foreign: AtomicU64,
}

/// Logs each change of state once.
pub(super) struct Report {
    address: String,
    /// The worst trouble reported since Redis last answered: 0 none, 1 silent, 2 refused.
    level: AtomicU8,
}

impl Report {
    /// Returns a report that has logged nothing yet.
    pub(super) fn new(address: String) -> Self {
        Self {
            address,
            level: AtomicU8::new(0),
        }
    }

    /// Logs a warning if that is news: at the first trouble, and once more if Redis starts to refuse.
    pub(super) fn trouble(&self, trouble: &ConnectError) {
        let address = &self.address;
        match trouble {
            ConnectError::Silent(reason) if self.is_news(1) => {
                tracing::warn!(
                    reason,
                    "the cache at {address} does not answer; requests go on without it"
                );
            }
            ConnectError::Refused(reason) if self.is_news(2) => {
                tracing::warn!(
                    reason,
                    "the cache at {address} refuses this server; requests go on without it"
                );
            }
            _ => {}
        }
    }

    /// Logs that Redis is back, if it was away.
    pub(super) fn log_recovery(&self) {
        if self.level.swap(0, Ordering::Relaxed) > 0 {
            tracing::info!("the cache at {} answers again", self.address);
        }
    }

    fn is_news(&self, level: u8) -> bool {
        self.level.fetch_max(level, Ordering::Relaxed) < level
    }
}

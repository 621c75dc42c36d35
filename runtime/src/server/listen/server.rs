//! The state that all connections of a server share.

use std::sync::Arc;
use std::time::Instant;

use super::{ConnectionCounts, ConnectionLimits};

/// The state that all connections of a server share.
pub(super) struct Server {
    pub(super) limits: ConnectionLimits,
    pub(super) counts: Arc<ConnectionCounts>,
    pub(super) started: Instant,
}

impl Server {
    /// A moment as microseconds after the server's start.
    pub(super) fn stamp(&self, moment: Instant) -> u64 {
        u64::try_from(moment.duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }
}

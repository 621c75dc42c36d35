//! Counts of connections, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// The step at which a connection ran out of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimedOut {
    /// A request's head did not arrive.
    Head,
    /// A request's body did not arrive.
    Body,
    /// No further request arrived.
    Idle,
    /// The client did not read an answer.
    Write,
    /// The client did not read an answer while the server shut down.
    Shutdown,
}

impl TimedOut {
    /// Every step, in the order of a connection's life.
    pub const ALL: [Self; 5] = [Self::Head, Self::Body, Self::Idle, Self::Write, Self::Shutdown];

    /// The step's name in metrics and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::Idle => "idle",
            Self::Write => "write",
            Self::Shutdown => "shutdown",
        }
    }
}

/// The counts of one server's connections, which may be read at any time.
#[derive(Debug, Default)]
pub struct ConnectionCounts {
    open: AtomicU64,
    accepted: AtomicU64,
    evicted: AtomicU64,
    refused: AtomicU64,
    timed_out: [AtomicU64; TimedOut::ALL.len()],
}

impl ConnectionCounts {
    /// The connections that are open now.
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// All connections that were accepted and served so far.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The idle connections that were closed to make room for a new one.
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    /// The connections that were answered with 503, because all others had a request in flight.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// The connections, and under HTTP/2 the request bodies, that ran out of time at a step.
    pub fn timed_out(&self, step: TimedOut) -> u64 {
        self.timed_out[step as usize].load(Ordering::Relaxed)
    }

    pub(super) fn opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn evict(&self) {
        self.evicted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn time_out(&self, step: TimedOut) {
        self.timed_out[step as usize].fetch_add(1, Ordering::Relaxed);
    }
}

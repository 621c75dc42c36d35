//! Counts and latencies of one schema's requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hdrhistogram::Histogram;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram as Buckets;

/// The kind of operation of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A query.
    Query,
    /// A mutation.
    Mutation,
    /// Unknown: the request does not parse, or was refused before it was parsed.
    Unknown,
}

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// It was answered.
    Answered,
    /// It was answered from the cache.
    Cached,
    /// Its answer has errors.
    Failed,
}

/// Counts one schema's requests. A schema that is changed or registered again keeps its meter.
#[derive(Debug)]
pub struct SchemaMeter {
    queries: AtomicU64,
    mutations: AtomicU64,
    errors: AtomicU64,
    cached: AtomicU64,
    /// Milliseconds since 1970.
    last_used: AtomicU64,
    /// Microseconds.
    latency: Mutex<Histogram<u64>>,
    /// By kind of operation and outcome.
    pub(super) requests: [[Counter; 3]; 3],
    pub(super) seconds: Buckets,
}

/// A meter's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Queries.
    pub queries: u64,
    /// Mutations.
    pub mutations: u64,
    /// Requests whose answers have errors.
    pub errors: u64,
    /// Requests answered from the cache.
    pub cached: u64,
    /// When the last request was counted.
    pub last_used: Option<SystemTime>,
    /// The 50th, 95th and 99th percentile of the latency, in milliseconds.
    pub latency: [f64; 3],
}

impl SchemaMeter {
    pub(super) fn new(requests: [[Counter; 3]; 3], seconds: Buckets) -> Self {
        // Up to a minute in microseconds, with two exact digits: a few hundred kilobytes at most.
        let latency = Histogram::new_with_bounds(1, 60_000_000, 2).expect("invariant: the bounds are in order");

        Self {
            queries: AtomicU64::new(0),
            mutations: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            cached: AtomicU64::new(0),
            last_used: AtomicU64::new(0),
            latency: Mutex::new(latency),
            requests,
            seconds,
        }
    }

    /// Counts a request and its latency.
    pub fn record(&self, operation: Operation, outcome: RequestOutcome, duration: Duration) {
        let requests = match operation {
            Operation::Query => {
                self.queries.fetch_add(1, Ordering::Relaxed);
                &self.requests[0]
            }
            Operation::Mutation => {
                self.mutations.fetch_add(1, Ordering::Relaxed);
                &self.requests[1]
            }
            Operation::Unknown => &self.requests[2],
        };

        let counter = match outcome {
            RequestOutcome::Answered => &requests[0],
            RequestOutcome::Cached => {
                self.cached.fetch_add(1, Ordering::Relaxed);
                &requests[1]
            }
            RequestOutcome::Failed => {
                self.errors.fetch_add(1, Ordering::Relaxed);
                &requests[2]
            }
        };

        counter.inc();
        self.seconds.observe(duration.as_secs_f64());

        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last_used.store(now.as_millis() as u64, Ordering::Relaxed);

        self.latency
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .saturating_record((duration.as_micros() as u64).max(1));
    }

    /// Returns the figures so far.
    pub fn usage(&self) -> Usage {
        let latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        let quantile = |quantile: f64| latency.value_at_quantile(quantile) as f64 / 1000.0;
        let last_used = self.last_used.load(Ordering::Relaxed);

        Usage {
            queries: self.queries.load(Ordering::Relaxed),
            mutations: self.mutations.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            cached: self.cached.load(Ordering::Relaxed),
            last_used: (last_used > 0).then(|| UNIX_EPOCH + Duration::from_millis(last_used)),
            latency: [quantile(0.5), quantile(0.95), quantile(0.99)],
        }
    }
}

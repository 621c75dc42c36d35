//! Events as log lines and as Prometheus' metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::process::Process;
use super::{Event, SchemaMeter};

type Labels = Vec<(&'static str, String)>;

/// Upper bounds of the latency's buckets, in seconds.
const BUCKETS: [f64; 15] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The largest number of statements logged for one slow request.
const MAX_LOGGED_STATEMENTS: usize = 10;

/// Logs and counts every event of a registry and its server.
pub struct Observer {
    metrics: Registry,
    meters: Mutex<BTreeMap<String, Arc<SchemaMeter>>>,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram>,
    events: Family<Labels, Counter>,
    connections: Family<Labels, Gauge>,
    answers: Family<Labels, Counter>,
    in_flight: InFlightGauge,
    process: Process,
}

/// Counts requests in flight.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlightGauge(Gauge);

impl InFlightGauge {
    /// Counts a request until the value is dropped.
    pub(super) fn begin(&self) -> InFlight {
        self.0.inc();
        InFlight(self.0.clone())
    }
}

/// A request in flight.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}

impl Default for Observer {
    fn default() -> Self {
        let mut metrics = Registry::default();
        let requests = Family::<Labels, Counter>::default();
        let seconds = Family::<Labels, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let events = Family::<Labels, Counter>::default();

        metrics.register(
            "graphql_requests",
            "GraphQL requests by schema, kind of operation and outcome",
            requests.clone(),
        );
        metrics.register(
            "graphql_request_duration_seconds",
            "Duration of GraphQL requests",
            seconds.clone(),
        );

        let connections = Family::<Labels, Gauge>::default();
        metrics.register(
            "connections",
            "Connections of clients and to the database, by state",
            connections.clone(),
        );

        metrics.register("schema_events", "Events of schemas, hooks and caches", events.clone());

        let answers = Family::<Labels, Counter>::default();
        metrics.register("http_responses", "HTTP responses by status", answers.clone());

        let in_flight = InFlightGauge::default();
        metrics.register(
            "http_requests_in_flight",
            "HTTP requests in flight",
            in_flight.0.clone(),
        );

        metrics.register(
            "build",
            "The program's version",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let process = Process::register(&mut metrics);

        Self {
            metrics,
            meters: Mutex::default(),
            requests,
            seconds,
            events,
            connections,
            answers,
            in_flight,
            process,
        }
    }
}

impl Observer {
    /// Returns the meter of a schema, which the first call creates.
    pub fn meter(&self, schema: &str) -> Arc<SchemaMeter> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        let meter = meters.entry(schema.to_owned()).or_insert_with(|| {
            let counter = |kind: &str, outcome: &str| {
                let labels = vec![
                    ("schema", schema.to_owned()),
                    ("kind", kind.to_owned()),
                    ("outcome", outcome.to_owned()),
                ];
                self.requests.get_or_create(&labels).clone()
            };

            let requests = ["query", "mutation", "unknown"]
                .map(|kind| ["answered", "cached", "failed"].map(|outcome| counter(kind, outcome)));
            let seconds = self.seconds.get_or_create(&vec![("schema", schema.to_owned())]).clone();
            Arc::new(SchemaMeter::new(requests, seconds))
        });

        Arc::clone(meter)
    }

    /// Logs and counts an event.
    pub fn emit(&self, event: &Event<'_>) {
        let name = match event {
            Event::Registered { schema, origin } => {
                tracing::info!(schema, origin, "schema registered");
                "registered"
            }
            Event::Changed { schema } => {
                tracing::info!(schema, "schema changed");
                "changed"
            }
            Event::Removed { schema } => {
                tracing::info!(schema, "schema removed");
                "removed"
            }
            Event::Refused { schema, by, reason } => {
                tracing::warn!(schema, by, reason, "schema refused");
                "refused"
            }
            Event::HookFailed { name, kind, reason } => {
                tracing::error!(hook = name, kind, reason, "a hook failed");
                "hook_failed"
            }
            Event::Discovery { found, new } => {
                tracing::info!(found, new, "discovery ended");
                "discovery"
            }
            Event::SlowQuery {
                schema,
                operation,
                duration,
                statements,
            } => {
                let count = statements.len();
                let milliseconds = duration.as_millis() as u64;
                // A client chooses how many statements there are, not how much is logged.
                let plan = &statements[..count.min(MAX_LOGGED_STATEMENTS)];
                tracing::warn!(schema, operation, milliseconds, statements = count, ?plan, "slow query");
                "slow_query"
            }
            Event::RateLimited { schema } => {
                tracing::debug!(schema, "too many requests from one caller");
                "rate_limited"
            }
            Event::CacheFailed { reason } => {
                tracing::error!(reason, "the cache failed");
                "cache_failed"
            }
        };

        self.events.get_or_create(&vec![("event", name.to_owned())]).inc();
    }

    /// Sets the number of connections of a side, `http` or `database`, that are or have been in a state.
    pub fn connections(&self, side: &'static str, state: &'static str, count: u64) {
        let labels = vec![("side", side.to_owned()), ("state", state.to_owned())];
        self.connections.get_or_create(&labels).set(count.cast_signed());
    }

    /// Counts an HTTP response.
    pub(crate) fn answered(&self, status: u16) {
        self.answers.get_or_create(&vec![("status", status.to_string())]).inc();
    }

    /// Returns the gauge of HTTP requests in flight.
    pub(crate) fn in_flight(&self) -> InFlightGauge {
        self.in_flight.clone()
    }

    /// Returns how often an event was counted.
    pub fn count(&self, event: &str) -> u64 {
        self.events.get_or_create(&vec![("event", event.to_owned())]).get()
    }

    /// Returns all metrics in Prometheus' text format.
    pub fn prometheus(&self) -> String {
        self.process.measure();

        let mut text = String::new();
        encode(&mut text, &self.metrics).expect("invariant: writing into a text does not fail");

        text
    }
}

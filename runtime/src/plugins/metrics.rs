//! Counters for events of schemas and for their requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_graphql::async_trait::async_trait;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::graphql::Answer;
use crate::registry::{Plugin, Registry, RequestContext, SchemaInfo};

/// Counts registrations, discoveries, and each schema's requests, errors and latencies.
#[derive(Debug, Default)]
pub struct MetricsPlugin {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    registrations: u64,
    discoveries: u64,
    schemas: BTreeMap<String, Requests>,
}

#[derive(Debug)]
struct Requests {
    count: u64,
    errors: u64,
    /// Microseconds.
    latency: Histogram<u64>,
}

impl MetricsPlugin {
    /// Returns a plugin that has counted nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Requests {
    fn new() -> Self {
        let latency = Histogram::new_with_bounds(1, 60_000_000, 2).expect("invariant: the bounds are in order");
        Self {
            count: 0,
            errors: 0,
            latency,
        }
    }

    fn record(&mut self, failed: bool, duration: Duration) {
        self.count += 1;
        self.errors += u64::from(failed);
        self.latency.saturating_record((duration.as_micros() as u64).max(1));
    }

    fn json(&self) -> Value {
        let quantile = |quantile: f64| self.latency.value_at_quantile(quantile) as f64 / 1000.0;
        let latency = json!({"p50": quantile(0.5), "p95": quantile(0.95), "p99": quantile(0.99)});
        json!({"requests": self.count, "errors": self.errors, "latency_ms": latency})
    }
}

#[async_trait]
impl Plugin for MetricsPlugin {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn on_post_registration(&self, _: &Registry, _: &SchemaInfo) -> Result<(), String> {
        self.with(|counts| counts.registrations += 1);
        Ok(())
    }

    fn on_schema_discovery(&self, _: &Registry, _: &[String]) -> Result<(), String> {
        self.with(|counts| counts.discoveries += 1);
        Ok(())
    }

    async fn on_response(&self, context: &RequestContext<'_>, answer: &Answer) -> Result<(), String> {
        let (failed, duration) = (answer.has_errors(), context.started.elapsed());
        self.with(|counts| {
            let name = context.schema.name.clone();
            counts
                .schemas
                .entry(name)
                .or_insert_with(Requests::new)
                .record(failed, duration);
        });
        Ok(())
    }

    fn metrics(&self) -> Value {
        self.with(|counts| {
            let schemas: serde_json::Map<String, Value> = counts
                .schemas
                .iter()
                .map(|(name, requests)| (name.clone(), requests.json()))
                .collect();

            json!({"registrations": counts.registrations, "discoveries": counts.discoveries, "schemas": schemas})
        })
    }
}

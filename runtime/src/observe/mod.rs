//! Everything worth reporting is an [`Event`], from which log lines, Prometheus' metrics and the REST API's metrics are
//! made.

mod meter;
mod metrics;
mod process;
pub(crate) mod request_id;

use std::time::Duration;

pub(crate) use meter::{Operation, RequestOutcome, SchemaMeter};
pub(crate) use metrics::Observer;

/// Something worth reporting.
#[derive(Debug)]
pub enum Event<'e> {
    /// A schema was registered.
    Registered {
        /// The schema.
        schema: &'e str,
        /// Who registered it.
        origin: &'static str,
    },
    /// A schema was changed: its definition, or whether it is enabled.
    Changed {
        /// The schema.
        schema: &'e str,
    },
    /// A schema was removed.
    Removed {
        /// The schema.
        schema: &'e str,
    },
    /// A hook or plugin refused a schema.
    Refused {
        /// The schema.
        schema: &'e str,
        /// The hook or plugin.
        by: &'e str,
        /// Why.
        reason: &'e str,
    },
    /// A hook or plugin failed where an error has no effect.
    HookFailed {
        /// The hook or plugin.
        name: &'e str,
        /// The point at which it was called.
        kind: &'static str,
        /// Why.
        reason: &'e str,
    },
    /// Discovery ended.
    Discovery {
        /// How many schemas the program carries.
        found: usize,
        /// How many of them were registered.
        new: usize,
    },
    /// A request took long.
    SlowQuery {
        /// The schema.
        schema: &'e str,
        /// The operation's name.
        operation: Option<&'e str>,
        /// How long the request took.
        duration: Duration,
        /// Its statements.
        statements: &'e [String],
    },
    /// A caller sent too many requests.
    RateLimited {
        /// The schema.
        schema: &'e str,
    },
    /// The cache failed; the request was answered without it.
    CacheFailed {
        /// Why.
        reason: &'e str,
    },
}

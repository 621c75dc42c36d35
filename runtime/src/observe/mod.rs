//! Everything worth seeing is one [`Event`]; log lines, Prometheus' metrics and those of the REST API are made of it.

mod meter;
mod metrics;
mod process;
pub(crate) mod request_id;

use std::time::Duration;

pub(crate) use meter::{Operation, Outcome, SchemaMeter};
pub(crate) use metrics::Observer;

/// Something worth seeing.
#[derive(Debug)]
pub enum Event<'e> {
    /// A schema is served.
    Registered {
        /// The schema.
        schema: &'e str,
        /// Who registered it.
        origin: &'static str,
    },
    /// A schema was changed: its definition, or whether it answers.
    Changed {
        /// The schema.
        schema: &'e str,
    },
    /// A schema is served no more.
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
    /// A hook or plugin failed where that changes nothing.
    HookFailed {
        /// The hook or plugin.
        name: &'e str,
        /// When it was called.
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
        /// How long.
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

//! The built-in plugins. They use the same interface as every other plugin, and each is short enough to serve as an
//! example. This is a plugin in full:
//!
//! ```
//! use runtime::{Plugin, RequestContext, SchemaDefinition, Verdict};
//! use async_graphql::async_trait::async_trait;
//!
//! /// Answers on working days only.
//! struct WorkingDays;
//!
//! #[async_trait]
//! impl Plugin for WorkingDays {
//!     fn name(&self) -> &str {
//!         "working_days"
//!     }
//!
//!     async fn on_request(&self, context: &RequestContext<'_>) -> Verdict {
//!         if context.viewer.is_staff || is_working_day() {
//!             return Verdict::Continue;
//!         }
//!         Verdict::Refuse("Come back on Monday".into())
//!     }
//! }
//!
//! fn is_working_day() -> bool {
//!     use chrono::Datelike as _;
//!     chrono::Utc::now().weekday().number_from_monday() < 6
//! }
//!
//! # fn install(registry: &runtime::Registry) -> Result<(), String> {
//! registry.install(WorkingDays)
//! # }
//! ```

mod caching;
mod metrics;
mod validation;

pub use caching::CachingPlugin;
pub use metrics::MetricsPlugin;
pub use validation::ValidationPlugin;

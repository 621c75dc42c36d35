//! Rows of a database for Rust code: connections to three databases, plans run over them, writes, and a typed API.

pub mod connect;
pub mod execute;
mod jitter;
mod retry;
pub mod typed;
pub mod write;

pub use execute::{Database, ExecuteError, RowSecurity, RowSink};
pub use retry::{Attempt, Verdict};
pub use typed::*;

//! `PostgreSQL` over a connection of our own: statements are sent together where possible, and a consistent read costs
//! no extra round trip.
//!
//! Requests per second relative to `tokio-postgres`, measured in one run (16 connections, the benchmark's queries):
//! 1.07 by key, 1.05 with 20 rows, 1.15 with two nested lists, 1.38 four levels deep, 1.14 with 1,000 rows.

mod cancel;
mod connection;
mod error;
mod opening;
mod parameters;
mod pool;
mod run;
mod startup;
mod statements;
mod stream;
mod tls;
mod transaction;
mod values;

pub use error::{PostgresError, ServerMessage};
pub(super) use pool::{PostgresConnector, ping};
pub(super) use run::{each_row, run};
pub(super) use transaction::{PostgresTransaction, TransactionMode};

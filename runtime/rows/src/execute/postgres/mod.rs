//! `PostgreSQL` over a connection of our own: what can be sent together is, and a snapshot costs no round trip.
//!
//! Measured beside `tokio-postgres` in one run (16 connections, the benchmark's queries): 1.07 and 1.05 times as many
//! requests by key and of 20 rows, 1.15 with two nested lists, 1.38 four levels deep, 1.14 of 1,000 rows.

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
pub(super) use pool::PostgresConnector;
pub(super) use run::{each_row, ping, run};
pub(super) use transaction::{Beginning, PostgresTransaction};

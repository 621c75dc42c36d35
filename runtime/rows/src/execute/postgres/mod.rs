//! PostgreSQL over a connection of our own: statements are sent together where possible, and a consistent read costs
//! no extra round trip.
//!
//! Requests per second relative to `tokio-postgres`, measured in one run (16 connections, the benchmark's queries):
//! 1.07 by key, 1.05 with 20 rows, 1.15 with two nested lists, 1.38 four levels deep, 1.14 with 1,000 rows.

mod cancel;
mod connection;
mod opening;
mod parameters;
mod pool;
mod startup;
mod statements;
mod stream;
mod tls;
mod values;

pub(super) use connection::{BatchSink, Connection, End, Query, WireRow};
pub(super) use parameters::ParameterValue;
pub(super) use pool::{PostgresConnector, ping};

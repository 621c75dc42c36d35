//! Connections of clients that are slow, silent or many, on real sockets.
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;
mod http2;
mod lifecycle;
mod slow_clients;

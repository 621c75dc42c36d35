//! Connections of clients that are slow, silent or many, on real sockets.

mod common;
mod http2;
mod lifecycle;
mod slow_clients;

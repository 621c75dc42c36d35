//! Answers kept in a Redis that others use too, that goes away, is slow, or speaks TLS.

mod away;
mod sharing;
mod support;
mod tls;

//! Answers kept in a Redis that others use too, that goes away, is slow, or speaks TLS.
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod away;
mod sharing;
mod support;
mod tls;

//! Doors for the tests and tools of this project. No promise is made about them.

pub use crate::graphql::{Answer, Engine, Outcome, Prepared, Request};
pub use crate::registry::{Origin, Registered, definition_sdl, linked_registrations};
pub use crate::server::listen::serve_counted;
pub use crate::server::{ConnectionCounts, TimedOut, prepare, registry, serve_registry, serve_until, signals};

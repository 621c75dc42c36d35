//! The bridge to async-graphql: types from metadata, hand-written roots, and the two doors of an operation.

mod aggregate_types;
mod compose;
mod engine;
mod entity;
mod list_inputs;
mod meta_types;
mod operation;
mod request;
mod root;
mod scalars;
mod select;
mod variables;

pub use compose::{ComposeError, Composition, RootObject};
pub use engine::{Engine, EngineParts, sdl};
pub use entity::{Entity, Many, One};
pub use request::{Answer, Outcome, Request};
pub use select::Find;

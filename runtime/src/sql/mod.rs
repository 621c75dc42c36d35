//! From a [`Select`](crate::plan::Select) to a database's text.

mod dialect;
mod render;
mod writer;

pub use dialect::{Capability, Dialect, KeyList, PerParent};
pub use render::render;
pub use writer::SqlWriter;

//! From a [`Select`](crate::plan::Select) to a database's text.

mod condition;
mod dialect;
mod expression;
mod json;
mod keys;
mod render;
mod texts;
mod writer;

pub use dialect::{Capability, Dialect, Json, KeyList, PerParent, Texts};
pub use render::render;
pub use writer::SqlWriter;

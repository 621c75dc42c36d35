//! From a [`Select`](crate::plan::Select) to a database's text.

mod condition;
mod dialect;
mod expression;
mod keys;
mod render;
mod texts;
mod writer;

pub use dialect::{Capability, Dialect, KeyList, PerParent, Texts};
pub use render::render;
pub use writer::SqlWriter;

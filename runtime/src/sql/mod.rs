//! From a [`Select`](crate::plan::Select) to a database's text.

mod condition;
mod dialect;
mod expression;
mod json;
mod keys;
mod moments;
mod render;
mod texts;
mod write;
mod writer;

pub use dialect::{Capability, Dialect, Json, KeyList, Keyed, PerParent, Texts};
pub use render::render;
pub use write::{delete, insert, is_inferred, update};
pub use writer::SqlWriter;

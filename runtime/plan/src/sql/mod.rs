//! Renders a [`Select`](crate::planner::Select) as the SQL of a database.

mod condition;
mod expression;
mod json;
mod keys;
mod render;
mod statement;
mod texts;
mod timestamps;
mod write;
mod writer;

pub use render::render;
pub use statement::{Bind, CompiledPlan, Statement, StatementKind};
pub use write::{delete, insert, is_inferred, update};
pub use writer::SqlWriter;

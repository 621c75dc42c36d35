//! Renders a [`Select`](crate::planner::Select) as the SQL of a database.

mod compiled;
mod condition;
mod expression;
mod joins;
mod json;
mod json_path;
mod keys;
mod operand;
mod render;
mod statement;
mod texts;
mod timestamps;
mod write;
mod writer;

pub use compiled::CompiledPlan;
pub use render::render;
pub use statement::{Bind, Statement, StatementKind};
pub use write::{NUMBERING_STEP, delete, insert, is_inferred, update};
pub use writer::SqlWriter;

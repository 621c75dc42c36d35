//! A plan with the statements that it runs.

use super::{Statement, render};
use crate::dialect::Dialect;
use crate::planner::Plan;

/// A plan and, for each of its levels, the statement of one database.
#[derive(Debug)]
pub struct CompiledPlan {
    /// What is asked for, and what becomes of the rows.
    pub plan: Plan,
    /// The statements, in the order of [`Plan::levels`].
    pub statements: Vec<Statement>,
}

impl CompiledPlan {
    /// Writes a plan's statements in a database's spelling.
    pub fn new(plan: Plan, dialect: &Dialect) -> Self {
        let statements = plan.levels.iter().map(|level| render(dialect, &level.select)).collect();
        Self { plan, statements }
    }
}

//! A request on its way between planning and execution.

use std::sync::Arc;

use async_graphql::Variables;

use super::operation::{Compiled, Operation};

/// A request that is parsed, validated and planned.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) operation: Arc<Operation>,
    pub(super) variables: Variables,
    pub(super) compiled: Arc<Compiled>,
}

impl Prepared {
    /// Whether it is a query, and no mutation.
    pub fn is_query(&self) -> bool {
        self.operation.is_query()
    }

    /// The operation's name in the document.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation.name.as_deref()
    }

    /// The tables that it reads; `None` where hand-written code takes part, which may read any.
    pub fn tables(&self) -> Option<&[String]> {
        self.compiled.complete.then_some(self.compiled.tables.as_slice())
    }

    /// Its variables, defaults filled in.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Its planned statements.
    pub fn statements(&self) -> Vec<String> {
        self.compiled.plan.levels.iter().map(|level| level.statement.sql.to_string()).collect()
    }

    /// Whether it asks for the schema's types.
    pub fn introspects(&self) -> bool {
        self.compiled.fields.iter().any(|field| matches!(field.name.as_str(), "__schema" | "__type"))
    }
}

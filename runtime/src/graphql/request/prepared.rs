//! A request between planning and execution.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;

use crate::graphql::answer::Written;
use crate::graphql::mutation::planned_write::PlannedWrite;
use crate::graphql::request::Request;
use crate::graphql::request::operation::Compiled;
use crate::graphql::request::operation::Operation;

/// A request that is parsed, validated and planned.
#[derive(Debug)]
pub struct Prepared {
    /// The request, without its variables.
    pub(in crate::graphql) request: Request,
    pub(in crate::graphql) operation: Arc<Operation>,
    pub(in crate::graphql) variables: Variables,
    pub(in crate::graphql) compiled: Arc<Compiled>,
}

impl Prepared {
    /// Whether it is a query.
    pub fn is_query(&self) -> bool {
        self.operation.is_query()
    }

    /// Whether it is a mutation.
    pub(in crate::graphql) fn is_mutation(&self) -> bool {
        self.operation.definition.ty == OperationType::Mutation
    }

    /// What it wrote, by the tables that its generated fields wrote. Hand-written code and deleted rows may have changed
    /// any other table.
    pub(in crate::graphql) fn written(&self, tables: BTreeSet<String>) -> Written {
        let may_delete_rows = self.compiled.writes.iter().any(PlannedWrite::may_delete_rows);
        if self.compiled.complete && !may_delete_rows {
            Written::Tables(tables)
        } else {
            Written::Unknown
        }
    }

    /// The request, without its variables.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The operation's name in the document.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation.name.as_deref()
    }

    /// The tables that it reads; `None` if hand-written code or database functions take part, which may read any table.
    pub fn tables(&self) -> Option<&[String]> {
        let is_known = self.compiled.complete && !self.compiled.query.plan.calls_functions();
        is_known.then_some(self.compiled.tables.as_slice())
    }

    /// Its variables, with defaults filled in.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The SQL of its planned statements, in order.
    pub fn statements(&self) -> Vec<String> {
        self.compiled.statements()
    }

    /// Whether it only introspects the schema, without variables, so that every caller gets the same answer.
    pub(in crate::graphql) fn only_introspects(&self) -> bool {
        let is_of_types = |name: &str| matches!(name, "__schema" | "__type" | "__typename");
        let has_variables = !self.operation.definition.variable_definitions.is_empty();

        !has_variables && self.introspects() && self.compiled.fields.iter().all(|field| is_of_types(&field.name))
    }

    /// Whether it introspects the schema: it selects `__schema` or `__type`.
    pub fn introspects(&self) -> bool {
        self.compiled
            .fields
            .iter()
            .any(|field| matches!(field.name.as_str(), "__schema" | "__type"))
    }
}

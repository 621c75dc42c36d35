//! A request between planning and execution.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;

use crate::graphql::request::operation::Compiled;
use crate::graphql::request::operation::Operation;

/// A request that is parsed, validated and planned.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(in crate::graphql) operation: Arc<Operation>,
    pub(in crate::graphql) variables: Variables,
    pub(in crate::graphql) compiled: Arc<Compiled>,
    /// The tables that its generated fields wrote; `None` for a query.
    pub(in crate::graphql) written: Option<Arc<Mutex<BTreeSet<String>>>>,
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

    /// The tables that it wrote, once it was executed. `None` if hand-written code took part or rows were deleted:
    /// both may have changed any table.
    pub fn written(&self) -> Option<BTreeSet<String>> {
        let is_known = self.compiled.complete && self.compiled.writes.iter().all(|write| !write.may_delete_rows());
        let written = self.written.as_ref().filter(|_| is_known)?;
        Some(written.lock().unwrap_or_else(PoisonError::into_inner).clone())
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

//! A request on its way between planning and execution.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;

use super::operation::{Compiled, Operation};

/// A request that is parsed, validated and planned.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) operation: Arc<Operation>,
    pub(super) variables: Variables,
    pub(super) compiled: Arc<Compiled>,
    /// The tables that its generated fields wrote; none for a query.
    pub(super) written: Option<Arc<Mutex<BTreeSet<String>>>>,
}

impl Prepared {
    /// Whether it is a query, and no mutation.
    pub fn is_query(&self) -> bool {
        self.operation.is_query()
    }

    /// Whether it writes.
    pub(super) fn is_mutation(&self) -> bool {
        self.operation.definition.ty == OperationType::Mutation
    }

    /// The tables that it wrote, after it was executed; `None` where hand-written code took part or rows were removed,
    /// which may have written to any.
    pub fn written(&self) -> Option<BTreeSet<String>> {
        let is_known = self.compiled.complete && self.compiled.writes.iter().all(|write| !write.removes());
        let written = self.written.as_ref().filter(|_| is_known)?;
        Some(written.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The operation's name in the document.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation.name.as_deref()
    }

    /// The tables that it reads; `None` where hand-written code or functions of the database take part, which may read any.
    pub fn tables(&self) -> Option<&[String]> {
        let is_known = self.compiled.complete && !self.compiled.query.plan.calls_functions();
        is_known.then_some(self.compiled.tables.as_slice())
    }

    /// Its variables, defaults filled in.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Its planned statements.
    pub fn statements(&self) -> Vec<String> {
        self.compiled.statements()
    }

    /// Whether it asks for the schema's types and nothing else, so that every caller gets the same answer.
    pub(super) fn only_introspects(&self) -> bool {
        let is_of_types = |name: &str| matches!(name, "__schema" | "__type" | "__typename");
        let has_variables = !self.operation.definition.variable_definitions.is_empty();

        !has_variables && self.introspects() && self.compiled.fields.iter().all(|field| is_of_types(&field.name))
    }

    /// Whether it asks for the schema's types.
    pub fn introspects(&self) -> bool {
        self.compiled
            .fields
            .iter()
            .any(|field| matches!(field.name.as_str(), "__schema" | "__type"))
    }
}

//! An operation parsed and validated once, and its plans.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::graphql::request::keyword_names;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType};
use async_graphql::{Positioned, Variables};

use crate::graphql::answer::AnswerError;
use crate::graphql::mutation::planned_write::PlannedWrite;
use crate::graphql::request::plan_cache::PlanCache;
use crate::graphql::request::syntax::syntax_error;
use crate::graphql::request::variables::Definitions;
use crate::graphql::resolver::computed_fields::computed_field_nodes;
use plan::dialect::Dialect;
use plan::model::Model;
use plan::selection::{Collector, Selected, SelectionError, check_expansion};
use plan::sql::CompiledPlan;
use plan::{Access, PlanBuilder, PlanError, check_fields};
use rows::write::table_key;

/// The next operation's id, which tells operations apart in the plan cache.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A validated operation.
#[derive(Debug)]
pub(in crate::graphql) struct Operation {
    /// Unique within the process.
    id: u64,
    /// The operation's name, if it has one.
    pub(in crate::graphql) name: Option<String>,
    pub(in crate::graphql) document: ExecutableDocument,
    pub(in crate::graphql) definition: OperationDefinition,
    pub(in crate::graphql) definitions: Definitions,
}

/// An operation planned for one shape of its variables.
#[derive(Debug)]
pub(in crate::graphql) struct Compiled {
    pub(in crate::graphql) query: CompiledPlan,
    /// Whether the plan answers every root field.
    pub(in crate::graphql) complete: bool,
    /// Everything the client selected, in order.
    pub(in crate::graphql) fields: Vec<Selected>,
    /// The generated fields of a mutation.
    pub(in crate::graphql) writes: Vec<PlannedWrite>,
    /// The tables that the plan reads, sorted.
    pub(in crate::graphql) tables: Vec<String>,
    /// For each level, the document's fields that are computed fields.
    pub(in crate::graphql) extended: Vec<Vec<Positioned<Field>>>,
}

impl Operation {
    /// Parses a document and finds the operation in it.
    pub(in crate::graphql) fn parse(query: &str, name: Option<&str>) -> Result<Self, AnswerError> {
        let document = keyword_names::parse(query).map_err(|error| syntax_error(query, &error))?;
        check_expansion(&document).map_err(AnswerError::from)?;

        let found = match (&document.operations, name) {
            (DocumentOperations::Single(operation), None) => Some((None, operation)),
            (DocumentOperations::Multiple(map), Some(name)) => {
                map.get(name).map(|found| (Some(name.to_owned()), found))
            }
            (DocumentOperations::Multiple(map), None) if map.len() == 1 => {
                map.iter().next().map(|(name, found)| (Some(name.to_string()), found))
            }
            _ => None,
        };
        let (own_name, definition) = found.map(|(name, found)| (name, found.node.clone())).ok_or_else(|| {
            let message = match name {
                Some(name) => format!("The document has no operation named `{name}`"),
                None => "The document has several operations; set `operationName` to select one".into(),
            };
            AnswerError::new(message, "OPERATION_RESOLUTION_FAILURE")
        })?;

        if definition.ty == OperationType::Subscription {
            return Err(AnswerError::new(
                "Subscriptions are not available yet",
                "SUBSCRIPTIONS_NOT_SUPPORTED",
            ));
        }

        let definitions = Definitions::of(&document, &definition);
        Ok(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            name: own_name,
            document,
            definition,
            definitions,
        })
    }

    pub(in crate::graphql) fn is_query(&self) -> bool {
        self.definition.ty == OperationType::Query
    }

    /// The plan for the shape of a request's variables, and whether it came from the cache. Mutations are planned
    /// each time, because their plans hold the values to write.
    pub(in crate::graphql) fn compiled(
        &self,
        cache: &PlanCache,
        model: &Model,
        dialect: &Dialect,
        variables: &Variables,
        access: Access<'_>,
    ) -> Result<(Arc<Compiled>, bool), AnswerError> {
        if !self.is_query() {
            return Ok((self.compile(model, dialect, variables, access)?, false));
        }

        let mut shape = self.definitions.fingerprint(variables);
        if model.has_policies() {
            let rules = access.fingerprint(model.entities().iter().map(|entity| entity.table));
            shape = format!("{shape}\0{rules}").into();
        }

        let key = match cache.plan(self.id, &shape) {
            Ok(compiled) => return Ok((compiled, true)),
            Err(key) => key,
        };

        let compiled = self.compile(model, dialect, variables, access)?;
        cache.insert_plan(key, &shape, &compiled);
        Ok((compiled, false))
    }

    fn compile(
        &self,
        model: &Model,
        dialect: &Dialect,
        variables: &Variables,
        access: Access<'_>,
    ) -> Result<Arc<Compiled>, AnswerError> {
        let limits = model.limits();
        let collector = Collector {
            fragments: &self.document.fragments,
            variables,
            bounds: limits.bounds(),
        };
        let fields = collector
            .fields(&self.definition.selection_set.node)
            .map_err(AnswerError::from)?;
        check_fields(&fields, &limits).map_err(AnswerError::from)?;

        let known = |field: &&Selected| field.name == "__typename" || model.root(&field.name).is_some();
        let (planned, type_name): (Vec<Selected>, _) = if self.is_query() {
            (fields.iter().filter(known).cloned().collect(), "Query")
        } else {
            (Vec::new(), "Mutation")
        };

        let plan = PlanBuilder::new(model, dialect, access)
            .operation(&planned, type_name)
            .map_err(AnswerError::from)?;
        let query = CompiledPlan::new(plan, dialect);
        let plan = &query.plan;

        let mut writes = Vec::new();
        if self.definition.ty == OperationType::Mutation {
            for field in &fields {
                if let Some(mutation) = model.mutation(&field.name) {
                    let write = PlannedWrite::new(model, dialect, access, mutation, field);
                    writes.push(write.map_err(|error| AnswerError::from(error.at(field.position)))?);
                }
            }
        }
        let is_plain = |write: &PlannedWrite| {
            write
                .selection
                .plan
                .levels
                .iter()
                .all(|level| level.computed_fields.is_empty())
        };
        if !writes.is_empty() && writes.len() == fields.len() && writes.iter().all(is_plain) {
            let (tables, extended) = (Vec::new(), Vec::new());
            return Ok(Arc::new(Compiled {
                query,
                complete: true,
                fields,
                tables,
                extended,
                writes,
            }));
        }
        let extended = computed_field_nodes(plan, &self.definition.selection_set.node, &self.document.fragments);
        let complete = planned.len() == fields.len() && extended.iter().all(Vec::is_empty);

        let tables: BTreeSet<String> = plan
            .levels
            .iter()
            .flat_map(|level| &level.select.tables)
            .map(|table| table_key(table))
            .collect();

        Ok(Arc::new(Compiled {
            query,
            complete,
            fields,
            tables: tables.into_iter().collect(),
            extended,
            writes,
        }))
    }
}

impl Compiled {
    /// The texts of the statements that answer its queries.
    pub(in crate::graphql) fn statements(&self) -> Vec<String> {
        self.query
            .statements
            .iter()
            .map(|statement| statement.sql.to_string())
            .collect()
    }
}

impl From<SelectionError> for AnswerError {
    fn from(error: SelectionError) -> Self {
        let mut answer = Self::new(error.message, error.code);
        answer.location = Some(error.position);
        answer
    }
}

impl From<PlanError> for AnswerError {
    fn from(error: PlanError) -> Self {
        let mut answer = Self::new(error.message, error.code);
        answer.location = error.position;
        answer
    }
}

//! Computed fields: fields of a table's type that Rust code computes for each row, all rows concurrently.

use std::collections::HashMap;

use async_graphql::parser::types::{Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Context, Name, OutputType, Pos, Positioned, ServerResult, Value};
use futures_util::future::join_all;

use crate::graphql::answer::AnswerError;
use crate::graphql::answer::failure::server_error;
use crate::graphql::types::computed_field::FieldResolver;
use meta::Table;
use plan::Plan;
use plan::answer::{ComputedValue, Executed, Projection};
use plan::json::write_selected;
use plan::selection::{Bounds, Collector};
use plan::value::BindValue;
use plan::value::Row as _;
use rows::{FromCell, ReadError};

/// A column of a projection as a Rust value.
pub fn project<T: FromCell>(projection: &Projection, table: &Table, at: usize, column: usize) -> Result<T, ReadError> {
    let meta = &table.columns[column];
    let fail = |reason: String| ReadError {
        table: table.name,
        column: meta.name,
        reason,
    };

    let cell = projection
        .cell(at, meta.kind)
        .map_err(|error| fail(error.to_string()))?;
    T::from_cell(&cell, meta.kind).map_err(fail)
}

/// Resolves a computed field's result with the client's selection.
pub async fn compute_value<T: OutputType>(context: &Context<'_>, value: T) -> ServerResult<Value> {
    let selection = context.with_selection_set(&context.item.node.selection_set);
    value.resolve(&selection, context.item).await
}

/// The document's fields for a plan's computed fields: a list for each level, in the level's order.
pub(in crate::graphql) fn computed_field_nodes(
    plan: &Plan,
    set: &SelectionSet,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
) -> Vec<Vec<Positioned<Field>>> {
    let find = |positions: &[Pos]| {
        let mut found: Vec<&Positioned<Field>> = Vec::new();
        fields_at(set, positions, &mut found);
        #[expect(clippy::iter_over_hash_type, reason = "a position is found in one place only")]
        for fragment in fragments.values() {
            fields_at(&fragment.node.selection_set.node, positions, &mut found);
        }

        // Mentions with the same response key are one field, which selects what any of them selects.
        let (first, others) = found
            .split_first()
            .expect("invariant: a planned field is in the document");
        let mut field = (*first).clone();
        for other in others {
            field
                .node
                .selection_set
                .node
                .items
                .extend(other.node.selection_set.node.items.iter().cloned());
        }
        field
    };

    plan.levels
        .iter()
        .map(|level| {
            level
                .computed_fields
                .iter()
                .map(|extended| find(&extended.positions))
                .collect()
        })
        .collect()
}

fn fields_at<'s>(set: &'s SelectionSet, positions: &[Pos], found: &mut Vec<&'s Positioned<Field>>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                if positions.contains(&field.pos) {
                    found.push(field);
                }
                fields_at(&field.node.selection_set.node, positions, found);
            }
            Selection::InlineFragment(fragment) => fields_at(&fragment.node.selection_set.node, positions, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// The values of a plan's computed fields, and the errors found.
#[derive(Default)]
pub(in crate::graphql) struct ComputedFields {
    /// For each level, in the order of its projections.
    pub(in crate::graphql) values: Vec<Vec<ComputedValue>>,
    pub(in crate::graphql) errors: Vec<AnswerError>,
}

/// Computes all fields of all rows concurrently, so that a `DataLoader` can batch their keys.
pub(in crate::graphql) async fn compute_fields(
    context: &Context<'_>,
    plan: &Plan,
    fields: &[Vec<Positioned<Field>>],
    executed: &Executed,
    values: &[BindValue],
) -> ComputedFields {
    let mut computed = ComputedFields::default();
    if plan.levels.iter().all(|level| level.computed_fields.is_empty()) {
        return computed;
    }
    let Ok(parts) = context.data::<std::sync::Arc<crate::graphql::parts::EngineParts>>() else {
        return computed;
    };

    let env = context.query_env;
    let collector = Collector {
        fragments: &env.fragments,
        variables: &env.variables,
        bounds: Bounds::UNLIMITED,
    };

    let mut running = Vec::new();
    for (level, projections) in executed.projections().enumerate() {
        computed
            .values
            .push(projections.iter().map(|_| ComputedValue::default()).collect());
        for (at, (used, projection)) in projections.iter().enumerate() {
            let field = &fields[level][*used];
            let extension = parts.resolvers[plan.levels[level].computed_fields[*used].computed_field];
            running.push(async move {
                (
                    level,
                    at,
                    field,
                    compute_one(context, field, extension, projection).await,
                )
            });
        }
    }

    for (level, at, field, outcome) in join_all(running).await {
        let mut json = Vec::new();
        let mut missing = false;
        match outcome {
            Ok(value) => {
                let below = collector.fields(&field.node.selection_set.node).unwrap_or_default();
                write_selected(&value, &below, &mut json);
            }
            Err(Failure { mut error, nullable }) => {
                missing = !nullable;
                json.extend_from_slice(b"null");
                let path = executed.projection_path(plan, values, level, at);
                let below: Vec<String> = error.path.split_off(error.path.len().min(1));
                error.path = path.iter().map(ToString::to_string).chain(below).collect();
                computed.errors.push(error);
            }
        }
        computed.values[level][at] = ComputedValue { json, missing };
    }

    computed
}

struct Failure {
    error: AnswerError,
    nullable: bool,
}

async fn compute_one(
    context: &Context<'_>,
    field: &Positioned<Field>,
    resolver: &FieldResolver,
    projection: &Projection,
) -> Result<Value, Failure> {
    let context = context.with_field(field);
    let ty = context.schema_env.registry.types.get(resolver.meta.type_name);
    let nullable = ty
        .and_then(|ty| ty.field_by_name(resolver.meta.field))
        .is_some_and(|field| !field.ty.ends_with('!'));

    let fail = |error: AnswerError| Failure { error, nullable };
    let running = (resolver.compute)(projection, &context).map_err(|cause| {
        tracing::error!(%cause, "a row could not be read for a computed field");
        fail(AnswerError::new(
            "The request failed on the server; its log has the cause",
            "INTERNAL_SERVER_ERROR",
        ))
    })?;

    running
        .await
        .map_err(|error| fail(server_error(error, "INTERNAL_SERVER_ERROR")))
}

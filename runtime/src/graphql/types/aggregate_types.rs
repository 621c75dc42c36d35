//! The GraphQL types of aggregates.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::Registry;

use crate::graphql::types::descriptions;
use crate::graphql::types::meta_types::field;
use crate::graphql::types::meta_types::object;
use crate::graphql::types::scalars;
use plan::model::ResolvedTable;
use plan::{Aggregate, aggregate_type, function_type};

/// Adds a table's aggregate type and returns its name.
pub(in crate::graphql) fn register_aggregate(registry: &mut Registry, entity: &ResolvedTable) -> String {
    let name = aggregate_type(entity);
    if registry.types.contains_key(&name) {
        return name;
    }

    let mut fields = IndexMap::new();
    fields.insert(
        "count".to_owned(),
        field("count", Some("Number of rows."), "Int!".into()),
    );

    for &function in Aggregate::ALL {
        let mut columns = IndexMap::new();
        for column in entity
            .table
            .columns
            .iter()
            .filter(|column| !column.is_id && function.takes(column.kind))
        {
            let scalar = function.kind(column.kind).scalar();
            scalars::register(registry, scalar);
            columns.insert(column.field.to_owned(), field(column.field, None, scalar.to_owned()));
        }

        if columns.is_empty() {
            continue;
        }

        let ty = function_type(entity, function);
        registry.types.insert(
            ty.clone(),
            object(&ty, Some(&descriptions::aggregate(function)), columns),
        );
        fields.insert(
            function.name().to_owned(),
            field(
                function.name(),
                Some(&descriptions::aggregate(function)),
                format!("{ty}!"),
            ),
        );
    }

    let description = format!("Aggregates over `{}`.", entity.table.name);
    registry
        .types
        .insert(name.clone(), object(&name, Some(&description), fields));

    name
}

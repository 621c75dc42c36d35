//! The inputs of lists: a filter for each table, and operators for each scalar.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaInputValue, Registry};

use crate::graphql::types::descriptions;
use crate::graphql::types::meta_types::argument;
use crate::graphql::types::meta_types::enumeration;
use crate::graphql::types::meta_types::input_object;
use crate::graphql::types::operators::register_operators;
use meta::{Cardinality, Column, Kind};
use plan::model::{EntityId, Link, Model, ResolvedTable};
use plan::{Aggregate, function_type};

/// The name of a table's filter: `ProductFilter`.
pub(in crate::graphql) fn filter_name(type_name: &str) -> String {
    format!("{type_name}Filter")
}

pub(in crate::graphql) type Fields = IndexMap<String, MetaInputValue>;

/// Adds a field to an input.
pub(in crate::graphql) fn add(fields: &mut Fields, name: &str, description: Option<&str>, ty: &str) {
    fields.extend([argument(name, description, ty, None)]);
}

/// The name of the enumeration of a table's columns, for `by` and `distinctOn`: `ProductColumn`.
pub(in crate::graphql) fn column_enum(type_name: &str) -> String {
    format!("{type_name}Column")
}

/// Registers the enumeration of a table's sortable columns.
pub(in crate::graphql) fn register_column_enum(registry: &mut Registry, entity: &ResolvedTable) {
    let name = column_enum(entity.table.type_name);
    registry.types.entry(name.clone()).or_insert_with(|| {
        let columns = entity
            .table
            .columns
            .iter()
            .filter(|column| column.is_sortable())
            .map(|column| column.field);
        enumeration(
            &name,
            Some(&format!("The columns of `{}`.", entity.table.name)),
            columns,
        )
    });
}

/// Registers the conditions on a table's groups and returns the name of their type.
pub(in crate::graphql) fn register_having(registry: &mut Registry, entity: &ResolvedTable) -> String {
    let type_name = entity.table.type_name;
    let name = format!("{type_name}Having");
    if registry.types.contains_key(&name) {
        return name;
    }

    let count = Column::new("count", "count", Kind::Int32);
    let mut fields = Fields::new();
    let operators = register_operators(registry, &count);
    add(
        &mut fields,
        "count",
        Some("Condition on the number of rows."),
        &operators,
    );

    for_functions(entity, |function, columns| {
        let mut inner = Fields::new();
        for column in columns {
            let result = Column {
                is_id: false,
                kind: function.kind(column.kind),
                ..*column
            };
            let operators = register_operators(registry, &result);
            add(&mut inner, column.field, None, &operators);
        }

        let ty = format!("{}Having", function_type(entity, function));
        registry.types.insert(ty.clone(), input_object(&ty, None, inner));
        add(
            &mut fields,
            function.name(),
            Some(&descriptions::aggregate(function)),
            &ty,
        );
    });

    let description = format!(
        "Conditions on groups of `{}`. All given conditions must hold.",
        entity.table.name
    );
    registry
        .types
        .insert(name.clone(), input_object(&name, Some(&description), fields));

    name
}

/// Calls `take` with each aggregate function and the columns that support it.
pub(in crate::graphql) fn for_functions(entity: &ResolvedTable, mut visit: impl FnMut(Aggregate, Vec<&Column>)) {
    for &function in Aggregate::ALL {
        let columns: Vec<&Column> = entity
            .table
            .columns
            .iter()
            .filter(|column| !column.is_id && function.takes(column.kind))
            .collect();
        if !columns.is_empty() {
            visit(function, columns);
        }
    }
}

/// Registers the filter of a table and the filters of its related tables.
pub(in crate::graphql) fn register_filter(registry: &mut Registry, model: &Model, index: EntityId) {
    let entity = model.entity(index);
    let name = filter_name(entity.table.type_name);
    if registry.types.contains_key(&name) {
        return;
    }

    registry
        .types
        .insert(name.clone(), input_object(&name, None, Fields::new()));

    let mut fields = Fields::new();
    for column in entity.table.columns {
        let operators = register_operators(registry, column);
        add(&mut fields, column.field, column.description, &operators);
    }

    for &Link { relation, target, .. } in &entity.relations {
        register_filter(registry, model, target);
        let target = filter_name(model.entity(target).table.type_name);
        if relation.cardinality == Cardinality::Many {
            let list = register_list_filter(registry, &target);
            add(
                &mut fields,
                relation.field,
                Some("Conditions on the related rows."),
                &list,
            );
        } else {
            add(
                &mut fields,
                relation.field,
                Some("Conditions on the related row."),
                &target,
            );
        }
    }

    add(
        &mut fields,
        "and",
        Some("All conditions must hold. An empty list matches every row."),
        &format!("[{name}!]"),
    );
    add(
        &mut fields,
        "or",
        Some("At least one must hold. An empty list matches nothing."),
        &format!("[{name}!]"),
    );
    add(&mut fields, "not", Some("The condition must not hold."), &name);

    let description = format!(
        "Conditions on rows of `{}`. All given conditions must hold.",
        entity.table.name
    );
    registry
        .types
        .insert(name.clone(), input_object(&name, Some(&description), fields));
}

/// Registers `some`, `none`, `every` and `count` of a to-many field and returns the name of their type.
fn register_list_filter(registry: &mut Registry, target: &str) -> String {
    let name = format!("{}ListFilter", target.strip_suffix("Filter").unwrap_or(target));
    if !registry.types.contains_key(&name) {
        let mut fields = Fields::new();
        add(
            &mut fields,
            "some",
            Some("At least one related row must match."),
            target,
        );
        add(&mut fields, "none", Some("No related row may match."), target);
        add(
            &mut fields,
            "every",
            Some("Every related row must match; true if there are none."),
            target,
        );

        let count = Column::new("count", "count", Kind::Int32);
        let operators = register_operators(registry, &count);
        add(
            &mut fields,
            "count",
            Some("Condition on the number of related rows."),
            &operators,
        );
        registry.types.insert(name.clone(), input_object(&name, None, fields));
    }
    name
}

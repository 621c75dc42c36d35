//! The orders of lists: one type for a table's rows, and one for its groups. Each value has one key (`@oneOf`), because
//! the keys of an input object have no order.

use async_graphql::registry::Registry;

use crate::graphql::types::descriptions;
use crate::graphql::types::list_inputs::Fields;
use crate::graphql::types::list_inputs::add;
use crate::graphql::types::list_inputs::for_functions;
use crate::graphql::types::meta_types::enumeration;
use crate::graphql::types::meta_types::one_of;
use meta::Cardinality;
use plan::model::{EntityId, Link, Model, ResolvedTable};
use plan::{DIRECTIONS, count_name, function_type};

/// The name of a table's order: `ProductOrderBy`.
pub(in crate::graphql) fn order_name(type_name: &str) -> String {
    format!("{type_name}OrderBy")
}

/// Registers the order of a table's groups and returns its name.
pub(in crate::graphql) fn register_group_order(registry: &mut Registry, entity: &ResolvedTable) -> String {
    let type_name = entity.table.type_name;
    let name = format!("{type_name}GroupOrderBy");
    if registry.types.contains_key(&name) {
        return name;
    }

    register_direction(registry);
    let mut fields = Fields::new();

    let mut key = Fields::new();
    for column in entity.table.columns.iter().filter(|column| column.is_sortable()) {
        add(&mut key, column.field, None, "OrderDirection");
    }
    let key_name = format!("{type_name}GroupKeyOrderBy");
    registry.types.insert(key_name.clone(), one_of(&key_name, None, key));

    add(&mut fields, "key", Some("Order by a column of `by`."), &key_name);
    add(
        &mut fields,
        "count",
        Some("Order by the number of rows."),
        "OrderDirection",
    );

    for_functions(entity, |function, columns| {
        let mut inner = Fields::new();
        for column in columns {
            add(&mut inner, column.field, None, "OrderDirection");
        }

        let ty = format!("{}OrderBy", function_type(entity, function));
        registry.types.insert(ty.clone(), one_of(&ty, None, inner));
        add(
            &mut fields,
            function.name(),
            Some(&descriptions::aggregate(function)),
            &ty,
        );
    });

    let description = format!(
        "Order of groups of `{}`. Give exactly one key; use a list for several keys.",
        entity.table.name
    );
    registry
        .types
        .insert(name.clone(), one_of(&name, Some(&description), fields));

    name
}

fn register_direction(registry: &mut Registry) {
    registry.types.entry("OrderDirection".to_owned()).or_insert_with(|| {
        let description = "Sort direction. Nulls sort as the largest value unless stated.";
        enumeration(
            "OrderDirection",
            Some(description),
            DIRECTIONS.iter().map(|direction| direction.0),
        )
    });
}

/// Registers the order of a table and the orders of its related tables.
pub(in crate::graphql) fn register_order(registry: &mut Registry, model: &Model, index: EntityId) {
    let entity = model.entity(index);
    let name = order_name(entity.table.type_name);
    if registry.types.contains_key(&name) {
        return;
    }
    register_direction(registry);
    registry.types.insert(name.clone(), one_of(&name, None, Fields::new()));

    let mut fields = Fields::new();
    for column in entity.table.columns.iter().filter(|column| column.is_sortable()) {
        add(&mut fields, column.field, None, "OrderDirection");
    }

    for &Link { relation, target, .. } in &entity.relations {
        if relation.cardinality == Cardinality::Many {
            let count = count_name(relation.field);
            if !fields.contains_key(&count) {
                add(
                    &mut fields,
                    &count,
                    Some("Order by the number of related rows."),
                    "OrderDirection",
                );
            }
        } else if model.entity(target).is_orderable() {
            register_order(registry, model, target);
            add(
                &mut fields,
                relation.field,
                Some("Order by the fields of the related row."),
                &order_name(model.entity(target).table.type_name),
            );
        }
    }

    let description = format!(
        "Order of rows of `{}`. Give exactly one key; use a list for several keys.",
        entity.table.name
    );
    registry
        .types
        .insert(name.clone(), one_of(&name, Some(&description), fields));
}

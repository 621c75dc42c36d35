//! The inputs of mutations: rows to create and update, links to related rows, keys of conflicts.

use crate::graphql::types::kind_inputs::register_kind_input;
use crate::graphql::types::kinds::register_kind;
use crate::graphql::types::meta_types::argument;
use crate::graphql::types::meta_types::enumeration;
use crate::graphql::types::meta_types::input_object;
use crate::graphql::types::mutation_names::{unique_key_enum, unique_key_name, unique_keys};
use crate::graphql::types::scalars;
use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaInputValue, Registry};
use meta::{Column, Table};
use plan::model::{EntityId, Link, Model, ResolvedTable};

type Fields = IndexMap<String, MetaInputValue>;

/// Registers the input of a new row (`creating`) or of a row's new values, and returns its name.
pub(in crate::graphql) fn register_input(
    registry: &mut Registry,
    model: &Model,
    index: EntityId,
    creating: bool,
) -> String {
    let entity = model.entity(index);
    let table = entity.table;
    let name = format!(
        "{}{}",
        table.type_name,
        if creating { "CreateInput" } else { "UpdateInput" }
    );
    if registry.types.contains_key(&name) {
        return name;
    }
    registry
        .types
        .insert(name.clone(), input_object(&name, None, Fields::new()));

    let mut fields = Fields::new();
    for (at, column) in table.columns.iter().enumerate().filter(|(_, column)| column.is_input()) {
        let required = creating && is_required(entity, at, column);
        let ty = format!("{}{}", input_type(registry, column), if required { "!" } else { "" });
        fields.extend([argument(column.field, column.description, &ty, None)]);
    }

    for link in &entity.relations {
        let Some(ty) = register_link(registry, model, *link) else {
            continue;
        };
        let ty = if link.relation.cardinality.is_many() {
            format!("[{ty}!]")
        } else {
            ty
        };
        // A column of the same name takes precedence.
        let (name, value) = argument(link.relation.field, Some("Changes to the related rows."), &ty, None);
        fields.entry(name).or_insert(value);
    }

    let description = if creating {
        format!("A new row of `{}`. Omitted fields take their defaults.", table.name)
    } else {
        format!(
            "New values of a row of `{}`. Omitted fields keep their values; `null` writes NULL.",
            table.name
        )
    };

    registry
        .types
        .insert(name.clone(), input_object(&name, Some(&description), fields));
    name
}

/// Whether the input of a new row must have a column. A column that a relation or a policy's preset may set instead is
/// checked when the row is written.
fn is_required(entity: &ResolvedTable, at: usize, column: &Column) -> bool {
    let by_relation = entity
        .relations
        .iter()
        .any(|link| link.relation.holds_key && link.relation.pairs.iter().any(|(here, _)| *here == at));

    let by_rule = entity
        .table
        .policies
        .iter()
        .any(|policy| policy.preset.iter().any(|(preset, _)| *preset == at));

    !column.has_default && !column.nullable && !by_relation && !by_rule
}

fn input_type(registry: &mut Registry, column: &Column) -> String {
    let scalar = if column.kind.is_object() {
        None
    } else {
        Some(column.scalar())
    };

    if let Some(scalar) = scalar {
        register_kind(registry, column.kind);
        scalars::register(registry, scalar);
    }

    let name = scalar.map_or_else(|| register_kind_input(registry, column.kind.innermost()), str::to_owned);
    column.kind.list_type(&name)
}

/// Registers the input that changes a relation's rows and returns its name; `None` if nothing can be changed.
fn register_link(registry: &mut Registry, model: &Model, link: Link) -> Option<String> {
    let target = model.entity(link.target).table;
    let operations = target.actions;
    let through = link.through.map(|(table, _)| table.actions);
    let create = operations.create && through.is_none_or(|through| through.create);
    let (connect, disconnect) = match through {
        Some(through) => (through.create, through.delete),
        None if link.relation.holds_key => (true, true),
        None => (operations.update, operations.update),
    };

    // Rows are connected and disconnected by a key.
    let has_key = !target.primary_key.is_empty() || !target.unique_keys.is_empty();
    let (connect, disconnect) = (connect && has_key, disconnect && has_key);
    if !create && !connect && !disconnect {
        return None;
    }

    let many = link.relation.cardinality.is_many();
    let kind = match (link.relation.holds_key, many, through.is_some()) {
        (true, ..) => "LinkInput",
        (false, false, _) => "ChildInput",
        (false, true, false) => "ChildrenInput",
        (false, true, true) => "JoinedInput",
    };

    let name = format!("{}{kind}", target.type_name);
    if registry.types.contains_key(&name) {
        return Some(name);
    }

    registry
        .types
        .insert(name.clone(), input_object(&name, None, Fields::new()));
    let mut fields = Fields::new();

    if create {
        let input = register_input(registry, model, link.target, true);
        fields.extend([argument("create", Some("Create a new row."), &input, None)]);
    }

    if has_key && (connect || disconnect) {
        let key = register_key(registry, target);
        if connect {
            fields.extend([argument("connect", Some("Connect an existing row."), &key, None)]);
        }
        if disconnect && link.relation.holds_key {
            fields.extend([argument(
                "disconnect",
                Some("`true` disconnects the related row."),
                "Boolean",
                None,
            )]);
        } else if disconnect {
            fields.extend([argument("disconnect", Some("Disconnect a related row."), &key, None)]);
        }
        if connect && disconnect && many {
            fields.extend([argument(
                "set",
                Some("Connect exactly these rows and disconnect all others."),
                &format!("[{key}!]"),
                None,
            )]);
        }
    }

    let description = format!(
        "A change to a related row of `{}`. Give exactly one field.",
        target.name
    );
    registry
        .types
        .insert(name.clone(), input_object(&name, Some(&description), fields));

    Some(name)
}

fn register_key(registry: &mut Registry, table: &Table) -> String {
    let name = format!("{}KeyInput", table.type_name);
    if !registry.types.contains_key(&name) {
        let mut fields = Fields::new();
        for &column in table
            .primary_key
            .iter()
            .chain(table.unique_keys.iter().copied().flatten())
        {
            let column = &table.columns[column];
            register_kind(registry, column.kind);
            scalars::register(registry, column.scalar());
            fields.extend([argument(column.field, column.description, column.scalar(), None)]);
        }

        let description = format!(
            "Identifies a row of `{}`. Give all columns of one of its keys.",
            table.name
        );
        registry
            .types
            .insert(name.clone(), input_object(&name, Some(&description), fields));
    }
    name
}

pub(in crate::graphql) fn register_conflict(registry: &mut Registry, table: &Table) {
    let name = format!("{}Conflict", table.type_name);
    if registry.types.contains_key(&name) {
        return;
    }

    let keys = unique_key_enum(table);
    let names: Vec<String> = unique_keys(table)
        .into_iter()
        .map(|key| unique_key_name(table, key))
        .collect();
    let description = format!("The unique keys of `{}`.", table.name);
    registry.types.insert(
        keys.clone(),
        enumeration(&keys, Some(&description), names.iter().map(String::as_str)),
    );

    let columns = format!("{}InputColumn", table.type_name);
    let fields = table
        .columns
        .iter()
        .filter(|column| column.is_input())
        .map(|column| column.field);
    let description = format!("The columns of `{}` that can be written.", table.name);
    registry
        .types
        .insert(columns.clone(), enumeration(&columns, Some(&description), fields));

    let mut fields = Fields::new();
    let update = "Columns to update in an existing row; all columns of the input if omitted.";
    fields.extend([
        argument(
            "key",
            Some("The key that identifies an existing row."),
            &format!("{keys}!"),
            None,
        ),
        argument("update", Some(update), &format!("[{columns}!]"), None),
    ]);

    let description = format!("What to do if a row of `{}` with the same key exists.", table.name);
    registry
        .types
        .insert(name.clone(), input_object(&name, Some(&description), fields));
}

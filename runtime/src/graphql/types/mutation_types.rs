//! The mutation root's generated fields, their inputs and their payloads, from metadata.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaField, MetaInputValue, Registry};

use crate::graphql::types::entity::register_entity;
use crate::graphql::types::kinds::register_kind;
use crate::graphql::types::list_inputs::filter_name;
use crate::graphql::types::list_inputs::register_filter;
use crate::graphql::types::list_inputs::register_kind_input;
use crate::graphql::types::meta_types::argument;
use crate::graphql::types::meta_types::enumeration;
use crate::graphql::types::meta_types::field;
use crate::graphql::types::meta_types::input_object;
use crate::graphql::types::meta_types::object;
use crate::graphql::types::scalars;
use meta::{Column, Table};
use plan::model::{EntityId, Link, Model, MutationKind, ResolvedTable, mutations};
use rows::write::ErrorCode;

type Fields = IndexMap<String, MetaInputValue>;

/// The name of the payload's field with the written rows.
pub(in crate::graphql) fn payload_field(table: &Table, kind: MutationKind) -> String {
    let name = if kind.is_many() { table.many } else { table.one };
    if matches!(name, "success" | "errors" | "affectedCount") {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// The payload's type: `CreateProductPayload`.
pub(in crate::graphql) fn payload_type(mutation: &str) -> String {
    let (first, rest) = mutation.split_at(1);
    format!("{}{rest}Payload", first.to_uppercase())
}

/// The enumeration of a table's keys: `ProductUniqueKey`.
fn unique_key_enum(table: &Table) -> String {
    format!("{}UniqueKey", table.type_name)
}

/// A key's name in that enumeration: `ID`, `PRODUCT_ID_USER_ID`.
pub(in crate::graphql) fn unique_key_name(table: &Table, key: &[usize]) -> String {
    let names = key.iter().map(|&column| {
        let mut name = String::new();
        for character in table.columns[column].field.chars() {
            if character.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(character.to_uppercase());
        }
        name
    });
    names.collect::<Vec<_>>().join("_")
}

/// The keys by which a row can be upserted, each once: their columns are all inputs.
pub(in crate::graphql) fn unique_keys(table: &Table) -> Vec<&'static [usize]> {
    let all = std::iter::once(table.primary_key).chain(table.unique_keys.iter().copied());
    all.filter(|key| !key.is_empty() && key.iter().all(|&column| table.columns[column].is_input()))
        .collect()
}

/// The mutation root's fields for all tables of a model.
pub(in crate::graphql) fn mutation_root_fields(registry: &mut Registry, model: &Model) -> IndexMap<String, MetaField> {
    let mut fields = IndexMap::new();
    for (index, entity) in model.entities_with_ids() {
        for (name, kind) in mutations(entity.table) {
            if model
                .mutation(&name)
                .is_some_and(|known| known.entity == index && known.kind == kind)
            {
                let field = mutation(registry, model, index, &name, kind);
                fields.insert(name, field);
            }
        }
    }
    fields
}

fn mutation(registry: &mut Registry, model: &Model, index: EntityId, name: &str, kind: MutationKind) -> MetaField {
    let table = model.entity(index).table;
    let one = table.type_name;
    let description = match kind {
        MutationKind::Create => format!("Creates a row of `{}`.", table.name),
        MutationKind::CreateMany => format!("Creates rows of `{}`, all or none.", table.name),
        MutationKind::Update => format!("Updates a row of `{}`; omitted fields keep their values.", table.name),
        MutationKind::UpdateMany => format!("Updates all rows of `{}` that match the filter.", table.name),
        MutationKind::Upsert => format!("Updates the row of `{}` with the same key, or creates it.", table.name),
        MutationKind::Delete => format!("Deletes a row of `{}` and returns it.", table.name),
        MutationKind::Call { function, .. } => {
            let function = table.functions[function];
            let usual = || format!("Calls the function `{}`.", function.name.name);
            function.description.map_or_else(usual, str::to_owned)
        }
        MutationKind::DeleteMany => format!("Deletes all rows of `{}` that match the filter.", table.name),
    };

    let payload = register_payload(registry, model, index, name, kind);
    let mut field = field(name, Some(&description), format!("{payload}!"));
    let mut add = |name: &str, description: Option<&str>, ty: &str| {
        field.args.extend([argument(name, description, ty, None)]);
    };

    match kind {
        MutationKind::Create => {
            register_input(registry, model, index, true);
            add("input", Some("The new row."), &format!("{one}CreateInput!"));
        }
        MutationKind::CreateMany => {
            register_input(registry, model, index, true);
            add("inputs", Some("The new rows."), &format!("[{one}CreateInput!]!"));
        }
        MutationKind::Upsert => {
            register_input(registry, model, index, true);
            register_conflict(registry, table);
            add("input", Some("The new row."), &format!("{one}CreateInput!"));
            add(
                "onConflict",
                Some("What to do if the row already exists."),
                &format!("{one}Conflict!"),
            );
        }
        MutationKind::Update | MutationKind::Delete => {
            for &column in table.primary_key {
                let column = &table.columns[column];
                add(column.field, column.description, &format!("{}!", column.scalar()));
            }
        }
        MutationKind::Call { function, .. } => {
            for given in table.functions[function].arguments {
                let ty = crate::graphql::types::list_inputs::argument_type(registry, given);
                add(given.field, None, &ty);
            }
        }
        MutationKind::UpdateMany | MutationKind::DeleteMany => {
            register_filter(registry, model, index);
            add(
                "filters",
                Some("Conditions that the rows must meet."),
                &format!("{}!", filter_name(one)),
            );
            add(
                "confirmAll",
                Some("Must be `true` if the filter is empty, because it then matches every row."),
                "Boolean",
            );
        }
    }

    if matches!(kind, MutationKind::Update | MutationKind::UpdateMany) {
        register_input(registry, model, index, false);
        add("input", Some("The new values."), &format!("{one}UpdateInput!"));
    }

    field
}

fn register_payload(registry: &mut Registry, model: &Model, index: EntityId, name: &str, kind: MutationKind) -> String {
    let table = model.entity(index).table;
    register_entity(registry, model, index);
    register_error(registry);
    let payload = payload_type(name);

    let mut fields = IndexMap::new();
    let mut add = |name: &str, description: &str, ty: String| {
        fields.insert(name.to_owned(), field(name, Some(description), ty));
    };

    let rows = payload_field(table, kind);
    // Without a primary key the written rows cannot be read back.
    let has_key = !table.primary_key.is_empty();
    if kind.is_many() {
        if has_key {
            add(
                &rows,
                "The affected rows; empty on failure.",
                format!("[{}!]!", table.type_name),
            );
        }
        add("affectedCount", "Number of rows affected.", "Int!".into());
    } else if has_key {
        add(&rows, "The affected row; null on failure.", table.type_name.to_owned());
    }

    add("success", "Whether the change was made.", "Boolean!".into());
    add(
        "errors",
        "Errors the client can fix; empty on success.",
        "[MutationError!]!".into(),
    );

    registry.types.insert(payload.clone(), object(&payload, None, fields));
    payload
}

pub(in crate::graphql) fn register_error(registry: &mut Registry) {
    if registry.types.contains_key("MutationError") {
        return;
    }

    let code = "MutationErrorCode";
    let description = Some("Reasons why a write is refused.");
    registry.types.insert(
        code.into(),
        enumeration(code, description, ErrorCode::ALL.iter().map(|code| code.name())),
    );

    let mut fields = IndexMap::new();
    for (name, description, ty) in [
        (
            "field",
            "Path to the value in the arguments, such as `input.items.0.create.quantity`.",
            "String",
        ),
        ("message", "What is wrong and what to do.", "String!"),
        ("code", "The kind of the error, for programs.", "MutationErrorCode!"),
    ] {
        fields.insert(name.to_owned(), field(name, Some(description), ty.into()));
    }

    let error = object("MutationError", Some("An error that the client can fix."), fields);
    registry.types.insert("MutationError".into(), error);
}

/// Registers the input of a new row (`creating`) or of a row's new values, and returns its name.
fn register_input(registry: &mut Registry, model: &Model, index: EntityId, creating: bool) -> String {
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

fn register_conflict(registry: &mut Registry, table: &Table) {
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

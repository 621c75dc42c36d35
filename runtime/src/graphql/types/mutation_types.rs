//! The mutation root's generated fields, their inputs and their payloads, from metadata.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaField, Registry};

use crate::graphql::types::entity::register_entity;
use crate::graphql::types::list_inputs::filter_name;
use crate::graphql::types::list_inputs::register_filter;
use crate::graphql::types::meta_types::argument;
use crate::graphql::types::meta_types::enumeration;
use crate::graphql::types::meta_types::field;
use crate::graphql::types::meta_types::object;
use crate::graphql::types::mutation_inputs::{register_conflict, register_input};
use crate::graphql::types::mutation_names::{payload_field, payload_type};
use plan::model::{EntityId, Model, MutationKind, mutations};
use rows::write::ErrorCode;

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
                let ty = crate::graphql::types::kind_inputs::argument_type(registry, given);
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

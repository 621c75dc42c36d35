//! Resolves name clashes by fixed rules; most changes are reported as warnings.

use std::collections::BTreeSet;

use super::derived::{is_derived, is_derived_root};
use super::{Composite, Diagnostic, Entity, Enum, GraphqlName, RustName};
use crate::text::toml_key;

/// Makes the field names of a type unique. The first field keeps its name: columns come before relations, each in the
/// order in which a table grows. Later ones get a suffix, `Value` for columns, `Row` for to-one and `List` for to-many
/// fields, and a number if that is not enough. So a new field never takes the name of an existing one.
pub(super) fn make_field_names_unique(entity: &mut Entity, diagnostics: &mut Vec<Diagnostic>) {
    rename_reserved_fields(entity, diagnostics);
    make_rust_fields_unique(entity);

    let columns = entity.columns.iter().map(|field| &field.graphql);
    let names = columns.chain(entity.relations.iter().map(|relation| &relation.graphql));
    let all: BTreeSet<String> = names.map(|name| name.as_str().to_owned()).collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut parted: Vec<(GraphqlName, GraphqlName)> = Vec::new();

    let mut part = |name: &mut GraphqlName, suffix: &str| {
        if taken.insert(name.as_str().to_owned()) {
            return;
        }
        let mut other = name.suffixed(suffix);
        let mut number = 2;
        while all.contains(other.as_str()) || !taken.insert(other.as_str().to_owned()) {
            other = name.suffixed(&format!("{suffix}{number}"));
            number += 1;
        }
        parted.push((name.clone(), other.clone()));
        *name = other;
    };

    for field in &mut entity.columns {
        part(&mut field.graphql, "Value");
    }
    for relation in &mut entity.relations {
        part(&mut relation.graphql, if relation.to_many { "List" } else { "Row" });
    }

    diagnostics.extend(parted.into_iter().map(|(name, other)| {
        Diagnostic::warning(
            format!(
                "several fields of `{}` would be named `{name}`; one of them becomes `{other}`",
                entity.type_name
            ),
            format!(
                "`[tables.{}.columns.COLUMN] name = \"...\"` renames a column",
                toml_key(&entity.table.name)
            ),
        )
    }));
}

/// Names that a column's field cannot have. A filter has its own fields `and`, `or` and `not`, and the enumeration of
/// the columns cannot have the values `true`, `false` and `null` (section 3.9 of the GraphQL specification).
const RESERVED_FIELDS: &[&str] = &["and", "or", "not", "true", "false", "null"];

/// Appends `Value` to the fields of columns whose names are reserved.
fn rename_reserved_fields(entity: &mut Entity, diagnostics: &mut Vec<Diagnostic>) {
    for field in entity
        .columns
        .iter_mut()
        .filter(|field| RESERVED_FIELDS.contains(&field.graphql.as_str()))
    {
        let parted = field.graphql.suffixed("Value");
        diagnostics.push(Diagnostic::warning(
            format!(
                "the field `{}` of `{}` would have a reserved name; it becomes `{parted}`",
                field.graphql, entity.type_name
            ),
            format!(
                "`[tables.{}.columns.{}] name = \"...\"` renames it",
                toml_key(&entity.table.name),
                toml_key(&field.column)
            ),
        ));
        field.graphql = parted;
    }
}

/// Makes the Rust field names of the columns unique.
fn make_rust_fields_unique(entity: &mut Entity) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for field in &mut entity.columns {
        while !taken.insert(field.rust.as_str().to_owned()) {
            field.rust = field.rust.with_suffix("_");
        }
    }
}

/// Renames tables whose type name is one that the server derives for other tables: they become `...Row`. This holds
/// even if there is no such table, so that adding one later changes no name. Root fields are treated likewise.
fn rename_derived_clashes(entities: &mut [Entity], diagnostics: &mut Vec<Diagnostic>) {
    for entity in entities.iter_mut() {
        if is_derived_root(entity.one.as_str()) || is_derived_root(entity.many.as_str()) {
            entity.one = entity.one.suffixed("Row");
            entity.many = entity.one.suffixed("List");
            diagnostics.push(Diagnostic::warning(
                format!(
                    "table `{}`: its root fields have reserved names; they become `{}` and `{}`",
                    entity.table, entity.one, entity.many
                ),
                format!(
                    "`[tables.{}] name = \"...\"` renames them",
                    toml_key(&entity.table.to_string())
                ),
            ));
        }
    }

    for entity in entities
        .iter_mut()
        .filter(|entity| is_derived(entity.type_name.as_str()))
    {
        let original = entity.type_name.clone();
        entity.type_name = original.suffixed("Row");
        entity.rust = RustName::camel(original.as_str()).with_suffix("Row");
        entity.metadata = RustName::shouty(entity.rust.as_str());
        entity.module = RustName::snake(entity.rust.as_str());
        diagnostics.push(Diagnostic::warning(
            format!(
                "table `{}`: the type name `{original}` is reserved for generated types; it becomes `{}`",
                entity.table, entity.type_name
            ),
            format!(
                "`[tables.{}] name = \"...\"` renames it",
                toml_key(&entity.table.to_string())
            ),
        ));
    }
}

/// Makes the Rust names within each app unique. They may be equal although the GraphQL names differ: `ab` and `a_b`.
pub(super) fn make_rust_items_unique(entities: &mut [Entity]) {
    // One set each for types, statics and modules. Names are compared in lower case: file systems may ignore case.
    let mut taken: [BTreeSet<(usize, String)>; 3] = Default::default();
    for entity in entities {
        let app = entity.app;
        let names = [&mut entity.rust, &mut entity.metadata, &mut entity.module];
        for (name, taken) in names.into_iter().zip(&mut taken) {
            let original = name.clone();
            let mut number = 1;
            while !taken.insert((app, name.as_str().to_lowercase())) {
                number += 1;
                *name = original.with_suffix(&number.to_string());
            }
        }
    }
}

/// Makes type and root field names unique across all apps: a later one whose name is taken gets a suffix.
pub(super) fn make_type_names_unique(
    entities: &mut [Entity],
    enums: &mut [Enum],
    composites: &mut [Composite],
    diagnostics: &mut Vec<Diagnostic>,
) {
    rename_derived_clashes(entities, diagnostics);

    let mut types: BTreeSet<String> = BTreeSet::new();
    let mut roots: BTreeSet<String> = BTreeSet::new();

    for entity in entities {
        let original = entity.type_name.clone();
        let mut number = 1;
        while types.contains(entity.type_name.as_str())
            || roots.contains(entity.one.as_str())
            || roots.contains(entity.many.as_str())
        {
            number += 1;
            // First its own spelling, if that is not the singular; then its namespace; finally a number.
            let exact = GraphqlName::type_name(&entity.table.name);
            let name = match (&entity.namespace, number) {
                (_, 2) if exact != original && !is_derived(exact.as_str()) => exact,
                (Some(namespace), 2 | 3) => original.suffixed(RustName::camel(namespace).as_str()),
                _ => original.suffixed(&number.to_string()),
            };
            entity.type_name = name;
            entity.rust = RustName::camel(entity.type_name.as_str());
            entity.metadata = RustName::shouty(entity.rust.as_str());
            entity.module = RustName::snake(entity.rust.as_str());
            entity.one = GraphqlName::field(entity.type_name.as_str());
            entity.many = entity.one.suffixed("List");
        }

        if number > 1 {
            diagnostics.push(Diagnostic::warning(
                format!(
                    "table `{}`: the name `{original}` is taken; its type becomes `{}`",
                    entity.table, entity.type_name
                ),
                format!(
                    "`[tables.{}] name = \"...\"` renames it",
                    toml_key(&entity.table.to_string())
                ),
            ));
        }

        types.insert(entity.type_name.as_str().to_owned());
        roots.insert(entity.one.as_str().to_owned());
        roots.insert(entity.many.as_str().to_owned());
    }

    for enumeration in enums {
        while is_derived(enumeration.type_name.as_str()) || !types.insert(enumeration.type_name.as_str().to_owned()) {
            enumeration.type_name = enumeration.type_name.suffixed("Enum");
            enumeration.rust = enumeration.rust.with_suffix("Enum");
            enumeration.metadata = enumeration.metadata.with_suffix("_ENUM");
        }
    }

    for composite in composites {
        while is_derived(composite.type_name.as_str()) || !types.insert(composite.type_name.as_str().to_owned()) {
            composite.type_name = composite.type_name.suffixed("Value");
            composite.metadata = composite.metadata.with_suffix("_VALUE");
        }
    }
}

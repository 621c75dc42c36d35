//! Names that came out equal are parted by fixed rules, each with a diagnostic.

use std::collections::BTreeSet;

use super::derived::{is_derived, is_derived_root};
use super::{Composite, Diagnostic, Entity, Enum, GraphqlName, RustName};
use crate::text::toml_key;

/// Of fields of one type that came out with the same name the first keeps it: columns before relations, each in the order
/// in which a table grows. The others get a suffix, `Value` for columns, `Row` for to-one and `List` for to-many fields, and
/// a number where that is not enough. So nothing that is added takes the name of what is there.
pub(super) fn part_fields(entity: &mut Entity, diagnostics: &mut Vec<Diagnostic>) {
    part_from_filters(entity, diagnostics);
    part_rust_names(entity);

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
                "several fields of `{}` would be called `{name}`; one of them is `{other}`",
                entity.type_name
            ),
            format!(
                "`[tables.{}.columns.COLUMN] name = \"...\"` renames a column",
                toml_key(&entity.table.name)
            ),
        )
    }));
}

/// Names that a column's field cannot have: a filter has parts of these names beside its columns, and the enumeration of
/// the columns can have no value `true`, `false` or `null` (section 3.9 of the GraphQL specification).
const RESERVED_FIELDS: &[&str] = &["and", "or", "not", "true", "false", "null"];

/// Columns whose names GraphQL or a filter needs for something else get a suffix.
fn part_from_filters(entity: &mut Entity, diagnostics: &mut Vec<Diagnostic>) {
    for field in entity
        .columns
        .iter_mut()
        .filter(|field| RESERVED_FIELDS.contains(&field.graphql.as_str()))
    {
        let parted = field.graphql.suffixed("Value");
        diagnostics.push(Diagnostic::warning(
            format!(
                "the field `{}` of `{}` would have a reserved name; it is `{parted}`",
                field.graphql, entity.type_name
            ),
            format!(
                "`[tables.{}.columns.{}] name = \"...\"` gives it another name",
                toml_key(&entity.table.name),
                toml_key(&field.column)
            ),
        ));
        field.graphql = parted;
    }
}

/// Columns whose fields in Rust came out with the same name.
fn part_rust_names(entity: &mut Entity) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for field in &mut entity.columns {
        while !taken.insert(field.rust.as_str().to_owned()) {
            field.rust = field.rust.suffixed("_");
        }
    }
}

/// A table with a name that the server gives to a type of another table becomes a `...Row`, whether there is such a table
/// or not: one that is added later changes no name. The same holds for its root fields.
fn part_from_derived(entities: &mut [Entity], diagnostics: &mut Vec<Diagnostic>) {
    for entity in entities.iter_mut() {
        if is_derived_root(entity.one.as_str()) || is_derived_root(entity.many.as_str()) {
            entity.one = entity.one.suffixed("Row");
            entity.many = entity.one.suffixed("List");
            diagnostics.push(Diagnostic::warning(
                format!(
                    "table `{}`: its root fields would be called like those that the server makes; they are `{}` and `{}`",
                    entity.table, entity.one, entity.many
                ),
                format!("`[tables.{}] name = \"...\"` gives them another name", toml_key(&entity.table.to_string())),
            ));
        }
    }
    for entity in entities
        .iter_mut()
        .filter(|entity| is_derived(entity.type_name.as_str()))
    {
        let original = entity.type_name.clone();
        entity.type_name = original.suffixed("Row");
        entity.rust = RustName::camel(original.as_str()).suffixed("Row");
        entity.metadata = RustName::shouty(entity.rust.as_str());
        entity.module = RustName::snake(entity.rust.as_str());
        diagnostics.push(Diagnostic::warning(
            format!(
                "table `{}`: a type `{original}` would be one that the server makes for another table; it is `{}`",
                entity.table, entity.type_name
            ),
            format!(
                "`[tables.{}] name = \"...\"` gives it another",
                toml_key(&entity.table.to_string())
            ),
        ));
    }
}

/// Tables of one app whose names in Rust came out the same, though those in GraphQL did not: `ab` and `a_b`.
pub(super) fn part_rust_items(entities: &mut [Entity]) {
    // Types, statics and modules by themselves; file systems may take names without regard to case.
    let mut taken: [BTreeSet<(usize, String)>; 3] = Default::default();
    for entity in entities {
        let app = entity.app;
        let names = [&mut entity.rust, &mut entity.metadata, &mut entity.module];
        for (name, taken) in names.into_iter().zip(&mut taken) {
            let original = name.clone();
            let mut number = 1;
            while !taken.insert((app, name.as_str().to_lowercase())) {
                number += 1;
                *name = original.suffixed(&number.to_string());
            }
        }
    }
}

/// Types, root fields and modules are shared by all apps: later ones with a name that is taken get a suffix.
pub(super) fn part_types(
    entities: &mut [Entity],
    enums: &mut [Enum],
    composites: &mut [Composite],
    diagnostics: &mut Vec<Diagnostic>,
) {
    part_from_derived(entities, diagnostics);
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
            // What tells it apart: its own spelling, where that is not the singular; its namespace; a number at last.
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
                    "table `{}`: the name `{original}` is taken; its type is `{}`",
                    entity.table, entity.type_name
                ),
                format!(
                    "`[tables.{}] name = \"...\"` gives it another",
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
            enumeration.rust = enumeration.rust.suffixed("Enum");
            enumeration.metadata = enumeration.metadata.suffixed("_ENUM");
        }
    }
    for composite in composites {
        while is_derived(composite.type_name.as_str()) || !types.insert(composite.type_name.as_str().to_owned()) {
            composite.type_name = composite.type_name.suffixed("Value");
            composite.metadata = composite.metadata.suffixed("_VALUE");
        }
    }
}

//! Names that came out equal are parted by fixed rules, each with a diagnostic.

use std::collections::{BTreeMap, BTreeSet};

use super::derived::{Bases, is_derived};
use super::{Composite, Diagnostic, Entity, Enum, GraphqlName, RustName};
use crate::text::toml_key;

/// Fields of one type that came out with the same name all get a suffix: `Value` for columns, `Row` for to-one and
/// `List` for to-many fields, and a number where that is not enough.
pub(super) fn part_fields(entity: &mut Entity, diagnostics: &mut Vec<Diagnostic>) {
    part_from_filters(entity, diagnostics);
    part_rust_names(entity);

    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let names = entity.columns.iter().map(|field| &field.graphql);
    for name in names.chain(entity.relations.iter().map(|relation| &relation.graphql)) {
        *seen.entry(name.as_str().to_owned()).or_default() += 1;
    }
    let clashes: BTreeSet<String> =
        seen.iter().filter(|&(_, &count)| count > 1).map(|(name, _)| name.clone()).collect();
    if clashes.is_empty() {
        return;
    }
    let mut taken: BTreeSet<String> = seen.into_iter().filter(|&(_, count)| count == 1).map(|(name, _)| name).collect();
    let mut part = |name: &mut GraphqlName, suffix: &str| {
        if clashes.contains(name.as_str()) {
            let mut parted = name.suffixed(suffix);
            let mut number = 2;
            while !taken.insert(parted.as_str().to_owned()) {
                parted = name.suffixed(&format!("{suffix}{number}"));
                number += 1;
            }
            *name = parted;
        }
    };
    for field in &mut entity.columns {
        part(&mut field.graphql, "Value");
    }
    for relation in &mut entity.relations {
        part(&mut relation.graphql, if relation.to_many { "List" } else { "Row" });
    }
    for name in &clashes {
        let now: Vec<String> = entity
            .columns
            .iter()
            .map(|field| &field.graphql)
            .chain(entity.relations.iter().map(|relation| &relation.graphql))
            .filter(|field| field.as_str().starts_with(name.as_str()))
            .map(|field| format!("`{field}`"))
            .collect();
        diagnostics.push(Diagnostic::warning(
            format!("several fields of `{}` would be called `{name}`; they are {}", entity.type_name, now.join(", ")),
            format!("`[tables.{}.columns.COLUMN] name = \"...\"` renames one", toml_key(&entity.table.name)),
        ));
    }
}

/// A filter has `and`, `or` and `not` beside its columns: a field of such a name could not be filtered by.
fn part_from_filters(entity: &mut Entity, diagnostics: &mut Vec<Diagnostic>) {
    for field in entity.columns.iter_mut().filter(|field| ["and", "or", "not"].contains(&field.graphql.as_str())) {
        let parted = field.graphql.suffixed("Value");
        diagnostics.push(Diagnostic::warning(
            format!(
                "the field `{}` of `{}` has the name of a part of every filter; it is `{parted}`",
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

/// A table with the name of a type that the server makes for another table becomes a `...Row`.
fn part_from_derived(entities: &mut [Entity], enums: &[Enum], diagnostics: &mut Vec<Diagnostic>) {
    let upper = |name: &GraphqlName| name.as_str()[..1].to_uppercase() + &name.as_str()[1..];
    let bases = Bases {
        tables: entities.iter().map(|entity| entity.type_name.as_str().to_owned()).collect(),
        roots: entities.iter().flat_map(|entity| [upper(&entity.one), upper(&entity.many)]).collect(),
        enums: enums.iter().map(|found| found.type_name.as_str().to_owned()).collect(),
    };
    for entity in entities.iter_mut().filter(|entity| is_derived(entity.type_name.as_str(), &bases)) {
        let original = entity.type_name.clone();
        entity.type_name = original.suffixed("Row");
        entity.rust = RustName::camel(original.as_str()).suffixed("Row");
        entity.metadata = RustName::shouty(entity.rust.as_str());
        entity.module = RustName::snake(entity.rust.as_str());
        diagnostics.push(Diagnostic::warning(
            format!(
                "table `{}`: the server makes a type `{original}` for another table; this one's type is `{}`",
                entity.table, entity.type_name
            ),
            format!("`[tables.{}] name = \"...\"` gives it another", toml_key(&entity.table.to_string())),
        ));
    }
}

/// Types, root fields and modules are shared by all apps: later ones with a name that is taken get a suffix.
pub(super) fn part_types(
    entities: &mut [Entity],
    enums: &mut [Enum],
    composites: &mut [Composite],
    diagnostics: &mut Vec<Diagnostic>,
) {
    part_from_derived(entities, enums, diagnostics);
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
            let suffix = match (&entity.namespace, number) {
                (Some(namespace), 2) => RustName::camel(namespace).as_str().to_owned(),
                _ => number.to_string(),
            };
            entity.type_name = original.suffixed(&suffix);
            entity.rust = RustName::camel(original.as_str()).suffixed(&suffix);
            entity.metadata = RustName::shouty(entity.rust.as_str());
            entity.module = RustName::snake(entity.rust.as_str());
            entity.one = GraphqlName::field(entity.type_name.as_str());
            entity.many = entity.one.suffixed("List");
        }
        if number > 1 {
            diagnostics.push(Diagnostic::warning(
                format!("table `{}`: the name `{original}` is taken; its type is `{}`", entity.table, entity.type_name),
                format!("`[tables.{}] name = \"...\"` gives it another", toml_key(&entity.table.to_string())),
            ));
        }
        types.insert(entity.type_name.as_str().to_owned());
        roots.insert(entity.one.as_str().to_owned());
        roots.insert(entity.many.as_str().to_owned());
    }
    for enumeration in enums {
        while !types.insert(enumeration.type_name.as_str().to_owned()) {
            enumeration.type_name = enumeration.type_name.suffixed("Enum");
            enumeration.rust = enumeration.rust.suffixed("Enum");
            enumeration.metadata = enumeration.metadata.suffixed("_ENUM");
        }
    }
    for composite in composites {
        while !types.insert(composite.type_name.as_str().to_owned()) {
            composite.type_name = composite.type_name.suffixed("Value");
            composite.metadata = composite.metadata.suffixed("_VALUE");
        }
    }
}

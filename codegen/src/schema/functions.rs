//! Database functions: those that take a row become fields of its type, those that return rows become root fields.

use std::collections::BTreeSet;

use super::types::scalar;
use super::{Argument, Diagnostic, Entity, Field, Function, GraphqlName, RustName, Scalar, TypeName};
use crate::catalog::{self, Catalog, ColumnType, FunctionType, ObjectName};
use crate::config::Settings;
use crate::text;

/// Adds the functions that the settings name, and reports those that cannot be offered.
pub(super) fn add_functions(
    entities: &mut [Entity],
    catalog: &Catalog,
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for pattern in &settings.functions {
        if !catalog.functions.iter().any(|function| pattern.matches(&function.name)) {
            diagnostics.push(Diagnostic::warning(
                format!("functions: no function matches `{}`", pattern.as_str()),
                "only functions of PostgreSQL without output arguments can be offered",
            ));
        }
    }

    let mut offered: BTreeSet<&ObjectName> = BTreeSet::new();
    let mut taken = taken_roots(entities);
    let is_named = |function: &&catalog::Function| settings.functions.iter().any(|one| one.matches(&function.name));
    for function in catalog.functions.iter().filter(is_named) {
        // Functions that take a row may share a name across tables.
        let is_root = matches!(function.returns, FunctionType::Row(_));
        let outcome = if is_root && offered.contains(&function.name) {
            Err("another function has this name")
        } else if is_root && !taken.insert(GraphqlName::field(&function.name.name).to_string()) {
            Err("a root field already has this name")
        } else {
            add_function(entities, catalog, function)
        };
        if outcome.is_ok() && is_root {
            offered.insert(&function.name);
        }
        if let Err(reason) = outcome {
            diagnostics.push(Diagnostic::warning(
                format!("function `{}` is left out: {reason}", function.name),
                "a function must take one row of a table and nothing else, or return rows of a table",
            ));
        }
    }
}

/// The names of the generated root fields, including mutations.
fn taken_roots(entities: &[Entity]) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    for entity in entities {
        let (one, many) = (entity.one.as_str(), entity.many.as_str());
        taken.extend([one.to_owned(), many.to_owned()]);
        taken.extend(
            ["Aggregate", "Connection", "Groups"]
                .iter()
                .map(|suffix| format!("{many}{suffix}")),
        );
        for verb in ["create", "update", "upsert", "delete"] {
            taken.extend([one, many].map(|name| format!("{verb}{}{}", name[..1].to_uppercase(), &name[1..])));
        }
    }
    taken
}

/// The arguments of every list field.
const LIST_ARGUMENTS: &[&str] = &["filters", "search", "orderBy", "limit", "offset"];

fn add_function(entities: &mut [Entity], catalog: &Catalog, function: &catalog::Function) -> Result<(), &'static str> {
    let is_of = |entity: &Entity, table: &ObjectName| entity.table == *table;
    match (function.arguments.as_slice(), &function.returns) {
        (
            [
                catalog::FunctionArgument {
                    ty: FunctionType::Row(table),
                    ..
                },
            ],
            FunctionType::Value(ty),
        ) => {
            if function.writes || function.many {
                return Err("a function of a row must be `STABLE` or `IMMUTABLE` and return one value");
            }

            let entity = entities.iter_mut().find(|entity| is_of(entity, table));
            let entity = entity.ok_or("the table of its rows is left out")?;
            let field = computed(catalog, entity, function, ty);
            if entity.columns.iter().any(|column| column.graphql == field.graphql) {
                return Err("the type already has a field of this name");
            }

            entity.columns.push(field);
            Ok(())
        }
        (arguments, FunctionType::Row(table)) => {
            let arguments = arguments
                .iter()
                .map(|given| argument(catalog, given))
                .collect::<Result<Vec<_>, _>>()?;

            let is_of_lists = |argument: &Argument| LIST_ARGUMENTS.contains(&argument.graphql.as_str());
            if function.many && arguments.iter().any(is_of_lists) {
                return Err("one of its arguments has the name of an argument of every list");
            }

            let entity = entities.iter_mut().find(|entity| is_of(entity, table));
            let entity = entity.ok_or("the table of its rows is left out")?;
            if function.writes && entity.primary_key.is_empty() {
                return Err("a mutation must return rows with a primary key");
            }

            entity.functions.push(Function {
                name: name_of(catalog, &function.name),
                graphql: GraphqlName::field(&function.name.name),
                description: function.comment.as_deref().and_then(text::plain_text),
                arguments,
                many: function.many,
                writes: function.writes,
            });
            Ok(())
        }
        _ => Err("it takes a row together with other arguments, or does not return rows of a table"),
    }
}

fn name_of(catalog: &Catalog, name: &ObjectName) -> TypeName {
    let namespace = Some(name.namespace.clone()).filter(|namespace| *namespace != catalog.default_namespace);
    TypeName {
        namespace,
        name: name.name.clone(),
    }
}

/// Returns the field for a function of a row: `person_label(person)` becomes `label` of the rows of `person`.
fn computed(catalog: &Catalog, entity: &Entity, function: &catalog::Function, ty: &ColumnType) -> Field {
    let full = &function.name.name;
    let prefixes = [entity.table.name.as_str(), entity.one.as_str()];
    let mut stems = prefixes
        .iter()
        .filter_map(|prefix| full.strip_prefix(prefix)?.strip_prefix('_'));
    let stem = stems.find(|stem| !stem.is_empty()).unwrap_or(full);
    let scalar = scalar(catalog, ty);

    Field {
        column: full.clone(),
        rust: RustName::snake(stem),
        graphql: GraphqlName::field(stem),
        description: function.comment.as_deref().and_then(text::plain_text),
        sql_type: scalar.sql_type(catalog.engine, ty),
        incomparable: ty.incomparable,
        unordered: ty.unordered,
        nondeterministic: false,
        loose: false,
        dimensions: 1,
        scalar,
        array: ty.array,
        nullable: true,
        is_id: false,
        generated: true,
        has_default: true,
        secret: false,
        max_length: None,
        function: Some(name_of(catalog, &function.name)),
        srid: ty.srid,
    }
}

fn argument(catalog: &Catalog, given: &catalog::FunctionArgument) -> Result<Argument, &'static str> {
    let FunctionType::Value(ty) = &given.ty else {
        return Err("it takes a row together with other arguments");
    };
    let name = given.name.clone().ok_or("all of its arguments must have names")?;
    let scalar = scalar(catalog, ty);
    if scalar == Scalar::Unknown {
        return Err("one of its arguments has an unknown type");
    }
    if ty.name == "json" {
        return Err("it takes `json`, which has no implicit cast from `jsonb`: declare the argument as `jsonb`");
    }

    Ok(Argument {
        graphql: GraphqlName::field(&name),
        sql_type: scalar.sql_type(catalog.engine, ty),
        name,
        scalar,
        array: ty.array,
        optional: given.optional,
    })
}

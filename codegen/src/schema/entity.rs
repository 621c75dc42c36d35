//! A table as an entity: its names, columns, keys, constraints and actions.

use super::names::{is_transliterated, singular_and_plural};
use super::policies::actions;
use super::{Diagnostic, Entity, Field, GraphqlName, RustName, Scalar};
use crate::catalog::{Catalog, Table, TableKind};
use crate::config::TableSettings;
use crate::text::{self, toml_key};

use super::field::field;

pub(super) fn entity(
    catalog: &Catalog,
    table: &Table,
    settings: &TableSettings,
    app: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Entity {
    let is_default = table.name.namespace == catalog.default_namespace;
    let (mut singular, mut plural) = singular_and_plural(&table.name.name);

    if is_transliterated(&table.name.name) {
        diagnostics.push(Diagnostic::warning(
            format!(
                "table `{}` has a name that is not valid in GraphQL; it becomes `{singular}`",
                table.name
            ),
            format!("`[tables.{}] name = \"...\"` renames it", toml_key(&table.name.name)),
        ));
    }

    if let Some(name) = &settings.name {
        if GraphqlName::from_setting(name).is_none() {
            diagnostics.push(Diagnostic::error(
                format!("[tables.{}]: `{name}` is not a valid GraphQL name", table.name.name),
                "use letters, digits and `_`, and start with a letter",
            ));
        }
        (singular, plural) = singular_and_plural(name);
    }

    let type_name = GraphqlName::type_name(&singular);
    let one = GraphqlName::field(&singular);
    let many = GraphqlName::field(&plural);
    let many = if many == one { one.suffixed("List") } else { many };

    for column in settings.columns.keys().chain(&settings.search).chain(&settings.key) {
        if !table.columns.iter().any(|known| known.name == *column) {
            diagnostics.push(Diagnostic::error(
                format!("[tables.{}]: the table has no column `{column}`", table.name.name),
                format!(
                    "its columns: {}",
                    table
                        .columns
                        .iter()
                        .map(|c| c.name.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            ));
        }
    }
    for (column, _) in settings
        .columns
        .iter()
        .filter(|(_, column)| column.omit && column.shown)
    {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}.columns.{column}]: `omit` and `shown` exclude each other",
                table.name.name
            ),
            "keep one of them",
        ));
    }

    let columns: Vec<Field> = table
        .columns
        .iter()
        .filter(|column| !settings.columns.get(&column.name).is_some_and(|column| column.omit))
        .map(|column| field(catalog, table, column, settings.columns.get(&column.name), diagnostics))
        .collect();

    let indexes = |names: &[String]| {
        names
            .iter()
            .map(|name| columns.iter().position(|field| field.column == *name))
            .collect::<Option<Vec<_>>>()
    };

    let primary_key = match table.primary_key.as_ref() {
        Some(key) => indexes(&key.columns),
        None => indexes(&settings.key),
    };

    let search = indexes(&settings.search).unwrap_or_default();
    for &column in &search {
        let is_text = matches!(columns[column].scalar, Scalar::Text) && !columns[column].array;
        if !is_text && !is_search_vector(table, &columns[column].column) {
            diagnostics.push(Diagnostic::error(
                format!(
                    "[tables.{}]: `search`: the column `{}` cannot be searched",
                    table.name.name, columns[column].column
                ),
                "list text columns or a `tsvector` column",
            ));
        }
    }

    let is_binary = |&column: &usize| columns[column].scalar == Scalar::Bytes;
    let key_is_binary = primary_key.iter().flatten().any(is_binary);
    let actions = actions(table, settings, &columns, key_is_binary, diagnostics);
    let rust = RustName::camel(type_name.as_str());

    Entity {
        table: table.name.clone(),
        namespace: (!is_default).then(|| table.name.namespace.clone()),
        app,
        module: RustName::snake(&singular),
        metadata: RustName::shouty(type_name.as_str()),
        rust,
        type_name,
        one,
        many,
        description: table.comment.as_deref().and_then(text::plain_text),
        read_only: table.kind != TableKind::Table && actions.is_empty(),
        primary_key: primary_key.unwrap_or_default(),
        constraints: constraints(table, &columns),
        unique_keys: table
            .unique_keys
            .iter()
            .filter_map(|key| indexes(&key.columns))
            .collect(),
        columns,
        relations: Vec::new(),
        search,
        actions,
        functions: Vec::new(),
        policies: Vec::new(),
    }
}

/// Maps the names of unique keys and checks to their column indexes, so that a violation can be reported with its
/// fields.
fn constraints(table: &Table, columns: &[Field]) -> Vec<(String, Vec<usize>)> {
    let index = |name: &str| columns.iter().position(|field| field.column == name);
    let keys = table.unique_keys.iter().map(|key| {
        (
            key.name.clone(),
            key.columns.iter().filter_map(|name| index(name)).collect(),
        )
    });

    let checks = table.checks.iter().map(|check| {
        let words: Vec<&str> = check
            .expression
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let named = (0..columns.len()).filter(|&at| words.contains(&columns[at].column.as_str()));
        (check.name.clone(), named.collect())
    });

    // The name that PostgreSQL gives to an unnamed check of a domain.
    let of_domains = table.columns.iter().filter_map(|column| {
        let domain = column.ty.domain.as_ref()?;
        // If several columns have the domain, the database does not say which one failed.
        let is_it = |other: &&crate::catalog::Column| other.ty.domain.as_ref() == Some(domain);
        if table.columns.iter().filter(is_it).count() > 1 {
            return None;
        }
        Some((
            format!("{}_check", domain.name),
            index(&column.name).into_iter().collect(),
        ))
    });

    keys.chain(checks)
        .chain(of_domains)
        .filter(|(_, columns): &(String, Vec<usize>)| !columns.is_empty())
        .collect()
}

/// Whether the column is a `tsvector`, made for full-text search.
fn is_search_vector(table: &Table, column: &str) -> bool {
    table
        .columns
        .iter()
        .any(|known| known.name == column && known.ty.name == "tsvector")
}

//! A column as a field.

use super::names::is_transliterated;
use super::relations::relation_stem;
use super::secrets::looks_secret;
use super::types::scalar;
use super::{Diagnostic, Field, GraphqlName, RustName, Scalar};
use crate::catalog::{Catalog, Column, Engine, Generation, Table};
use crate::config::ColumnSettings;
use crate::text::{self, toml_key};

pub(super) fn field(
    catalog: &Catalog,
    table: &Table,
    column: &Column,
    settings: Option<&ColumnSettings>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Field {
    let in_foreign_key = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
    let in_primary_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.contains(&column.name));
    let sole_foreign_key = table
        .foreign_keys
        .iter()
        .any(|key| key.columns == [column.name.as_str()]);

    let mut graphql = GraphqlName::field(&column.name);
    // A foreign key that is also the row's `id` keeps its name: clients identify the row by it.
    if sole_foreign_key && relation_stem(&column.name) == column.name && !is_own_id(table, &column.name) {
        graphql = graphql.suffixed("Id");
    }

    if let Some(name) = settings.and_then(|settings| settings.name.as_ref()) {
        match GraphqlName::from_setting(name) {
            Some(given) => graphql = given,
            None => diagnostics.push(Diagnostic::error(
                format!(
                    "[tables.{}.columns.{}]: `{name}` is not a valid GraphQL name",
                    table.name.name, column.name
                ),
                "use letters, digits and `_`, and start with a letter",
            )),
        }
    } else if is_transliterated(&column.name) {
        diagnostics.push(Diagnostic::warning(
            format!(
                "column `{}` of `{}` has a name that is not valid in GraphQL; it becomes `{graphql}`",
                column.name, table.name
            ),
            format!(
                "`[tables.{}.columns.{}] name = \"...\"` renames it",
                toml_key(&table.name.name),
                toml_key(&column.name)
            ),
        ));
    }

    let key = in_foreign_key || in_primary_key;
    let scalar = match settings.and_then(|settings| settings.ty) {
        Some(given) => Scalar::given(given),
        None => match scalar(catalog, &column.ty) {
            // Row IDs have 64 bits in SQLite, and so do the columns that refer to them.
            Scalar::Int32 if key && catalog.engine == crate::catalog::Engine::Sqlite => Scalar::Int64,
            scalar => scalar,
        },
    };

    if scalar == Scalar::Unknown {
        diagnostics.push(Diagnostic::warning(
            format!(
                "column `{}` of `{}` has the unknown type `{}`; it is read as text",
                column.name, table.name, column.ty.name
            ),
            format!(
                "`[tables.{}.columns.{}] omit = true` leaves it out",
                toml_key(&table.name.name),
                toml_key(&column.name)
            ),
        ));
    }

    let is_text = scalar == Scalar::Text && !column.ty.array;
    let scalar_is_unknown = scalar == Scalar::Unknown;
    let shown = settings.is_some_and(|settings| settings.shown);
    let is_referred = || {
        let mut keys = catalog.tables.iter().flat_map(|other| &other.foreign_keys);
        keys.any(|key| key.references == table.name && key.referenced_columns.contains(&column.name))
    };
    let is_unique = || table.unique_keys.iter().any(|key| key.columns.contains(&column.name));
    let sql_type = scalar.sql_type(catalog.engine, &column.ty).or_else(|| {
        let collation = scalar.key_collation(catalog.engine, &column.ty)?;
        (key || is_unique() || is_referred()).then_some(collation)
    });

    Field {
        secret: !shown && looks_secret(&column.name, &scalar, key),
        max_length: column.ty.length.filter(|_| is_text || scalar == Scalar::TextForm),
        incomparable: sql_type.is_some() && column.ty.incomparable && scalar != Scalar::Json,
        unordered: sql_type.is_some() && column.ty.unordered && scalar != Scalar::Json,
        nondeterministic: scalar == Scalar::Text && !column.ty.array && column.ty.nondeterministic,
        loose: is_loose(catalog, column, &scalar),
        function: None,
        srid: column.ty.srid,
        dimensions: column.ty.dimensions.unwrap_or(1),
        sql_type,
        rust: RustName::snake(&column.name),
        column: column.name.clone(),
        graphql,
        description: column.comment.as_deref().and_then(text::plain_text),
        scalar,
        array: column.ty.array,
        nullable: column.nullable,
        is_id: key,
        // A value of an unknown type is read in its text form and never written.
        generated: scalar_is_unknown || matches!(column.generation, Generation::Computed | Generation::IdentityAlways),
        has_default: column.nullable || column.default.is_some() || column.generation != Generation::None,
    }
}

/// Whether a column may hold values that do not fit its scalar, or that JSON cannot represent.
fn is_loose(catalog: &Catalog, column: &Column, scalar: &Scalar) -> bool {
    match catalog.engine {
        // Any value has a text form. Even a `STRICT` table may hold integers beyond 32 bits, and infinities.
        Engine::Sqlite => {
            let is_narrow = matches!(
                scalar,
                Scalar::Int16 | Scalar::Int32 | Scalar::Float32 | Scalar::Float64
            );
            is_narrow || column.loose && !matches!(scalar, Scalar::Text | Scalar::TextForm | Scalar::Unknown)
        }
        // NaN and the infinities; a `"char"` may hold half a character.
        Engine::Postgres => {
            !column.ty.array && (matches!(scalar, Scalar::Float32 | Scalar::Float64) || column.ty.name == "char")
        }
        Engine::Mysql => false,
    }
}

/// Whether a column is a primary key called `id`.
pub(super) fn is_own_id(table: &Table, column: &str) -> bool {
    column.eq_ignore_ascii_case("id") && table.primary_key.as_ref().is_some_and(|key| key.columns == [column])
}

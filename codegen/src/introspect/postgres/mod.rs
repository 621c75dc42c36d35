//! PostgreSQL: seven queries over `pg_catalog`, whatever the number of tables.

use std::collections::BTreeMap;

use rows::connect::{PostgresTarget, postgres_options};
use sqlx::postgres::PgRow;
use sqlx::{Connection, Executor as _, PgConnection, Row};

use super::{Failure, connect};
use crate::catalog::{
    Attribute, Catalog, Check, Column, ColumnType, CompositeType, Engine, EnumType, ForeignKey, Function,
    FunctionArgument, FunctionType, Generation, Key, ObjectName, Table, TableKind,
};

pub(super) async fn read(target: &PostgresTarget) -> Result<Catalog, Failure> {
    let mut connection = connect_to_any(target).await?;
    // Through a pooler, only a transaction keeps one session and the statements prepared in it.
    connection
        .execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
        .map_err(Failure::Query)?;
    let catalog = read_catalog(&mut connection).await.map_err(Failure::Query)?;
    connection.close().await.map_err(Failure::Query)?;
    Ok(catalog)
}

/// Connects to the first host that answers; the error is that of the last host.
async fn connect_to_any(target: &PostgresTarget) -> Result<PgConnection, Failure> {
    let mut failure = Failure::Connect(sqlx::Error::Configuration("the URL does not name a host".into()));
    for options in postgres_options(target) {
        match connect(PgConnection::connect_with(&options)).await {
            Ok(connection) => return Ok(connection),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// What is known about the database's types before its columns are read.
struct TypeInfo {
    /// The namespace whose names need no prefix.
    default_namespace: String,
    /// Namespace and name of the types whose values cannot be ordered, and whether they can be compared.
    unordered: BTreeMap<(String, String), bool>,
}

async fn read_catalog(connection: &mut PgConnection) -> Result<Catalog, sqlx::Error> {
    let default_namespace: Option<String> = sqlx::query_scalar("SELECT current_schema()::text")
        .fetch_one(&mut *connection)
        .await?;
    let mut known = TypeInfo {
        default_namespace: default_namespace.unwrap_or_else(|| "public".into()),
        unordered: BTreeMap::new(),
    };

    for row in sqlx::query(include_str!("incomparable.sql"))
        .fetch_all(&mut *connection)
        .await?
    {
        known.unordered.insert(
            (row.try_get("namespace")?, row.try_get("name")?),
            row.try_get("is_comparable")?,
        );
    }

    let mut tables = BTreeMap::new();
    for row in sqlx::query(include_str!("tables.sql"))
        .fetch_all(&mut *connection)
        .await?
    {
        let table = table(&row)?;
        tables.insert(table.name.clone(), table);
    }

    for row in sqlx::query(include_str!("columns.sql"))
        .fetch_all(&mut *connection)
        .await?
    {
        if let Some(table) = tables.get_mut(&table_name(&row)?) {
            table.columns.push(column(&row, &known)?);
        }
    }

    for row in sqlx::query(include_str!("constraints.sql"))
        .fetch_all(&mut *connection)
        .await?
    {
        if let Some(table) = tables.get_mut(&table_name(&row)?) {
            add_constraint(table, &row)?;
        }
    }

    let enums = sqlx::query(include_str!("enums.sql"))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(enumeration)
        .collect::<Result<_, _>>()?;

    let mut composites: Vec<CompositeType> = Vec::new();
    for row in sqlx::query(include_str!("composites.sql"))
        .fetch_all(&mut *connection)
        .await?
    {
        let name = ObjectName {
            namespace: row.try_get("namespace")?,
            name: row.try_get("composite_name")?,
        };
        let attribute = Attribute {
            name: row.try_get("name")?,
            ty: column_type(&row, &known)?,
        };
        match composites.last_mut() {
            Some(last) if last.name == name => last.attributes.push(attribute),
            _ => composites.push(CompositeType {
                name,
                attributes: vec![attribute],
            }),
        }
    }
    let functions = functions(connection, &known).await?;

    Ok(Catalog {
        engine: Engine::Postgres,
        default_namespace: known.default_namespace,
        tables: tables.into_values().collect(),
        enums,
        composites,
        functions,
        unreadable: Vec::new(),
    })
}

/// Reads the functions. Each has a row for its result, followed by one for each argument.
async fn functions(connection: &mut PgConnection, known: &TypeInfo) -> Result<Vec<Function>, sqlx::Error> {
    let mut functions: Vec<(String, Function)> = Vec::new();
    for row in sqlx::query(include_str!("functions.sql")).fetch_all(connection).await? {
        let row_table: Option<String> = row.try_get("row_table")?;
        let ty = match row_table {
            Some(name) => FunctionType::Row(ObjectName {
                namespace: row.try_get("row_namespace")?,
                name,
            }),
            None => FunctionType::Value(column_type(&row, known)?),
        };

        let id: String = row.try_get("function_id")?;
        if row.try_get::<i32, _>("place")? == 0 {
            let function = Function {
                name: ObjectName {
                    namespace: row.try_get("namespace")?,
                    name: row.try_get("function_name")?,
                },
                arguments: Vec::new(),
                returns: ty,
                many: row.try_get("many")?,
                writes: row.try_get("writes")?,
                comment: row.try_get("comment")?,
            };
            functions.push((id, function));
        } else if let Some((_, function)) = functions.last_mut().filter(|(last, _)| *last == id) {
            function.arguments.push(FunctionArgument {
                name: row.try_get("name")?,
                ty,
                optional: row.try_get("optional")?,
            });
        }
    }

    Ok(functions.into_iter().map(|(_, function)| function).collect())
}

fn table_name(row: &PgRow) -> Result<ObjectName, sqlx::Error> {
    Ok(ObjectName {
        namespace: row.try_get("namespace")?,
        name: row.try_get("table_name")?,
    })
}

fn table(row: &PgRow) -> Result<Table, sqlx::Error> {
    let kind = match row.try_get::<&str, _>("kind")? {
        "v" => TableKind::View,
        "m" => TableKind::MaterializedView,
        _ => TableKind::Table,
    };

    Ok(Table {
        name: ObjectName {
            namespace: row.try_get("namespace")?,
            name: row.try_get("name")?,
        },
        kind,
        comment: row.try_get("comment")?,
        columns: Vec::new(),
        primary_key: None,
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        updatable: row.try_get("updatable")?,
        row_security: row.try_get("row_security")?,
        has_children: row.try_get("has_children")?,
    })
}

fn column(row: &PgRow, known: &TypeInfo) -> Result<Column, sqlx::Error> {
    let default: Option<String> = row.try_get("default_expression")?;
    // Stored or computed when it is read.
    let computed = !row.try_get::<&str, _>("generated")?.is_empty();
    let generation = match row.try_get::<&str, _>("identity")? {
        "a" => Generation::IdentityAlways,
        "d" => Generation::Identity,
        _ if computed => Generation::Computed,
        _ if default.as_deref().is_some_and(|text| text.starts_with("nextval(")) => Generation::Identity,
        _ => Generation::None,
    };

    Ok(Column {
        name: row.try_get("name")?,
        ty: column_type(row, known)?,
        loose: false,
        nullable: row.try_get("nullable")?,
        default,
        generation,
        comment: row.try_get("comment")?,
    })
}

fn column_type(row: &PgRow, known: &TypeInfo) -> Result<ColumnType, sqlx::Error> {
    let name: String = row.try_get("type_name")?;
    let typmod: i32 = row.try_get("typmod")?;
    let namespace: String = row.try_get("type_namespace")?;
    let comparable = known.unordered.get(&(namespace.clone(), name.clone())).copied();
    let dimensions: i32 = row.try_get("dimensions")?;

    let mut ty = ColumnType {
        array: row.try_get("is_array")?,
        dimensions: u32::try_from(dimensions).ok().filter(|dimensions| *dimensions > 1),
        incomparable: comparable == Some(false),
        unordered: comparable == Some(true),
        nondeterministic: row.try_get("nondeterministic")?,
        namespace: Some(namespace).filter(|name| name != "pg_catalog" && *name != known.default_namespace),
        ..ColumnType::default()
    };

    let own_name = || {
        Ok::<_, sqlx::Error>(ObjectName {
            namespace: row.try_get("type_namespace")?,
            name: name.clone(),
        })
    };

    match row.try_get::<&str, _>("type_kind")? {
        "e" => ty.enumeration = Some(own_name()?),
        "c" => ty.composite = Some(own_name()?),
        _ => ty.range_of = row.try_get("range_of")?,
    }

    if let Some(domain) = row.try_get::<Option<String>, _>("domain_name")? {
        ty.domain = Some(ObjectName {
            namespace: row.try_get("domain_namespace")?,
            name: domain,
        });
    }

    // Each type packs its arguments into one number in its own way: see `numerictypmodin`, `varchartypmodin` (both add
    // the four bytes of a length word) and `anytime_typmodin` in PostgreSQL.
    match name.as_str() {
        "numeric" if typmod >= 4 => ty.scale = Some(((typmod - 4) & 0x7ff).unsigned_abs()),
        "varchar" | "bpchar" if typmod >= 4 => ty.length = Some((typmod - 4).unsigned_abs()),
        // See `TYPMOD_GET_SRID` in PostGIS.
        "geometry" | "geography" if typmod >= 0 => ty.srid = Some((typmod.unsigned_abs() >> 8) & 0xf_ffff),
        "timestamp" | "timestamptz" | "time" | "timetz" if typmod >= 0 => ty.scale = Some(typmod.unsigned_abs()),
        _ => {}
    }

    ty.name = name;
    Ok(ty)
}

fn add_constraint(table: &mut Table, row: &PgRow) -> Result<(), sqlx::Error> {
    let name: String = row.try_get("name")?;
    let columns: Vec<String> = row.try_get::<Option<_>, _>("columns")?.unwrap_or_default();

    match row.try_get::<&str, _>("kind")? {
        "p" => table.primary_key = Some(Key { name, columns }),
        "u" => table.unique_keys.push(Key { name, columns }),
        "f" => table.foreign_keys.push(ForeignKey {
            name,
            columns,
            references: ObjectName {
                namespace: row.try_get("referenced_namespace")?,
                name: row.try_get("referenced_table")?,
            },
            referenced_columns: row.try_get("referenced_columns")?,
            unchecked: !row.try_get::<bool, _>("validated")?,
        }),
        _ => table.checks.push(Check {
            name,
            expression: row.try_get("expression")?,
        }),
    }
    Ok(())
}

fn enumeration(row: &PgRow) -> Result<EnumType, sqlx::Error> {
    Ok(EnumType {
        name: ObjectName {
            namespace: row.try_get("namespace")?,
            name: row.try_get("name")?,
        },
        named: true,
        labels: row.try_get("labels")?,
        comment: row.try_get("comment")?,
    })
}

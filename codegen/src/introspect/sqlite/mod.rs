//! SQLite: two queries over its table-valued pragmas; enums and comments from the stored `CREATE` statements.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{Connection, Row, SqliteConnection};

use super::sqlite_ddl::Ddl;
use super::{Failure, connect};
use crate::catalog::{
    Catalog, Column, ColumnType, Engine, EnumType, ForeignKey, Generation, Key, ObjectName, Table, TableKind,
    Unreadable,
};

const NAMESPACE: &str = "main";

pub(super) async fn read(options: &SqliteConnectOptions) -> Result<Catalog, Failure> {
    // Opened read-only, so that a mistyped path is an error and not an empty new file.
    let options = options.clone().create_if_missing(false).read_only(true);
    let mut connection = connect(SqliteConnection::connect_with(&options)).await?;
    let catalog = read_catalog(&mut connection).await.map_err(Failure::Query)?;
    connection.close().await.map_err(Failure::Query)?;
    Ok(catalog)
}

async fn read_catalog(connection: &mut SqliteConnection) -> Result<Catalog, sqlx::Error> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut collated: BTreeSet<String> = BTreeSet::new();
    let mut enums = Vec::new();
    let mut key_positions: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    let CatalogRows {
        columns,
        names,
        unreadable,
    } = read_columns(connection).await?;

    for row in columns {
        let table_name: String = row.try_get("table_name")?;
        let text = row.try_get::<Option<String>, _>("ddl")?.unwrap_or_default();
        if text.to_lowercase().contains("collate") {
            collated.insert(table_name.clone());
        }

        let ddl = Ddl::parse(&text);
        let table = match tables.entry(table_name.clone()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(table(&row, &ddl)?),
        };

        let (column, enumeration) = column(&table_name, &row, &ddl)?;
        let position: i64 = row.try_get("key_position")?;
        if position > 0 {
            key_positions
                .entry(table_name)
                .or_default()
                .push((position, column.name.clone()));
        }

        table.columns.push(column);
        enums.extend(enumeration);
    }

    clear_untyped_view_columns(&mut tables);
    mark_collations(&mut tables, &collated);

    for (table_name, mut columns) in key_positions {
        columns.sort();
        let table = tables
            .get_mut(&table_name)
            .expect("invariant: its columns were just read");
        let columns: Vec<String> = columns.into_iter().map(|(_, name)| name).collect();
        set_primary_key(table, columns);
    }

    let keys = query_rows(connection, include_str!("keys.sql"), names.as_deref()).await?;
    add_keys(&mut tables, &keys)?;

    Ok(Catalog {
        engine: Engine::Sqlite,
        default_namespace: NAMESPACE.into(),
        tables: tables.into_values().collect(),
        enums,
        composites: Vec::new(),
        functions: Vec::new(),
        unreadable,
    })
}

/// What the database reports about its tables and views.
struct CatalogRows {
    columns: Vec<SqliteRow>,
    /// The names of those that it can describe; `None` if it can describe all.
    names: Option<Vec<String>>,
    unreadable: Vec<Unreadable>,
}

/// Reads the columns of all tables and views. One broken view fails a query for all: then each is queried separately.
async fn read_columns(connection: &mut SqliteConnection) -> Result<CatalogRows, sqlx::Error> {
    let question = include_str!("columns.sql");
    if let Ok(columns) = query_rows(connection, question, None).await {
        return Ok(CatalogRows {
            columns,
            names: None,
            unreadable: Vec::new(),
        });
    }

    let all = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name";
    let all: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut *connection).await?;
    let (mut columns, mut names, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    for name in all {
        match query_rows(connection, question, Some(std::slice::from_ref(&name))).await {
            Ok(own) => {
                columns.extend(own);
                names.push(name);
            }
            // The generic code, for an error in the view. Any other, such as that of a lock, is not the view's fault.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("1") => {
                unreadable.push(Unreadable {
                    name: ObjectName::new(NAMESPACE, name),
                    reason: error.message().into(),
                });
            }
            Err(error) => return Err(error),
        }
    }

    Ok(CatalogRows {
        columns,
        names: Some(names),
        unreadable,
    })
}

/// Runs a query for all tables and views, or for each of the given ones.
async fn query_rows(
    connection: &mut SqliteConnection,
    query: &'static str,
    names: Option<&[String]>,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let Some(names) = names else {
        return sqlx::query(query).bind(None::<String>).fetch_all(connection).await;
    };

    let mut rows = Vec::new();
    for name in names {
        rows.extend(sqlx::query(query).bind(name).fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}

fn table(row: &SqliteRow, ddl: &Ddl) -> Result<Table, sqlx::Error> {
    let is_view = row.try_get::<&str, _>("kind")? == "view";
    Ok(Table {
        name: ObjectName::new(NAMESPACE, row.try_get::<String, _>("table_name")?),
        kind: if is_view { TableKind::View } else { TableKind::Table },
        comment: ddl.comment.clone(),
        columns: Vec::new(),
        primary_key: None,
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        // One trigger for each of insert, update and delete.
        updatable: is_view && row.try_get::<i64, _>("instead")? >= 3,
        row_security: false,
        has_children: false,
    })
}

fn column(table: &str, row: &SqliteRow, ddl: &Ddl) -> Result<(Column, Option<EnumType>), sqlx::Error> {
    let name: String = row.try_get("name")?;
    let mut ty = declared_type(row.try_get("declared")?);
    let mut enumeration = None;
    if let Some(labels) = ddl.enum_labels.get(&name) {
        let enum_name = ObjectName::new(NAMESPACE, format!("{table}_{name}"));
        ty.enumeration = Some(enum_name.clone());
        enumeration = Some(EnumType {
            name: enum_name,
            named: false,
            labels: labels.clone(),
            comment: None,
        });
    }

    let computed = row.try_get::<i64, _>("hidden")? != 0;
    let column = Column {
        loose: row.try_get::<i64, _>("strict")? == 0,
        nullable: row.try_get::<i64, _>("required")? == 0,
        default: row.try_get("default_expression")?,
        generation: if computed {
            Generation::Computed
        } else {
            Generation::None
        },
        comment: ddl.column_comments.get(&name).cloned(),
        name,
        ty,
    };

    Ok((column, enumeration))
}

/// Parses a declared type: `DECIMAL(10, 2)` into its name and arguments.
fn declared_type(declared: &str) -> ColumnType {
    let (name, arguments) = match declared.split_once('(') {
        Some((name, rest)) => (name, rest.split(')').next().unwrap_or_default()),
        None => (declared, ""),
    };

    let name = name.trim().to_lowercase();
    let mut numbers = arguments.split(',').map(|number| number.trim().parse::<u32>().ok());
    let (first, second) = (numbers.next().flatten(), numbers.next().flatten());

    let mut ty = ColumnType::default();
    if name.contains("char") {
        ty.length = first;
    } else if first.is_some() {
        ty.scale = Some(second.unwrap_or(0));
    }
    ty.name = name;
    ty
}

/// Marks the columns of tables whose definition names a collation, and of all views if there are such tables: their
/// collation may treat different texts as equal. The catalog does not say which columns have one, so all of them are
/// also compared exactly.
fn mark_collations(tables: &mut BTreeMap<String, Table>, collated: &BTreeSet<String>) {
    for (name, table) in tables {
        let is_collated = collated.contains(name) || table.kind != TableKind::Table && !collated.is_empty();
        for column in &mut table.columns {
            column.ty.nondeterministic = is_collated;
        }
    }
}

/// Clears the type of view columns that SQLite reports as `BLOB` only because their source has no type. These are the
/// columns for which no table has a column of that name declared to hold bytes.
fn clear_untyped_view_columns(tables: &mut BTreeMap<String, Table>) {
    let of_tables = tables.values().filter(|table| table.kind == TableKind::Table);
    let columns = of_tables.flat_map(|table| &table.columns);
    let bytes: BTreeSet<String> = columns
        .filter(|column| column.ty.name.contains("blob"))
        .map(|column| column.name.clone())
        .collect();

    for view in tables.values_mut().filter(|table| table.kind != TableKind::Table) {
        for column in view.columns.iter_mut().filter(|column| !bytes.contains(&column.name)) {
            if column.ty.name == "blob" {
                column.ty.name.clear();
            }
        }
    }
}

/// Sets the primary key. Its columns hold no `NULL`; a single integer column is the row ID, which the database counts
/// up. (SQLite lets other keys hold `NULL` unless the table says otherwise, a bug it keeps for old files.)
fn set_primary_key(table: &mut Table, columns: Vec<String>) {
    for column in table.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
        column.nullable = false;
        if columns.len() == 1 && column.ty.name == "integer" {
            column.generation = Generation::Identity;
            // The row ID is an integer, whatever the table.
            column.loose = false;
        }
    }
    table.primary_key = Some(Key {
        name: format!("{}_pkey", table.name.name),
        columns,
    });
}

fn add_keys(tables: &mut BTreeMap<String, Table>, rows: &[SqliteRow]) -> Result<(), sqlx::Error> {
    let primary_keys: BTreeMap<String, Vec<String>> = tables
        .iter()
        .filter_map(|(name, table)| Some((name.clone(), table.primary_key.as_ref()?.columns.clone())))
        .collect();

    for row in rows {
        let Some(table) = tables.get_mut(row.try_get::<&str, _>("table_name")?) else {
            continue;
        };
        let name: String = row.try_get("name")?;
        let position: i64 = row.try_get("position")?;
        let column: Option<String> = row.try_get("column_name")?;

        if row.try_get::<&str, _>("kind")? == "foreign" {
            let referenced: String = row.try_get("referenced_table")?;
            let implied = primary_keys
                .get(&referenced)
                .and_then(|key| key.get(position.unsigned_abs() as usize));
            let target: Option<String> = row
                .try_get::<Option<String>, _>("referenced_column")?
                .or(implied.cloned());
            if let (Some(column), Some(target)) = (column, target) {
                add_foreign_column(table, name, position, column, &referenced, target);
            }
        } else if let Some(column) = column {
            match table.unique_keys.iter_mut().find(|key| key.name == name) {
                Some(key) => key.columns.push(column),
                None => table.unique_keys.push(Key {
                    name,
                    columns: vec![column],
                }),
            }
        } else {
            // An index over an expression: not a key.
            table.unique_keys.retain(|key| key.name != name);
        }
    }

    for table in tables.values_mut() {
        for key in &mut table.foreign_keys {
            key.name = format!("{}_{}_fkey", table.name.name, key.columns.join("_"));
        }
    }
    Ok(())
}

fn add_foreign_column(
    table: &mut Table,
    name: String,
    position: i64,
    column: String,
    referenced: &str,
    target_column: String,
) {
    if position == 0 {
        table.foreign_keys.push(ForeignKey {
            name,
            columns: vec![column],
            references: ObjectName::new(NAMESPACE, referenced),
            referenced_columns: vec![target_column],
            unchecked: true,
        });
    } else if let Some(key) = table.foreign_keys.iter_mut().find(|key| key.name == name) {
        key.columns.push(column);
        key.referenced_columns.push(target_column);
    }
}

//! MySQL and MariaDB: three queries over `information_schema`, whatever the number of tables.

use std::collections::BTreeMap;

use rows::connect::MYSQL_SESSION;
use sqlx::mysql::{MySqlConnectOptions, MySqlRow};
use sqlx::{Connection, Executor as _, MySqlConnection, Row};

use super::{Failure, connect};
use crate::catalog::{
    Catalog, Check, Column, ColumnType, Engine, EnumType, ForeignKey, Generation, Key, ObjectName, Table, TableKind,
};

pub(super) async fn read(options: &MySqlConnectOptions) -> Result<Catalog, Failure> {
    let mut connection = connect(MySqlConnection::connect_with(options)).await?;
    connection.execute(MYSQL_SESSION).await.map_err(Failure::Query)?;
    // The mode decides how the catalog spells checks and defaults.
    connection
        .execute("SET SESSION sql_mode = ''")
        .await
        .map_err(Failure::Query)?;
    let catalog = read_catalog(&mut connection).await.map_err(Failure::Query)?;
    connection.close().await.map_err(Failure::Query)?;
    Ok(catalog)
}

async fn read_catalog(connection: &mut MySqlConnection) -> Result<Catalog, sqlx::Error> {
    let namespace: Option<String> = sqlx::query_scalar("SELECT CAST(DATABASE() AS CHAR)")
        .fetch_one(&mut *connection)
        .await?;
    let namespace = namespace.ok_or_else(|| {
        sqlx::Error::Configuration("the URL does not name a database: add it after the port, as in `/shop`".into())
    })?;

    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut enums = Vec::new();
    for row in sqlx::query(include_str!("columns.sql"))
        .fetch_all(&mut *connection)
        .await?
    {
        let name = text(&row, "table_name")?;
        let table = match tables.entry(name.clone()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(table(&namespace, &row)?),
        };
        let (column, enumeration) = column(&table.name, &row)?;
        table.columns.push(column);
        enums.extend(enumeration);
    }

    for row in sqlx::query(include_str!("keys.sql"))
        .fetch_all(&mut *connection)
        .await?
    {
        if let Some(table) = tables.get_mut(&text(&row, "table_name")?) {
            add_key_column(table, &row)?;
        }
    }

    let version: String = sqlx::query_scalar("SELECT CAST(VERSION() AS CHAR)")
        .fetch_one(&mut *connection)
        .await?;
    let is_mariadb = version.to_lowercase().contains("mariadb");
    let checks = if is_mariadb {
        include_str!("checks_mariadb.sql")
    } else {
        include_str!("checks_mysql.sql")
    };

    for row in sqlx::query(checks).fetch_all(&mut *connection).await? {
        if let Some(table) = tables.get_mut(&text(&row, "table_name")?) {
            add_check(
                table,
                Check {
                    name: text(&row, "name")?,
                    expression: text(&row, "expression")?,
                },
            );
        }
    }

    Ok(Catalog {
        engine: Engine::Mysql,
        default_namespace: namespace,
        tables: tables.into_values().collect(),
        enums,
        composites: Vec::new(),
        functions: Vec::new(),
        unreadable: Vec::new(),
    })
}

/// `information_schema` returns some texts as `VARBINARY`, depending on version and character set.
fn optional_text(row: &MySqlRow, column: &str) -> Result<Option<String>, sqlx::Error> {
    let bytes: Option<Vec<u8>> = row.try_get_unchecked(column)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn text(row: &MySqlRow, column: &str) -> Result<String, sqlx::Error> {
    Ok(optional_text(row, column)?.unwrap_or_default())
}

fn table(namespace: &str, row: &MySqlRow) -> Result<Table, sqlx::Error> {
    let is_view = text(row, "table_type")? == "VIEW";
    Ok(Table {
        name: ObjectName::new(namespace, text(row, "table_name")?),
        kind: if is_view { TableKind::View } else { TableKind::Table },
        // A view's comment is the word `VIEW`.
        comment: optional_text(row, "table_comment")?.filter(|_| !is_view),
        columns: Vec::new(),
        primary_key: None,
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        updatable: is_view && optional_text(row, "updatable")?.as_deref() == Some("YES"),
        row_security: false,
        has_children: false,
    })
}

fn column(table: &ObjectName, row: &MySqlRow) -> Result<(Column, Option<EnumType>), sqlx::Error> {
    let name = text(row, "name")?;
    let type_name = text(row, "type_name")?.to_lowercase();
    let column_type = text(row, "column_type")?;
    let extra = text(row, "extra")?.to_lowercase();
    let generation = if extra.contains("auto_increment") {
        Generation::Identity
    } else if extra.contains("generated") && !extra.contains("default_generated") {
        Generation::Computed
    } else {
        Generation::None
    };

    let mut ty = ColumnType {
        length: number(row, "length")?.filter(|_| type_name.ends_with("char")),
        scale: number(row, "scale")?
            .filter(|_| matches!(type_name.as_str(), "decimal" | "datetime" | "timestamp" | "time")),
        unsigned: column_type.to_lowercase().contains("unsigned"),
        incomparable: is_spatial(&type_name),
        collation: optional_text(row, "collation")?.filter(|_| type_name != "json"),
        ..ColumnType::default()
    };

    let mut enumeration = None;
    if type_name == "enum" {
        let enum_name = ObjectName::new(&table.namespace, format!("{}_{name}", table.name));
        ty.enumeration = Some(enum_name.clone());
        enumeration = Some(EnumType {
            name: enum_name,
            named: false,
            labels: enum_labels(&column_type),
            comment: None,
        });
    }

    // Both servers spell a boolean with the display width 1; object-relational mappers use one bit.
    let is_boolean = ["tinyint(1)", "bit(1)"]
        .iter()
        .any(|name| column_type.eq_ignore_ascii_case(name));
    if type_name == "bit" {
        // `bit(12)`: the catalog has the length nowhere else.
        ty.length = column_type
            .trim_start_matches("bit(")
            .trim_end_matches(')')
            .parse()
            .ok();
    }

    ty.name = if is_boolean { "boolean".into() } else { type_name };
    let column = Column {
        name,
        ty,
        loose: false,
        nullable: text(row, "nullable")? == "YES",
        // MariaDB prints the default `NULL` of a nullable column as text.
        default: optional_text(row, "default_expression")?.filter(|text| text != "NULL"),
        generation,
        comment: optional_text(row, "comment")?,
    };
    Ok((column, enumeration))
}

/// Whether a type of MySQL is spatial.
fn is_spatial(name: &str) -> bool {
    matches!(
        name,
        "geometry"
            | "point"
            | "linestring"
            | "polygon"
            | "multipoint"
            | "multilinestring"
            | "multipolygon"
            | "geometrycollection"
            | "geomcollection"
    )
}

/// Adds a check. One that only says that a column is JSON becomes the column's type instead.
fn add_check(table: &mut Table, check: Check) {
    let json = check
        .expression
        .strip_prefix("json_valid(`")
        .and_then(|rest| rest.strip_suffix("`)"));
    match json.and_then(|name| table.columns.iter_mut().find(|column| column.name == name)) {
        Some(column) => column.ty.name = "json".into(),
        None => table.checks.push(check),
    }
}

fn number(row: &MySqlRow, column: &str) -> Result<Option<u32>, sqlx::Error> {
    let value: Option<u64> = match row.try_get_unchecked::<Option<u64>, _>(column) {
        Ok(value) => value,
        Err(_) => row.try_get_unchecked::<Option<i64>, _>(column)?.map(i64::unsigned_abs),
    };
    Ok(value.and_then(|value| u32::try_from(value).ok()))
}

/// Parses the labels of `enum('a','it''s')`.
fn enum_labels(column_type: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut current: Option<String> = None;
    let mut characters = column_type.chars().peekable();
    while let Some(character) = characters.next() {
        match (&mut current, character) {
            (None, '\'') => current = Some(String::new()),
            (Some(label), '\'') if characters.peek() == Some(&'\'') => {
                label.push('\'');
                characters.next();
            }
            (Some(_), '\'') => labels.extend(current.take()),
            (Some(label), other) => label.push(other),
            (None, _) => {}
        }
    }
    labels
}

fn add_key_column(table: &mut Table, row: &MySqlRow) -> Result<(), sqlx::Error> {
    let name = text(row, "name")?;
    let column = text(row, "column_name")?;

    match text(row, "kind")?.as_str() {
        "PRIMARY KEY" => {
            table
                .primary_key
                .get_or_insert_with(|| Key {
                    name,
                    columns: Vec::new(),
                })
                .columns
                .push(column);
        }
        "UNIQUE" => match table.unique_keys.iter_mut().find(|key| key.name == name) {
            Some(key) => key.columns.push(column),
            None => table.unique_keys.push(Key {
                name,
                columns: vec![column],
            }),
        },
        _ => {
            let referenced = text(row, "referenced_column")?;
            if let Some(key) = table.foreign_keys.iter_mut().find(|key| key.name == name) {
                key.columns.push(column);
                key.referenced_columns.push(referenced);
            } else {
                table.foreign_keys.push(ForeignKey {
                    unchecked: false,
                    name,
                    columns: vec![column],
                    references: ObjectName::new(text(row, "referenced_namespace")?, text(row, "referenced_table")?),
                    referenced_columns: vec![referenced],
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::enum_labels;

    #[test]
    fn labels_with_quotes_and_commas_are_read_whole() {
        assert_eq!(enum_labels("enum('a','it''s','x,y','')"), ["a", "it's", "x,y", ""]);
    }
}

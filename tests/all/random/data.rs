//! The shop's rows in memory.

use std::cmp::Ordering;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Row as _, SqliteConnection};

use super::shape::{TABLES, Type};

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Int(i64),
    /// In cents.
    Money(i64),
    Float(f64),
    Text(String),
    Bool(bool),
}

/// The rows of every table, in the order of their keys.
pub(super) struct Data {
    pub(super) tables: Vec<Vec<Vec<Cell>>>,
}

impl Data {
    pub(super) async fn load(url: &str) -> Self {
        let mut connection = SqliteConnection::connect(url).await.expect("the shop");
        let mut tables = Vec::new();
        for table in TABLES {
            let columns: Vec<String> = table
                .columns
                .iter()
                .map(|column| format!("CAST({} AS TEXT)", column.stored))
                .collect();
            let key: Vec<&str> = table.key.iter().map(|&at| table.columns[at].stored).collect();
            let sql = format!(
                "SELECT {} FROM {} ORDER BY {}",
                columns.join(", "),
                table.stored,
                key.join(", ")
            );
            let rows = sqlx::query(AssertSqlSafe(sql))
                .fetch_all(&mut connection)
                .await
                .expect("rows");
            let read = |row: &sqlx::sqlite::SqliteRow| {
                let cells = table.columns.iter().enumerate();
                cells
                    .map(|(at, column)| cell(row.get::<Option<String>, _>(at), column.ty))
                    .collect()
            };
            tables.push(rows.iter().map(read).collect());
        }
        Self { tables }
    }
}

fn cell(text: Option<String>, ty: Type) -> Cell {
    let Some(text) = text else { return Cell::Null };
    match ty {
        Type::Id | Type::Int => Cell::Int(text.parse().expect("a number")),
        Type::Money => Cell::Money(cents(&text)),
        Type::Float => Cell::Float(text.parse().expect("a number")),
        Type::Bool => Cell::Bool(text == "1"),
        Type::Moment => Cell::Text(format!("{}Z", text.replace(' ', "T"))),
        Type::Text | Type::Date | Type::Json | Type::Enum(_) => Cell::Text(text),
    }
}

/// `20.5` to 2050.
pub(super) fn cents(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<2}").parse().expect("an amount")
}

impl Cell {
    /// As the API answers it.
    pub(super) fn json(&self, ty: Type) -> Value {
        match (self, ty) {
            (Self::Null, _) => Value::Null,
            (Self::Int(value), Type::Id) => json!(value.to_string()),
            (Self::Int(value), _) => json!(value),
            (Self::Money(cents), _) => json!(money(*cents)),
            (Self::Float(value), _) => json!(value),
            (Self::Bool(value), _) => json!(value),
            (Self::Text(text), Type::Json) => serde_json::from_str(text).expect("JSON"),
            (Self::Text(text), _) => json!(text),
        }
    }

    /// The order of two values that are not null; texts by their bytes.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) | (Self::Money(a), Self::Money(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            _ => panic!("{self:?} and {other:?} have no order"),
        }
    }
}

pub(super) fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

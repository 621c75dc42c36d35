//! The rows of a table as its plain list returns them. Every other answer is compared with these rows.

use std::collections::{BTreeSet, HashSet};

use runtime::codegen_support::{Kind, Table};
use serde_json::{Value, json};

use crate::api::{Api, ROWS, first_error, id, is_readable};
use crate::fault::{Fault, Law, Report};

/// A table's rows.
pub(crate) struct Rows {
    pub(crate) table: &'static Table,
    pub(crate) answered: Vec<Value>,
    /// The id of each row, in the same order.
    pub(crate) ids: Vec<String>,
    /// The places of values that could not be read: the row's index, and the field.
    unreadable: HashSet<(usize, String)>,
}

impl Rows {
    /// Reads the rows; `None` if the list fails, is too long to compare as a whole, or has rows with equal keys.
    pub(crate) async fn read(api: &Api, table: &'static Table, report: &mut Report) -> Option<Self> {
        let query = format!(
            "{{ it: {}(limit: {}) {{ {} }} }}",
            table.many,
            ROWS + 1,
            api.columns(table)
        );
        let mut answer = api.ask(&query, json!({})).await;
        let answered = answer["data"]["it"].is_array() && is_readable(&answer);
        report.check(answered, || Fault {
            law: Law::OwnField,
            place: table.type_name.to_owned(),
            message: first_error(&answer),
            request: query.clone(),
        });

        let unreadable = places(&answer);
        let Value::Array(rows) = answer["data"]["it"].take() else {
            return None;
        };
        if !answered || rows.len() > ROWS {
            return None;
        }
        let ids: Vec<String> = rows.iter().map(|row| id(row, table)).collect();

        // If keys cannot be read, rows cannot be told apart.
        let is_alike = !table.primary_key.is_empty() && ids.iter().collect::<HashSet<_>>().len() < ids.len();
        if is_alike {
            return None;
        }

        Some(Self {
            table,
            answered: rows,
            ids,
            unreadable,
        })
    }

    /// The distinct values of a column that can be sent back, at most `most`, each with the index of its first row.
    pub(crate) fn values(&self, field: &str, most: usize) -> Vec<(usize, &Value)> {
        let mut seen = HashSet::new();
        let rows = self.answered.iter().enumerate();
        let values = rows.filter(|(at, row)| !row[field].is_null() && self.is_whole(*at, field));
        values
            .map(|(at, row)| (at, &row[field]))
            .filter(|(_, value)| seen.insert(value.to_string()))
            .take(most)
            .collect()
    }

    /// Whether a row's value could be read completely.
    pub(crate) fn is_whole(&self, row: usize, field: &str) -> bool {
        !self.unreadable.contains(&(row, field.to_owned()))
    }

    /// The ids of the rows whose value could be read and meets the condition.
    pub(crate) fn having(&self, field: &str, mut takes: impl FnMut(&Value) -> bool) -> BTreeSet<&str> {
        let rows = self
            .answered
            .iter()
            .enumerate()
            .filter(|(at, _)| self.is_whole(*at, field));
        rows.filter(|(_, row)| takes(&row[field]))
            .map(|(at, _)| self.ids[at].as_str())
            .collect()
    }

    /// The ids of rows whose value could not be read.
    pub(crate) fn spoilt(&self, field: &str) -> BTreeSet<&str> {
        (0..self.answered.len())
            .filter(|at| !self.is_whole(*at, field))
            .map(|at| self.ids[at].as_str())
            .collect()
    }
}

fn places(answer: &Value) -> HashSet<(usize, String)> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let place = |error: &Value| {
        let path = &error["path"];
        Some((usize::try_from(path[1].as_u64()?).ok()?, path[2].as_str()?.to_owned()))
    };
    errors.filter_map(place).collect()
}

/// Whether the database considers two values of a kind equal exactly if their answers are equal.
pub(crate) fn is_exact(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Bool
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::UInt64
            | Kind::Text
            | Kind::Uuid
            | Kind::DateTime
            | Kind::NaiveDateTime
            | Kind::Date
            | Kind::Time
            | Kind::Bytes
            | Kind::Enum(_)
    )
}

//! Errors of writes: those that the client can fix, which are returned as data, and all others.

use crate::execute::{ExecuteError, Violation, ViolationKind};
use meta::Table;
use plan::PlanError;

/// Why a write was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// Another row has the value.
    Unique,
    /// A key refers to a row that does not exist, or other rows still refer to the row.
    ForeignKey,
    /// A check constraint does not hold.
    Check,
    /// A value is missing.
    Required,
    /// A text has too many characters.
    TooLong,
    /// A value that its column cannot hold.
    Invalid,
    /// There is no such row.
    NotFound,
    /// A policy does not allow it.
    Forbidden,
    /// A trigger or function of the database rejects it.
    Rejected,
    /// Another field of the same operation failed.
    RolledBack,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: &'static [Self] = &[
        Self::Unique,
        Self::ForeignKey,
        Self::Check,
        Self::Required,
        Self::TooLong,
        Self::Invalid,
        Self::NotFound,
        Self::Forbidden,
        Self::Rejected,
        Self::RolledBack,
    ];

    /// The code's name in GraphQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unique => "UNIQUE",
            Self::ForeignKey => "FOREIGN_KEY",
            Self::Check => "CHECK",
            Self::Required => "REQUIRED",
            Self::TooLong => "TOO_LONG",
            Self::Invalid => "INVALID",
            Self::NotFound => "NOT_FOUND",
            Self::Forbidden => "FORBIDDEN",
            Self::Rejected => "REJECTED",
            Self::RolledBack => "ROLLED_BACK",
        }
    }
}

/// An error that the client can fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// The path to the value in the arguments; empty if no value is at fault.
    pub path: Vec<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// The kind of error.
    pub code: ErrorCode,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Errors in values, which the client can fix.
    #[error("{}", .0.first().map(|error| error.message.as_str()).unwrap_or_default())]
    Inputs(Vec<InputError>),
    /// The request is refused.
    #[error(transparent)]
    Refused(#[from] PlanError),
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] ExecuteError),
    /// One of several rows is at fault: a retry row by row finds out which.
    #[error("one of several rows is refused")]
    RetryRowByRow(Vec<InputError>),
    /// Another transaction was faster: a retry may find what it wrote.
    #[error("another transaction wrote the same row")]
    Conflict,
}

impl WriteError {
    /// A single error that the client can fix.
    pub fn input(path: Vec<String>, code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Inputs(vec![InputError {
            path,
            message: message.into(),
            code,
        }])
    }

    /// Whether the same write may succeed if it is retried.
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Conflict => true,
            Self::Failed(error) => error.is_conflict(),
            _ => false,
        }
    }

    /// The errors in the values, if the client can fix them.
    pub fn inputs(&self) -> Option<&[InputError]> {
        match self {
            Self::Inputs(errors) | Self::RetryRowByRow(errors) => Some(errors),
            _ => None,
        }
    }
}

/// The error for a column that a policy hides from the viewer; `path` leads to its value.
pub(super) fn hidden_column_error(table: &Table, column: usize, path: Vec<String>) -> InputError {
    let field = table.columns[column].field;
    let message = format!("you may not write `{}.{field}`", table.type_name);
    InputError {
        path,
        message,
        code: ErrorCode::Forbidden,
    }
}

/// Turns a violation into an error in the client's terms: fields instead of columns.
pub(super) fn input_error(table: &Table, violation: &Violation, path: &[String], removing: bool) -> InputError {
    let fields: Vec<&str> = columns(table, violation)
        .into_iter()
        .map(|column| table.columns[column].field)
        .collect();
    let names = fields
        .iter()
        .map(|field| format!("`{field}`"))
        .collect::<Vec<_>>()
        .join(" and ");

    let value = if names.is_empty() {
        "a value".to_owned()
    } else {
        names.clone()
    };

    let (code, message) = match violation.kind {
        ViolationKind::Unique if fields.len() > 1 => (
            ErrorCode::Unique,
            format!("{names} are already taken: another row has the same combination"),
        ),
        ViolationKind::Unique => (ErrorCode::Unique, format!("{value} is already taken by another row")),
        ViolationKind::ForeignKey if removing => (
            ErrorCode::ForeignKey,
            format!("rows of another table still refer to this `{}`", table.type_name),
        ),
        ViolationKind::ForeignKey => (
            ErrorCode::ForeignKey,
            format!("{value} refers to a row that does not exist"),
        ),
        ViolationKind::Check => (
            ErrorCode::Check,
            format!("{value} does not pass a check of the database"),
        ),
        ViolationKind::Required => (ErrorCode::Required, format!("{value} needs a value")),
        ViolationKind::TooLong => (ErrorCode::TooLong, format!("{value} is too long")),
        ViolationKind::Raised => (
            ErrorCode::Rejected,
            format!(
                "a trigger or function of the database rejected this `{}`",
                table.type_name
            ),
        ),
        ViolationKind::Invalid => (
            ErrorCode::Invalid,
            format!("{value} is out of range or not of its column's type"),
        ),
    };

    let mut path = path.to_vec();
    if !removing && let Some(field) = fields.first() {
        path.push((*field).to_owned());
    }

    InputError { path, message, code }
}

/// The columns that a violation concerns: found by name, by the name of a key, or because the constraint's name
/// contains theirs.
fn columns(table: &Table, violation: &Violation) -> Vec<usize> {
    let by_name = |name: &str| table.columns.iter().position(|column| column.name == name);
    let named: Vec<usize> = violation.columns.iter().filter_map(|name| by_name(name)).collect();
    if !named.is_empty() {
        return named;
    }

    // A key over expressions, such as `lower(email)`.
    let words_of = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .map(str::to_owned)
            .collect()
    };
    let words: Vec<String> = violation.columns.iter().flat_map(|text| words_of(text)).collect();
    let within: Vec<usize> = (0..table.columns.len())
        .filter(|&at| words.iter().any(|word| word == table.columns[at].name))
        .collect();
    if !within.is_empty() {
        return within;
    }

    let Some(constraint) = violation.constraint.as_deref() else {
        return Vec::new();
    };

    if constraint == "PRIMARY" {
        return table.primary_key.to_vec();
    }
    if let Some((_, columns)) = table.constraints.iter().find(|(name, _)| *name == constraint) {
        return columns.to_vec();
    }

    if let Some(column) = by_name(constraint) {
        let key = table.unique_keys.iter().find(|key| key.first() == Some(&column));
        return key
            .filter(|_| violation.kind == ViolationKind::Unique)
            .map_or(vec![column], |key| key.to_vec());
    }

    let words: Vec<&str> = constraint.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let within = |name: &str| {
        words.contains(&name) || constraint.ends_with(&format!("_{name}")) || constraint.contains(&format!("_{name}_"))
    };

    let mut found: Vec<usize> = (0..table.columns.len())
        .filter(|&at| within(table.columns[at].name))
        .collect();
    // Of `name` and `full_name`, the longer one is meant.
    found.sort_by_key(|&at| std::cmp::Reverse(table.columns[at].name.len()));
    let longest = found.clone();
    found.retain(|&at| {
        let name = table.columns[at].name;
        !longest
            .iter()
            .any(|&other| other != at && table.columns[other].name.ends_with(&format!("_{name}")))
    });

    found
}

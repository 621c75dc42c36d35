//! One SQL statement, and what its placeholders bind.

use std::sync::Arc;

/// A statement's text and its values in the order of its placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Whether it writes.
    pub kind: StatementKind,
    /// The text.
    pub sql: Arc<str>,
    /// What each placeholder binds.
    pub binds: Vec<Bind>,
}

/// What a placeholder binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bind {
    /// A value of the request, an index into [`Plan::parameters`](crate::Plan::parameters).
    Parameter(usize),
    /// The list of the parents' keys; of a composite key, the column with this index.
    Keys(usize),
    /// All columns of the parents' keys as one JSON list.
    KeysJson,
}

/// Whether a statement writes. One that reads may be interrupted without harm to its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    /// `SELECT`
    Read,
    /// `INSERT`, `UPDATE`, `DELETE`, and what is not known to read.
    Write,
}

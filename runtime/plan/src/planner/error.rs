//! Errors of planning and binding, worded for the client.

use async_graphql_parser::Pos;

/// Why a request that is valid GraphQL cannot be answered.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct PlanError {
    /// What is wrong and what to do.
    pub message: String,
    /// `extensions.code`.
    pub code: &'static str,
    /// The position in the request, if the error has one.
    pub position: Option<Pos>,
}

impl PlanError {
    /// An invalid argument: `BAD_USER_INPUT`.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: "BAD_USER_INPUT",
            position: None,
        }
    }

    /// An exceeded limit: `LIMIT_EXCEEDED`.
    pub fn limit(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: "LIMIT_EXCEEDED",
            position: None,
        }
    }

    /// The same error at a position, unless it already has one.
    #[must_use]
    pub fn at(mut self, position: Pos) -> Self {
        self.position.get_or_insert(position);
        self
    }
}

//! Why an operation cannot be planned or bound, in the client's words.

use async_graphql_parser::Pos;

/// A request that is valid GraphQL and still cannot be answered.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct PlanError {
    /// What is wrong and what to do.
    pub message: String,
    /// `extensions.code`.
    pub code: &'static str,
    /// Where in the request, if one place is to blame.
    pub position: Option<Pos>,
}

impl PlanError {
    /// A value that does not fit its argument.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: "BAD_USER_INPUT",
            position: None,
        }
    }

    /// A bound that the request goes over.
    pub fn limit(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: "LIMIT_EXCEEDED",
            position: None,
        }
    }

    /// The same error, at a place.
    #[must_use]
    pub fn at(mut self, position: Pos) -> Self {
        self.position.get_or_insert(position);
        self
    }
}

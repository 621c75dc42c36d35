//! Answers, and errors as clients get them.

pub(in crate::graphql) mod argument_at;
mod body;
pub(in crate::graphql) mod failure;

pub(crate) use body::Execution;
pub use body::{Answer, Outcome, Written};
pub(in crate::graphql) use body::{AnswerError, write_errors};

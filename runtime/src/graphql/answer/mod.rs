//! Answers, and errors as clients get them.

pub(in crate::graphql) mod argument_at;
mod body;
pub(in crate::graphql) mod failure;

pub use body::{Answer, Outcome};
pub(in crate::graphql) use body::{AnswerError, write_errors};

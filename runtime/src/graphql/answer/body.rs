//! The answer to a request, and its errors.

use std::collections::BTreeSet;

use async_graphql::{PathSegment, ServerError};
use plan::json::escape;

use crate::observe::request_id;

/// The answer to a request: its body and its outcome.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The JSON text of the answer.
    pub body: Vec<u8>,
    /// How the request ended.
    pub outcome: Outcome,
}

/// The result of executing a request.
#[derive(Debug)]
pub struct Execution {
    /// The answer.
    pub answer: Answer,
    /// What it wrote.
    pub written: Written,
}

/// The tables that a request wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// None: it is a query.
    Nothing,
    /// These.
    Tables(BTreeSet<String>),
    /// Possibly any: hand-written code took part, rows were deleted, or the execution was given up.
    Unknown,
}

/// How a request ended; transports derive their status codes from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed; the answer has `data`, and `errors` if something failed.
    Executed,
    /// It was refused before execution: it does not parse or is invalid.
    Refused,
    /// It is a mutation, but only queries are allowed.
    QueryOnly,
    /// It took longer than the schema allows.
    TimedOut,
}

/// Codes of failures on the server. Such an error has the request's id, which finds the cause in the log.
const SERVER_ERROR_CODES: &[&str] = &[
    "INTERNAL_SERVER_ERROR",
    "TIMEOUT",
    "DATABASE_UNAVAILABLE",
    "DATABASE_FULL",
    "DATABASE_CHANGED",
    "OUTCOME_UNKNOWN",
];

/// An error of an answer.
#[derive(Debug, Clone)]
pub(in crate::graphql) struct AnswerError {
    pub(in crate::graphql) message: String,
    pub(in crate::graphql) code: String,
    pub(in crate::graphql) location: Option<async_graphql::Pos>,
    pub(in crate::graphql) path: Vec<String>,
}

impl AnswerError {
    pub(in crate::graphql) fn new(message: impl Into<String>, code: &str) -> Self {
        Self {
            message: message.into(),
            code: code.to_owned(),
            location: None,
            path: Vec::new(),
        }
    }

    /// Converts it into async-graphql's error.
    pub(in crate::graphql) fn into_server_error(self) -> ServerError {
        let mut error = ServerError::new(self.message, self.location);
        error.path = self
            .path
            .into_iter()
            .map(|segment| match segment.parse() {
                Ok(index) => PathSegment::Index(index),
                Err(_) => PathSegment::Field(segment),
            })
            .collect();
        error.extensions.get_or_insert_default().set("code", self.code);
        error
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        escape::write(&self.message, out);
        if let Some(at) = self.location {
            out.extend_from_slice(
                format!(",\"locations\":[{{\"line\":{},\"column\":{}}}]", at.line, at.column).as_bytes(),
            );
        }

        if !self.path.is_empty() {
            out.extend_from_slice(b",\"path\":[");
            for (at, segment) in self.path.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                match segment.parse::<u64>() {
                    Ok(index) => out.extend_from_slice(index.to_string().as_bytes()),
                    Err(_) => escape::write(segment, out),
                }
            }
            out.push(b']');
        }

        out.extend_from_slice(b",\"extensions\":{\"code\":");
        escape::write(&self.code, out);
        if SERVER_ERROR_CODES.contains(&self.code.as_str())
            && let Some(id) = request_id::current()
        {
            out.extend_from_slice(b",\"requestId\":");
            escape::write(&id, out);
        }
        out.extend_from_slice(b"}}");
    }
}

/// Writes `"errors":[...]`.
pub(in crate::graphql) fn write_errors(errors: &[AnswerError], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"errors\":[");
    for (at, error) in errors.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        error.write(out);
    }
    out.push(b']');
}

impl Answer {
    /// The answer to a request that is refused before execution, with one error.
    pub fn refuse(message: impl Into<String>, code: &str) -> Self {
        Self::refused(&[AnswerError::new(message, code)])
    }

    /// Whether it has errors.
    pub fn has_errors(&self) -> bool {
        self.outcome != Outcome::Executed || self.body.starts_with(b"{\"errors\":")
    }

    /// The answer to a request that is refused before execution.
    pub(in crate::graphql) fn refused(errors: &[AnswerError]) -> Self {
        let mut body = vec![b'{'];
        write_errors(errors, &mut body);
        body.push(b'}');
        Self {
            body,
            outcome: Outcome::Refused,
        }
    }

    /// The answer to a request whose execution failed as a whole: `data` is null.
    pub(in crate::graphql) fn failed(errors: &[AnswerError]) -> Self {
        let mut body = vec![b'{'];
        write_errors(errors, &mut body);
        body.extend_from_slice(b",\"data\":null}");
        Self {
            body,
            outcome: Outcome::Executed,
        }
    }
}

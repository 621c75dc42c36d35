//! Turns failures of statements, values and hand-written code into errors of an answer.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Error, ErrorExtensions as _, Name, PathSegment as ErrorSegment, ServerError, Value};

use crate::graphql::answer::AnswerError;
use crate::graphql::answer::argument_at::argument_at;
use crate::graphql::answer::argument_at::has_variables;
use plan::ONE_KEY;
use plan::answer::{FieldError, PathSegment};
use rows::execute::ExecuteError;
use rows::write::WriteError;

/// Errors for fields whose values could not be written as JSON.
pub(in crate::graphql) fn field_errors(errors: &[FieldError]) -> Vec<AnswerError> {
    errors
        .iter()
        .map(|error| {
            let reason = error.error.map_or_else(
                || "the database has no value for a non-null field".to_owned(),
                |error| error.to_string(),
            );

            let field = error.path.iter().rev().find_map(|segment| match segment {
                PathSegment::Key(key) => Some(key.as_str()),
                PathSegment::Index(_) => None,
            });

            let message = format!("`{}`: {reason}", field.unwrap_or_default());
            let mut answer = AnswerError::new(message, "UNREADABLE_VALUE");
            answer.path = error.path.iter().map(PathSegment::to_string).collect();
            answer
        })
        .collect()
}

pub(in crate::graphql) fn database_error(error: &ExecuteError) -> AnswerError {
    if !matches!(error, ExecuteError::Input(_)) {
        tracing::error!(code = error.code(), cause = error.cause(), "a statement failed");
    }
    AnswerError::new(error.client_message(), error.code())
}

/// The error for a document that async-graphql's validation rejects.
pub(in crate::graphql) fn validation_error(error: ServerError, document: &ExecutableDocument) -> AnswerError {
    let argument = error.locations.first().and_then(|at| argument_at(document, *at));
    let mut answer = server_error(error, "GRAPHQL_VALIDATION_FAILED");
    if !answer.message.starts_with("Invalid value for argument ") {
        return answer;
    }

    // The message does not say what to write instead. Orders are our only `@oneOf` inputs.
    if answer.message.contains("\"orderBy") && answer.message.contains(", Oneof") {
        answer.message = ONE_KEY.into();
        answer.code = "BAD_USER_INPUT".into();
    }

    // The document is valid if the wrong value came in a variable.
    if argument.is_some_and(|(_, value)| has_variables(&value.node)) {
        answer.code = "BAD_USER_INPUT".into();
    }

    answer
}

/// The error for a failure in async-graphql's execution.
pub(in crate::graphql) fn execution_error(error: ServerError, document: &ExecutableDocument) -> AnswerError {
    // A resolver's own failure has its field's position. An error at an argument's value means that the value could
    // not be read.
    let found = error
        .locations
        .first()
        .and_then(|at| argument_at(document, *at).filter(|(_, value)| value.pos == *at));
    let argument = found
        .filter(|_| error.source::<ExecuteError>().is_none())
        .map(|(name, _)| name.node.as_str());
    let Some(argument) = argument else {
        return server_error(error, "INTERNAL_SERVER_ERROR");
    };

    let mut answer = server_error(error, "BAD_USER_INPUT");
    answer.message = format!("`{argument}`: {}", answer.message);
    answer
}

pub(in crate::graphql) fn server_error(error: ServerError, code: &str) -> AnswerError {
    let given = error
        .extensions
        .as_ref()
        .and_then(|extensions| match extensions.get("code") {
            Some(Value::String(code)) => Some(code.clone()),
            Some(Value::Enum(code)) => Some(code.to_string()),
            _ => None,
        });

    let found = given.or_else(|| failure_code(&error));
    AnswerError {
        code: found.unwrap_or_else(|| code.to_owned()),
        message: error.message,
        location: error.locations.first().copied(),
        path: error
            .path
            .into_iter()
            .map(|segment| match segment {
                async_graphql::PathSegment::Field(name) => name,
                async_graphql::PathSegment::Index(index) => index.to_string(),
            })
            .collect(),
    }
}

/// The code of a runtime error that hand-written code passed on unchanged; `None` for the code's own errors.
fn failure_code(error: &ServerError) -> Option<String> {
    // Data loaders share one failure among all that wait for it.
    let shared = || error.source::<Arc<ExecuteError>>().map(Arc::as_ref);
    if let Some(failure) = error.source::<ExecuteError>().or_else(shared) {
        return Some(database_error(failure).code);
    }

    match error.source::<WriteError>()? {
        WriteError::Failed(failure) => Some(database_error(failure).code),
        WriteError::Refused(refusal) => Some(refusal.code.to_owned()),
        WriteError::Inputs(errors) | WriteError::RetryRowByRow(errors) => {
            errors.first().map(|error| error.code.name().to_owned())
        }
        WriteError::Conflict => Some("CONFLICT".into()),
    }
}

/// Sets a failed nullable field, or the nearest nullable one above it, to null: async-graphql leaves it out.
pub(in crate::graphql) fn restore_null(data: &mut Value, path: &[ErrorSegment]) {
    let mut value = data;
    for segment in path {
        value = match (segment, value) {
            (ErrorSegment::Field(name), Value::Object(object)) => object.entry(Name::new(name)).or_insert(Value::Null),
            (ErrorSegment::Index(index), Value::List(items)) => match items.get_mut(*index) {
                Some(item) => item,
                None => return,
            },
            _ => return,
        };
    }
}

/// Logs a failed statement and returns the error for hand-written code to pass on.
pub(in crate::graphql) fn statement_error(error: &ExecuteError) -> Error {
    if !matches!(error, ExecuteError::Input(_)) {
        tracing::error!(cause = error.cause(), "a statement failed");
    }
    error_with_code(error.client_message(), error.code())
}

pub(in crate::graphql) fn error_with_code(message: impl Into<String>, code: &'static str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

//! Mutation operations: one transaction for all fields, retried after conflicts with other transactions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Name, Response, ServerError, ServerResult, Value, Variables};

use crate::graphql::answer::Answer;
use crate::graphql::answer::AnswerError;
use crate::graphql::answer::Outcome;
use crate::graphql::answer::failure::database_error;
use crate::graphql::answer::failure::field_errors;
use crate::graphql::answer::write_errors;
use crate::graphql::mutation::planned_write::PlannedWrite;
use crate::graphql::mutation::transaction::OperationTransaction;
use crate::graphql::parts::EngineParts;
use crate::graphql::request::operation::Compiled;
use crate::graphql::resolver::computed_fields::compute_fields;
use crate::graphql::resolver::computed_fields::computed_field_nodes;
use plan::json::escape;
use plan::selection::Selected;
use plan::viewer::Viewer;
use rows::execute::ExecuteError;
use rows::write::WriteError;

/// The generated fields of an operation that async-graphql executes.
pub(in crate::graphql) struct OperationWrites {
    pub(in crate::graphql) compiled: Arc<Compiled>,
    pub(in crate::graphql) operation: Arc<OperationTransaction>,
    /// Errors to report next to the data.
    errors: Mutex<Vec<AnswerError>>,
    /// The response keys of hand-written fields that are non-null.
    non_null_keys: Mutex<Vec<String>>,
}

/// Runs an operation whose fields are all generated.
pub(in crate::graphql) async fn write_all(
    parts: &EngineParts,
    viewer: &Viewer,
    variables: &Variables,
    compiled: &Compiled,
    operation: &OperationTransaction,
) -> Answer {
    let mut payloads: Vec<Vec<u8>> = Vec::with_capacity(compiled.writes.len());
    let mut errors = Vec::new();
    let mut failed = None;
    for (at, write) in compiled.writes.iter().enumerate() {
        let outcome = write.run(parts, operation, viewer, variables).await;
        match outcome {
            Ok(done) => {
                let joined = match write.join(&done, &[]) {
                    Ok(joined) => joined,
                    Err(error) => {
                        operation.tx.roll_back().await;
                        return Answer::failed(&[with_path(database_error(&error.into()), write)]);
                    }
                };
                for mut error in field_errors(&joined.errors) {
                    error.path.insert(0, write.field.key.clone());
                    errors.push(error);
                }
                payloads.push(write.success_payload(&done, &joined.values));
            }
            Err(error) => {
                failed = Some(at);
                let Some(inputs) = error.inputs() else {
                    operation.tx.roll_back().await;
                    return Answer::failed(&[with_path(write_error_to_answer(&error), write)]);
                };
                payloads.push(write.error_payload(inputs));
                break;
            }
        }
    }
    if let Some(failed) = failed {
        operation.tx.roll_back().await;
        errors.clear();
        for (at, write) in compiled.writes.iter().enumerate() {
            if at < failed {
                payloads[at] = write.rolled_back_payload();
            } else if at > failed {
                payloads.push(write.rolled_back_payload());
            }
        }
    } else if let Err(error) = operation.tx.commit().await {
        return Answer::failed(&[commit_error(&error)]);
    }
    let mut body = vec![b'{'];
    if !errors.is_empty() {
        write_errors(&errors, &mut body);
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":{");
    for (at, (write, payload)) in compiled.writes.iter().zip(payloads).enumerate() {
        if at > 0 {
            body.push(b',');
        }
        escape::write(&write.field.key, &mut body);
        body.push(b':');
        body.extend_from_slice(&payload);
    }
    body.extend_from_slice(b"}}");
    Answer {
        body,
        outcome: Outcome::Executed,
    }
}

/// The error for a failed commit.
fn commit_error(error: &ExecuteError) -> AnswerError {
    match error.violation() {
        // A constraint that is checked at commit.
        Some(_) => AnswerError::new(
            "the changes violate a constraint that is checked at commit",
            "CONSTRAINT",
        ),
        None => database_error(error),
    }
}

fn with_path(mut error: AnswerError, write: &PlannedWrite) -> AnswerError {
    error.path.push(write.field.key.clone());
    error
}

fn write_error_to_answer(error: &WriteError) -> AnswerError {
    match error {
        WriteError::Refused(refusal) => AnswerError::from(refusal.clone()),
        WriteError::Failed(failure) => database_error(failure),
        other => AnswerError::new(other.to_string(), "CONFLICT"),
    }
}

impl OperationWrites {
    /// The fields of one attempt.
    pub(in crate::graphql) fn new(compiled: &Arc<Compiled>, operation: &Arc<OperationTransaction>) -> Self {
        Self {
            compiled: Arc::clone(compiled),
            operation: Arc::clone(operation),
            errors: Mutex::default(),
            non_null_keys: Mutex::default(),
        }
    }

    /// The value of a generated field; `None` for a hand-written field.
    pub(in crate::graphql) async fn value(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let key = context.item.node.response_key().node.as_str();
        let Some(write) = self.compiled.writes.iter().find(|write| write.field.key == key) else {
            let mutation = context.schema_env.registry.types.get("Mutation");
            let field = mutation.and_then(|ty| ty.field_by_name(&context.item.node.name.node));
            if field.is_none_or(|field| field.ty.ends_with('!')) {
                self.non_null_keys
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(key.to_owned());
            }
            return Ok(None);
        };

        if !self.operation.failed().is_empty() || self.operation.tx.has_failed() {
            // The operation is rolled back anyway.
            return Ok(Some(Value::Binary(write.rolled_back_payload().into())));
        }

        let parts = context.data_unchecked::<Arc<EngineParts>>();
        let viewer = context.data_unchecked::<Viewer>();
        let variables: &Variables = &context.query_env.variables;
        match write.run(parts, &self.operation, viewer, variables).await {
            Ok(done) => {
                let set = &context.item.node.selection_set.node;
                let fields = computed_field_nodes(&write.selection.plan, set, &context.query_env.fragments);
                let computed =
                    compute_fields(context, &write.selection.plan, &fields, &done.executed, &done.values).await;
                let joined = match write.join(&done, &computed.values) {
                    Ok(joined) => joined,
                    Err(error) => {
                        self.operation.fail(key);
                        return Err(database_error(&error.into()).into_server_error());
                    }
                };

                let mut errors = field_errors(&joined.errors);
                errors.extend(computed.errors);
                for error in &mut errors {
                    error.path.insert(0, key.to_owned());
                }
                self.errors
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(errors);

                Ok(Some(Value::Binary(write.success_payload(&done, &joined.values).into())))
            }
            Err(error) => {
                self.operation.fail(key);
                match error.inputs() {
                    Some(inputs) => Ok(Some(Value::Binary(write.error_payload(inputs).into()))),
                    None => Err(write_error_to_answer(&error).into_server_error()),
                }
            }
        }
    }

    /// Commits the operation, or rolls it back and reports this in the fields that did not fail. Returns the errors to
    /// report next to the data.
    pub(in crate::graphql) async fn commit_or_roll_back(
        &self,
        response: &mut Response,
        compiled: &Compiled,
    ) -> Vec<AnswerError> {
        let mut errors = std::mem::take(&mut *self.errors.lock().unwrap_or_else(PoisonError::into_inner));
        let mut failed = self.operation.failed();
        // A value that could not be read back below a field does not roll the operation back, unless the field itself
        // is lost.
        failed.extend(
            response
                .errors
                .iter()
                .filter(|error| error.path.len() <= 1)
                .filter_map(root_field_key),
        );

        let is_lost = |field: &&Selected| match &response.data {
            Value::Object(data) => data
                .get(&Name::new(&field.key))
                .is_none_or(|value| *value == Value::Null),
            _ => true,
        };
        let has_errors = |field: &&Selected| {
            response
                .errors
                .iter()
                .any(|error| root_field_key(error).is_some_and(|root| root == field.key))
        };

        let lost = compiled
            .fields
            .iter()
            .filter(|field| is_lost(field) && has_errors(field));
        failed.extend(lost.map(|field| field.key.clone()));

        if failed.is_empty() && !self.operation.tx.has_failed() {
            if let Err(error) = self.operation.tx.commit().await {
                response.data = Value::Null;
                errors.push(commit_error(&error));
            }
            return errors;
        }

        self.operation.tx.roll_back().await;
        errors.clear();

        let required = self
            .non_null_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut lost = false;
        let Value::Object(data) = &mut response.data else {
            return errors;
        };

        let writes: HashMap<&str, &PlannedWrite> = compiled
            .writes
            .iter()
            .map(|write| (write.field.key.as_str(), write))
            .collect();

        for field in compiled
            .fields
            .iter()
            .filter(|field| !failed.contains(&field.key) && field.name != "__typename")
        {
            let Some(value) = data.get_mut(&Name::new(&field.key)) else {
                continue;
            };

            if let Some(write) = writes.get(field.key.as_str()) {
                *value = Value::Binary(write.rolled_back_payload().into());
            } else {
                let message = format!(
                    "`{}` was rolled back because another field of this operation failed",
                    field.key
                );
                let mut error = AnswerError::new(message, "ROLLED_BACK");
                error.path.push(field.key.clone());
                errors.push(error);
                *value = Value::Null;
                lost |= required.contains(&field.key);
            }
        }

        if lost {
            response.data = Value::Null;
        }

        errors
    }
}

/// The key of the root field that an error belongs to.
fn root_field_key(error: &ServerError) -> Option<String> {
    match error.path.first() {
        Some(async_graphql::PathSegment::Field(name)) => Some(name.clone()),
        _ => None,
    }
}

//! From a request to its plan: parsed, validated and planned, or found ready.

use crate::computing::{LARGE, run_computation};
use crate::graphql::Engine;
use crate::graphql::answer::Answer;
use crate::graphql::answer::AnswerError;
use crate::graphql::answer::Outcome;
use crate::graphql::answer::failure::validation_error;
use crate::graphql::request::Request;
use crate::graphql::request::operation::Compiled;
use crate::graphql::request::operation::Operation;
use crate::graphql::request::plan_cache::Key;
use crate::graphql::request::plan_cache::operation_key;
use crate::graphql::request::prepared::Prepared;
use crate::graphql::validation::OnlyValidate;
use async_graphql::Variables;
use plan::selection::size;
use plan::{Access, check_document};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Engine {
    /// The statements that a request would run, in order; for explanation and tests.
    pub async fn explain(&self, request: Request) -> Result<Vec<String>, String> {
        let failed = |errors: Vec<AnswerError>| {
            errors
                .into_iter()
                .map(|error| error.message)
                .collect::<Vec<_>>()
                .join("; ")
        };

        let operation = self.operation(&request).await.map_err(failed)?;
        let variables = operation.definitions.complete(request.variables).map_err(failed)?;
        let access = Access::Viewer(&request.viewer);
        let compiled = self
            .compiled(&operation, &variables, access)
            .map_err(|error| failed(vec![error]))?;
        Ok(compiled.statements())
    }

    /// Parses, validates and plans a request, or finds the result in the cache. Returns an answer as the error if the request is refused.
    pub async fn prepare(&self, request: Request) -> Result<Prepared, Answer> {
        if is_large(&request) {
            return Box::pin(run_computation(true, self.prepare_inline(request))).await;
        }

        self.prepare_inline(request).await
    }

    async fn prepare_inline(&self, mut request: Request) -> Result<Prepared, Answer> {
        let operation = self
            .operation(&request)
            .await
            .map_err(|errors| Answer::refused(&errors))?;

        if request.query_only && !operation.is_query() {
            let error = AnswerError::new(
                "Only queries are answered over GET; send mutations by POST",
                "METHOD_NOT_ALLOWED",
            );
            return Err(Answer {
                outcome: Outcome::QueryOnly,
                ..Answer::refused(&[error])
            });
        }

        let variables = operation
            .definitions
            .complete(std::mem::take(&mut request.variables))
            .map_err(|errors| Answer::refused(&errors))?;

        let access = Access::Viewer(&request.viewer);
        let compiled = self
            .compiled(&operation, &variables, access)
            .map_err(|error| Answer::refused(&[error]))?;

        Ok(Prepared {
            request,
            operation,
            variables,
            compiled,
        })
    }

    /// The operation of a request, parsed and validated at its first use.
    async fn operation(&self, request: &Request) -> Result<Arc<Operation>, Vec<AnswerError>> {
        let name = request.operation_name.as_deref().filter(|name| !name.is_empty());
        let key = operation_key(&request.query, name);
        if let Some(operation) = self.plans.operation(&key) {
            return Ok(operation);
        }

        // The rare path is boxed, so that the usual request's future does not carry its size.
        Box::pin(self.new_operation(request, name, key)).await
    }

    async fn new_operation(
        &self,
        request: &Request,
        name: Option<&str>,
        key: Key,
    ) -> Result<Arc<Operation>, Vec<AnswerError>> {
        if let Err(error) = check_document(&request.query, &self.parts.model.limits()) {
            return Err(vec![error.into()]);
        }
        let operation = Arc::new(Operation::parse(&request.query, name).map_err(|error| vec![error])?);

        let variables = checked_variables(&request.query, &request.variables);
        let mut check = async_graphql::Request::new(&request.query).variables(variables);
        check.set_parsed_query(operation.document.clone());
        check.data.insert(OnlyValidate);
        check.operation_name = name.map(str::to_owned);

        let response = self.schema.execute(check).await;
        if !response.errors.is_empty() {
            let document = &operation.document;
            return Err(response
                .errors
                .into_iter()
                .map(|error| validation_error(error, document))
                .collect());
        }

        self.plans.insert_operation(key, request.query.len(), &operation);
        Ok(operation)
    }

    fn compiled(
        &self,
        operation: &Operation,
        variables: &Variables,
        access: Access<'_>,
    ) -> Result<Arc<Compiled>, AnswerError> {
        let dialect = self.parts.database.dialect();
        let (compiled, was_ready) = operation.compiled(&self.plans, &self.parts.model, dialect, variables, access)?;
        let counter = if was_ready { &self.plan_hits } else { &self.plan_misses };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(compiled)
    }
}

/// Whether a request is so large that parsing and planning it takes long.
fn is_large(request: &Request) -> bool {
    request.query.len() + request.variables.values().map(size).sum::<usize>() > LARGE
}

/// The variables that async-graphql validates. It copies a variable once for each of its mentions, so variables whose
/// copies would take more than 1 MiB are left to the planner, which checks every value anyway.
fn checked_variables(query: &str, variables: &Variables) -> Variables {
    const MAX_COPIED_BYTES: usize = 1024 * 1024;

    let mentions = query.matches('$').count().max(1);
    let mut checked = Variables::default();
    let small = variables
        .iter()
        .filter(|(_, value)| size(value).saturating_mul(mentions) <= MAX_COPIED_BYTES);
    checked.extend(small.map(|(name, value)| (name.clone(), value.clone())));
    checked
}

//! A served schema: from a request to the bytes of its answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_graphql::{EmptySubscription, Schema, Variables};

use crate::byte_cache::ByteCache;
use crate::computing::{LARGE, run_computation};
use crate::graphql::answer::AnswerError;
use crate::graphql::answer::Outcome;
use crate::graphql::answer::failure::database_error;
use crate::graphql::answer::failure::execution_error;
use crate::graphql::answer::failure::field_errors;
use crate::graphql::answer::failure::restore_null;
use crate::graphql::answer::failure::validation_error;
use crate::graphql::answer::write_errors;
use crate::graphql::answer::{Answer, Execution, Written};
use crate::graphql::compose::Composition;
use crate::graphql::compose::builder;
use crate::graphql::definition::schema_to_sdl;
use crate::graphql::definition::set_schema_description;
use crate::graphql::mutation::transaction::OperationTransaction;
use crate::graphql::parts::EngineParts;
use crate::graphql::request::Request;
use crate::graphql::request::operation::Compiled;
use crate::graphql::request::operation::Operation;
use crate::graphql::request::plan_cache::Key;
use crate::graphql::request::plan_cache::PlanCache;
use crate::graphql::request::plan_cache::operation_key;
use crate::graphql::request::prepared::Prepared;
use crate::graphql::request::root::Mutation;
use crate::graphql::request::root::Planned;
use crate::graphql::request::root::PlannedValues;
use crate::graphql::request::root::Query;
use crate::graphql::request::writes::OperationWrites;
use crate::graphql::request::writes::write_all;
use crate::graphql::types::building::ComposeError;
use crate::graphql::validation::{OnlyValidate, ValidateOnly};
use plan::answer::Executed;
use plan::bind::bind_parameters;
use plan::check_rows;
use plan::json::write_selected;
use plan::selection::size;
use plan::value::BindValue;
use plan::{Access, check_document};
use rows::execute::execute_for;
use rows::{Attempt, Database};

/// Maximum bytes of cached introspection answers: one answer of a large schema takes 11 MB.
const INTROSPECTION_CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// Which of the two ways to an answer is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Finished bytes where every root field is planned, else async-graphql's execution.
    Shortest,
    /// async-graphql's execution, whatever the fields.
    AsyncGraphql,
}

/// A schema over a database.
pub struct Engine {
    schema: Schema<Query, Mutation, EmptySubscription>,
    pub(in crate::graphql) parts: Arc<EngineParts>,
    plans: PlanCache,
    /// Introspection answers by the operations' keys.
    introspections: ByteCache<Key, Arc<[u8]>>,
    /// The schema in the schema definition language, written at its first use.
    sdl: OnceLock<String>,
    /// The schema's description.
    description: Option<String>,
    plan_hits: AtomicU64,
    plan_misses: AtomicU64,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Builds the schema of a composition over a database.
    pub fn new(composition: &Composition, database: Database) -> Result<Self, ComposeError> {
        let parts = Arc::new(EngineParts {
            model: Arc::clone(&composition.model),
            database,
            resolvers: composition.resolvers.clone(),
        });

        let mut builder = builder(composition)?.data(Arc::clone(&parts)).extension(ValidateOnly);
        for shared in &composition.data {
            builder = shared.add(builder, &parts.database);
        }

        let schema = builder.finish();
        Ok(Self {
            schema,
            parts,
            introspections: ByteCache::new(INTROSPECTION_CACHE_BYTES),
            sdl: OnceLock::new(),
            description: composition.description.clone(),
            plans: PlanCache::new(),
            plan_hits: AtomicU64::new(0),
            plan_misses: AtomicU64::new(0),
        })
    }

    /// The schema in the schema definition language.
    pub fn sdl(&self) -> String {
        self.sdl
            .get_or_init(|| schema_to_sdl(&self.schema, self.description.as_deref()))
            .clone()
    }

    /// The tables and their database.
    pub fn parts(&self) -> &Arc<EngineParts> {
        &self.parts
    }

    /// Hits and misses of the plan cache: operations whose plan was ready, and operations that had to be planned.
    pub fn plan_cache(&self) -> (u64, u64) {
        (
            self.plan_hits.load(Ordering::Relaxed),
            self.plan_misses.load(Ordering::Relaxed),
        )
    }

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

    /// Executes a request. If every root field is planned, the answer is written directly; otherwise async-graphql
    /// executes the request.
    pub async fn execute(&self, request: Request) -> Answer {
        self.answer(request, Way::Shortest).await
    }

    /// Executes a request through async-graphql even if every root field is planned; for tests.
    pub async fn execute_through_async_graphql(&self, request: Request) -> Answer {
        self.answer(request, Way::AsyncGraphql).await
    }

    async fn answer(&self, request: Request, way: Way) -> Answer {
        match self.prepare(request).await {
            Ok(prepared) => self.run(&prepared, way).await.answer,
            Err(answer) => answer,
        }
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

    /// Executes a request that [`Self::prepare`] prepared.
    pub async fn execute_prepared(&self, prepared: &Prepared) -> Execution {
        self.run(prepared, Way::Shortest).await
    }

    async fn run(&self, prepared: &Prepared, way: Way) -> Execution {
        if prepared.is_mutation() {
            return Box::pin(self.mutate(prepared, way)).await;
        }

        let answer = if prepared.only_introspects() && way == Way::Shortest {
            Box::pin(self.answer_introspection(prepared)).await
        } else {
            self.query(prepared, way).await
        };
        Execution {
            answer,
            written: Written::Nothing,
        }
    }

    /// Runs a query.
    async fn query(&self, prepared: &Prepared, way: Way) -> Answer {
        let Prepared {
            request,
            operation,
            variables,
            compiled,
        } = prepared;
        let dialect = self.parts.database.dialect();
        let values = match bind_parameters(&compiled.query.plan.parameters, variables, &request.viewer, dialect) {
            Ok(values) => values,
            Err(error) => return Answer::refused(&[error.into()]),
        };
        if let Err(error) = check_rows(&compiled.query.plan, &values, &self.parts.model.limits()) {
            return Answer::refused(&[error.into()]);
        }

        let database = &self.parts.database;
        let executed = match execute_for(database, &compiled.query, &values, &request.viewer).await {
            Ok(executed) => executed,
            Err(error) => return Answer::failed(&[database_error(&error)]),
        };

        if compiled.complete && way == Way::Shortest {
            let is_large = executed.bytes() > LARGE;
            return run_computation(is_large, async { planned_answer(compiled, executed, &values) }).await;
        }
        let planned = Planned {
            compiled: Arc::clone(compiled),
            executed,
            values,
        };
        Box::pin(self.through_async_graphql(request, operation, variables.clone(), planned, None)).await
    }

    /// Runs a mutation operation, again where another transaction was in the way.
    async fn mutate(&self, prepared: &Prepared, way: Way) -> Execution {
        let (request, compiled) = (&prepared.request, &prepared.compiled);
        let mut attempt = Attempt::FIRST;
        loop {
            let viewer = request.viewer.clone();
            let operation = Arc::new(OperationTransaction::new(&self.parts.database, viewer, attempt));

            let answer = if compiled.complete && way == Way::Shortest {
                write_all(&self.parts, &request.viewer, &prepared.variables, compiled, &operation).await
            } else {
                let writes = Arc::new(OperationWrites::new(compiled, &operation));
                let planned = Planned {
                    compiled: Arc::clone(compiled),
                    executed: Executed::default(),
                    values: Vec::new(),
                };
                let variables = prepared.variables.clone();
                self.through_async_graphql(request, &prepared.operation, variables, planned, Some(&writes))
                    .await
            };

            let tx = &operation.tx;
            if let Some(next) = attempt.next(tx.verdict()).await {
                attempt = next;
                continue;
            }

            let written = prepared.written(tx.take_tables());
            return Execution { answer, written };
        }
    }

    /// Answers an introspection request. The answer is the same for every caller, so it is cached.
    async fn answer_introspection(&self, prepared: &Prepared) -> Answer {
        let key = operation_key(&prepared.request.query, prepared.operation_name());
        if let Some(body) = self.introspections.get(&key) {
            return Answer {
                body: body.to_vec(),
                outcome: Outcome::Executed,
            };
        }

        // Only async-graphql knows the types.
        let answer = Box::pin(self.query(prepared, Way::AsyncGraphql)).await;
        if !answer.has_errors() {
            let bytes = size_of_val(&key) + answer.body.len();
            self.introspections.insert(key, answer.body.as_slice().into(), bytes);
        }

        answer
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

    pub(in crate::graphql) async fn through_async_graphql(
        &self,
        request: &Request,
        operation: &Operation,
        variables: Variables,
        planned: Planned,
        writes: Option<&Arc<OperationWrites>>,
    ) -> Answer {
        let compiled = Arc::clone(&planned.compiled);
        let finished = Arc::new(PlannedValues::new(planned));
        let mut inner = async_graphql::Request::new(&request.query).variables(variables);
        inner.set_parsed_query(operation.document.clone());
        inner.operation_name = request.operation_name.clone().filter(|name| !name.is_empty());
        inner.data.insert(request.viewer.clone());
        inner.data.insert(Arc::clone(&finished));

        if let Some(writes) = writes {
            inner.data.insert(Arc::clone(writes));
            inner.data.insert(Arc::clone(&writes.operation));
        }

        let mut response = self.schema.execute(inner).await;
        let (missing, mut errors) = finished.outcome();
        let settled = match writes {
            Some(writes) => writes.commit_or_roll_back(&mut response, &compiled).await,
            None => Vec::new(),
        };

        for error in &response.errors {
            restore_null(&mut response.data, &error.path);
        }

        set_schema_description(&mut response.data, &compiled.fields, self.description.as_deref());
        errors.extend(
            response
                .errors
                .into_iter()
                .map(|error| execution_error(error, &operation.document)),
        );
        errors.extend(settled);

        let mut body = vec![b'{'];
        if !errors.is_empty() {
            write_errors(&errors, &mut body);
            body.push(b',');
        }

        body.extend_from_slice(b"\"data\":");
        if missing {
            body.extend_from_slice(b"null");
        } else {
            write_selected(&response.data, &compiled.fields, &mut body);
        }
        body.push(b'}');

        Answer {
            body,
            outcome: Outcome::Executed,
        }
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

/// The answer of an operation whose root fields are all planned.
fn planned_answer(compiled: &Compiled, executed: Executed, values: &[BindValue]) -> Answer {
    let written = executed.write(&compiled.query.plan, values, |errors| {
        let mut body = vec![b'{'];
        if !errors.is_empty() {
            write_errors(&field_errors(errors), &mut body);
            body.push(b',');
        }
        body.extend_from_slice(b"\"data\":");
        body
    });

    let mut body = match written {
        Ok(body) => body,
        Err(error) => return Answer::failed(&[database_error(&error.into())]),
    };
    body.push(b'}');

    Answer {
        body,
        outcome: Outcome::Executed,
    }
}

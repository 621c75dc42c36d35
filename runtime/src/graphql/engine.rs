//! A served schema: from a request to the bytes of its answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_graphql::{EmptySubscription, Schema, Variables};

use crate::byte_cache::ByteCache;
use crate::computing::{LARGE, run_computation};
use crate::graphql::answer::Outcome;
use crate::graphql::answer::failure::database_error;
use crate::graphql::answer::failure::execution_error;
use crate::graphql::answer::failure::field_errors;
use crate::graphql::answer::failure::restore_null;
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
use crate::graphql::validation::ValidateOnly;
use plan::answer::Executed;
use plan::bind::bind_parameters;
use plan::check_rows;
use plan::json::write_selected;
use plan::value::BindValue;
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
    pub(super) schema: Schema<Query, Mutation, EmptySubscription>,
    pub(in crate::graphql) parts: Arc<EngineParts>,
    pub(super) plans: PlanCache,
    /// Introspection answers by the operations' keys.
    introspections: ByteCache<Key, Arc<[u8]>>,
    /// The schema in the schema definition language, written at its first use.
    sdl: OnceLock<String>,
    /// The schema's description.
    description: Option<String>,
    pub(super) plan_hits: AtomicU64,
    pub(super) plan_misses: AtomicU64,
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

//! Answers a request to one schema: the caller's limits, hooks and plugins, the engine, and metrics.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use governor::clock::Clock as _;

use crate::graphql::{Answer, Execution, Outcome, Prepared, Request, Written};
use crate::observe::{Event, Operation, RequestOutcome};
use crate::panics::{catch_panic, panic_message};
use crate::registry::{Hook, HookKind, Participant, Registered, Registry, RequestContext, Verdict, in_order};
use plan::viewer::Viewer;

/// Requests that take at least this long are logged with their plans, unless the program sets another duration.
pub(crate) const DEFAULT_SLOW_QUERY: Duration = Duration::from_secs(1);

/// Why a request is rejected before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The schema requires authentication, and the viewer is not signed in.
    Unauthenticated,
    /// The caller sent too many requests; the next one is allowed after this duration.
    RateLimited(Duration),
    /// The schema has nothing to serve.
    Empty,
}

/// Answers a request to a schema. The rate limit counts by viewer, or by the address `caller` for unknown viewers.
pub(crate) async fn respond(
    registry: &Registry,
    schema: &Registered,
    viewer: Viewer,
    caller: Option<IpAddr>,
    mut request: Request,
    slow: Duration,
) -> Result<Answer, Rejection> {
    let span = tracing::Span::current();
    span.record("schema", schema.info.name.as_str());

    if schema.effective.require_authentication && !viewer.is_authenticated() {
        return Err(Rejection::Unauthenticated);
    }

    if let Some(limiter) = &schema.limiter {
        let caller = match (&viewer.id, caller) {
            (Some(id), _) => format!("viewer {id}"),
            (None, Some(address)) => format!("address {address}"),
            (None, None) => String::new(),
        };
        if let Err(until) = limiter.check_key(&caller) {
            registry.observer().emit(&Event::RateLimited {
                schema: &schema.info.name,
            });
            let wait = until.wait_time_from(governor::clock::DefaultClock::default().now());
            return Err(Rejection::RateLimited(wait));
        }
        // Callers that were not seen for a while have their full quota again and can be forgotten.
        if limiter.len() > MAX_TRACKED_CALLERS {
            limiter.retain_recent();
        }
    }

    let engine = schema.engine.as_ref().ok_or(Rejection::Empty)?;
    let started = Instant::now();

    request.viewer = viewer;
    let prepared = match engine.prepare(request).await {
        Ok(prepared) => prepared,
        Err(answer) => {
            schema
                .meter
                .record(Operation::Unknown, RequestOutcome::Failed, started.elapsed());
            return Ok(answer);
        }
    };

    if let Some(name) = prepared.operation_name() {
        span.record("operation", name);
    }

    let operation = if prepared.is_query() {
        Operation::Query
    } else {
        Operation::Mutation
    };

    if prepared.introspects() && !schema.effective.introspection {
        schema
            .meter
            .record(operation, RequestOutcome::Failed, started.elapsed());
        return Ok(Answer::refuse(
            "introspection is disabled for this schema",
            "INTROSPECTION_DISABLED",
        ));
    }

    let (hooks, plugins) = (registry.hooks().list(), registry.plugins().active());
    let has_hooks = hooks
        .iter()
        .any(|hook| matches!(hook.kind(), HookKind::PreExecute | HookKind::PostExecute));

    let (answer, cached) = if has_hooks || !plugins.is_empty() {
        let call = Call {
            registry,
            schema,
            prepared,
            started,
            slow,
        };
        Box::pin(execute_with_plugins(call, &in_order(&hooks, &plugins))).await
    } else {
        let answer = with_timeout(schema, engine.execute_prepared(&prepared)).await.answer;
        log_slow(registry, schema, &prepared, started, slow);
        (answer, false)
    };

    let outcome = match (cached, answer.has_errors()) {
        (true, _) => RequestOutcome::Cached,
        (false, true) => RequestOutcome::Failed,
        (false, false) => RequestOutcome::Answered,
    };

    schema.meter.record(operation, outcome, started.elapsed());
    Ok(answer)
}

/// The number of callers in the rate limiter above which inactive ones are forgotten.
const MAX_TRACKED_CALLERS: usize = 100_000;

/// A prepared request on its way through hooks and plugins.
struct Call<'c> {
    registry: &'c Registry,
    schema: &'c Registered,
    prepared: Prepared,
    started: Instant,
    /// From which duration on it is logged.
    slow: Duration,
}

/// Executes a request between the hooks and plugins before and after it. Returns the answer, and whether a plugin gave it.
async fn execute_with_plugins(call: Call<'_>, participants: &[Participant<'_>]) -> (Answer, bool) {
    let Call {
        registry,
        schema,
        prepared,
        started,
        slow,
    } = call;
    let cache = registry.cache();
    let context = RequestContext::new(schema, &prepared, &cache, registry.observer(), started);

    for participant in participants {
        let verdict = match participant {
            Participant::Hook(hook) => match hook.before(&context) {
                Some(Err(reason)) => Ok(Verdict::Refuse(reason)),
                _ => Ok(Verdict::Continue),
            },
            Participant::Plugin(plugin) => catch_async_panic(plugin.on_request(&context)).await,
        };
        match verdict {
            Ok(Verdict::Continue) => {}
            Ok(Verdict::Answer(answer)) => return (answer, true),
            Ok(Verdict::Refuse(reason)) => return (Answer::refuse(reason, "REQUEST_REFUSED"), false),
            Err(message) => return (Answer::refuse(message, "INTERNAL_SERVER_ERROR"), false),
        }
    }

    let answer = match &schema.engine {
        Some(engine) => {
            let execution = with_timeout(schema, engine.execute_prepared(&prepared)).await;
            context.set_written(execution.written);
            execution.answer
        }
        None => Answer::refuse("The schema has nothing to serve", "SCHEMA_EMPTY"),
    };
    log_slow(registry, schema, &prepared, started, slow);

    for participant in participants {
        match participant {
            Participant::Hook(hook) => {
                if let Some(outcome) = hook.after(&context, &answer) {
                    registry.report(hook.name(), "post_execute", outcome);
                }
            }
            Participant::Plugin(plugin) => {
                let outcome = catch_async_panic(plugin.on_response(&context, &answer)).await;
                registry.report(plugin.name(), "post_execute", outcome.and_then(|outcome| outcome));
            }
        }
    }

    (answer, false)
}

/// Runs a plugin's future. A panic becomes an error; its text goes to the log only, not to the client.
async fn catch_async_panic<T>(plugin: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(plugin).catch_unwind().await.map_err(|panic| {
        tracing::error!(cause = panic_message(&*panic), "a plugin panicked");
        "The request failed on the server; its log has the cause".to_owned()
    })
}

/// Runs an execution within the schema's `query_timeout`.
async fn with_timeout(schema: &Registered, execution: impl Future<Output = Execution>) -> Execution {
    let Some(timeout) = schema.effective.query_timeout else {
        return execution.await;
    };

    tokio::time::timeout(timeout, execution).await.unwrap_or_else(|_| {
        let seconds = timeout.as_secs();
        let message = format!("The request took longer than {seconds} s (setting `query_timeout`)");
        Execution {
            answer: Answer {
                outcome: Outcome::TimedOut,
                ..Answer::refuse(message, "TIMEOUT")
            },
            written: Written::Unknown,
        }
    })
}

/// Reports a request as a slow query if it took at least `slow`.
fn log_slow(registry: &Registry, schema: &Registered, plan: &Prepared, started: Instant, slow: Duration) {
    let duration = started.elapsed();
    if duration >= slow {
        let (statements, operation) = (plan.statements(), plan.operation_name());
        let schema = &schema.info.name;
        registry.observer().emit(&Event::SlowQuery {
            schema,
            operation,
            duration,
            statements: &statements,
        });
    }
}

impl Hook {
    fn before(&self, context: &RequestContext<'_>) -> Option<Result<(), String>> {
        self.pre_execute_call().map(|call| catch_panic(|| call(context)))
    }

    fn after(&self, context: &RequestContext<'_>, answer: &Answer) -> Option<Result<(), String>> {
        self.post_execute_call()
            .map(|call| catch_panic(|| call(context, answer)))
    }
}

//! Cached answers, for schemas whose settings enable caching.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::async_trait::async_trait;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::cache::{ALL, AnswerCache, CacheError, Entry, fresh};
use crate::graphql::{Answer, Outcome, Written};
use crate::observe::Event;
use crate::registry::{Plugin, RequestContext, Verdict};

/// The name whose number every write raises, for answers whose tables are not known.
const ANY_TABLE: &str = "*any";

/// Answers of more bytes than this are not cached.
const MAX_CACHED_BYTES: usize = 1024 * 1024;

/// Caches the answers of queries by schema, version, operation, variables and viewer, until the schema's
/// `cache_timeout` is over or a table that they read is written to.
#[derive(Debug, Default)]
pub struct CachingPlugin {
    hits: AtomicU64,
    misses: AtomicU64,
    failures: AtomicU64,
}

/// Drops every cached answer if a mutation ends without an answer: although the client is gone, its changes may have
/// been committed.
struct Unfinished(Option<Arc<dyn AnswerCache>>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let (Some(cache), Ok(handle)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            handle.spawn(async move {
                // A cache that is out of reach remembers the write itself.
                let _ = cache.raise(&[ALL.to_owned(), ANY_TABLE.to_owned()].into()).await;
            });
        }
    }
}

/// The key and the tables of an answer to cache, noted between request and answer.
struct Pending {
    key: String,
    tables: Vec<(String, u64)>,
}

impl CachingPlugin {
    /// Returns a plugin that has counted nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts and reports an error of the cache; the request goes on.
    fn report_failure(&self, context: &RequestContext<'_>, error: &CacheError) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        // A cache that is out of reach has logged that once, when it went away.
        if let CacheError::Failed(reason) = error {
            context.observer.emit(&Event::CacheFailed { reason });
        }
    }
}

#[async_trait]
impl Plugin for CachingPlugin {
    fn name(&self) -> &'static str {
        "caching"
    }

    /// After everything that may refuse a request: an answer of the cache ends the chain.
    fn priority(&self) -> i32 {
        1_000
    }

    async fn on_request(&self, context: &RequestContext<'_>) -> Verdict {
        if !context.prepared.is_query() {
            context.leave(Unfinished(Some(Arc::clone(context.cache))));
            return Verdict::Continue;
        }

        let Some(caching) = context
            .settings
            .caching
            .as_ref()
            .filter(|_| context.prepared.is_query())
        else {
            return Verdict::Continue;
        };

        let key = key(context, &caching.prefix);
        match fresh(context.cache.as_ref(), &key).await {
            Ok(Some(entry)) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                return Verdict::Answer(Answer {
                    body: entry.body,
                    outcome: Outcome::Executed,
                });
            }
            Ok(None) => {}
            Err(error) => {
                self.report_failure(context, &error);
                return Verdict::Continue;
            }
        }

        self.misses.fetch_add(1, Ordering::Relaxed);

        // The numbers are read before the query, so that a write during the query makes the answer invalid at once.
        let mut tables = context
            .prepared
            .tables()
            .map_or_else(|| vec![ANY_TABLE.to_owned()], <[String]>::to_vec);
        tables.push(ALL.to_owned());

        match context.cache.numbers(&tables).await {
            Ok(numbers) => context.leave(Pending {
                key,
                tables: tables.into_iter().zip(numbers).collect(),
            }),
            Err(error) => self.report_failure(context, &error),
        }

        Verdict::Continue
    }

    async fn on_response(&self, context: &RequestContext<'_>, answer: &Answer) -> Result<(), String> {
        if !context.prepared.is_query() {
            if let Some(mut unfinished) = context.take::<Unfinished>() {
                unfinished.0 = None;
            }

            let mut written = match context.written() {
                Some(Written::Tables(tables)) => tables.clone(),
                _ => [ALL.to_owned()].into(),
            };
            written.insert(ANY_TABLE.to_owned());
            if let Err(error) = context.cache.raise(&written).await {
                self.report_failure(context, &error);
            }

            return Ok(());
        }

        let Some(Pending { key, tables }) = context.take::<Pending>() else {
            return Ok(());
        };
        if answer.has_errors() || answer.body.len() > MAX_CACHED_BYTES {
            return Ok(());
        }

        let time = context
            .settings
            .caching
            .as_ref()
            .map(|caching| caching.timeout)
            .unwrap_or_default();

        if let Err(error) = context
            .cache
            .keep(
                &key,
                Entry {
                    body: answer.body.clone(),
                    tables,
                },
                time,
            )
            .await
        {
            self.report_failure(context, &error);
        }

        Ok(())
    }

    fn metrics(&self) -> Value {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        json!({"hits": count(&self.hits), "misses": count(&self.misses), "failures": count(&self.failures)})
    }
}

/// Returns the key of an answer: viewers who may see different data have different keys.
fn key(context: &RequestContext<'_>, prefix: &str) -> String {
    let schema = context.schema;
    let mut hash = Sha256::new();

    for part in [
        schema.name.as_str(),
        &schema.version.to_string(),
        // A definition may change without its version, and then has other answers.
        &json!([schema.apps, schema.models, schema.exclude_models, schema.settings]).to_string(),
        &context.request.query,
        context.request.operation_name.as_deref().unwrap_or_default(),
        &serde_json::to_string(context.prepared.variables()).unwrap_or_default(),
        &context.viewer.key(),
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }

    let mut key = format!("{prefix}graphql:answer:{}:", schema.name);
    for byte in hash.finalize() {
        let _ = write!(key, "{byte:02x}");
    }

    key
}

//! Answers in Redis, for several servers together.

use std::collections::BTreeSet;
use std::time::Duration;

use async_graphql::async_trait::async_trait;
use redis::AsyncCommands as _;
use redis::aio::ConnectionManager;

use super::{AnswerCache, CacheError, Entry};

/// How long Redis may take before a request goes on without it.
const PATIENCE: Duration = Duration::from_millis(500);

/// A cache in Redis.
#[derive(Clone)]
pub struct RedisCache {
    connection: ConnectionManager,
}

impl std::fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisCache").finish_non_exhaustive()
    }
}

impl RedisCache {
    /// Connects to `redis://`.
    pub async fn connect(url: &str) -> Result<Self, CacheError> {
        let client = redis::Client::open(url).map_err(|error| CacheError(format!("Redis: {error}")))?;
        let connection = within(ConnectionManager::new(client)).await?;
        Ok(Self { connection })
    }
}

async fn within<T>(asked: impl Future<Output = redis::RedisResult<T>>) -> Result<T, CacheError> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(CacheError(format!("Redis: {error}"))),
        Err(_) => Err(CacheError("Redis did not answer in time".into())),
    }
}

fn number_key(table: &str) -> String {
    format!("graphql:table:{table}")
}

#[async_trait]
impl AnswerCache for RedisCache {
    async fn entry(&self, key: &str) -> Result<Option<Entry>, CacheError> {
        let stored: Option<Vec<u8>> = within(self.connection.clone().get(key)).await?;
        Ok(stored.and_then(|bytes| read(&bytes)))
    }

    async fn keep(&self, key: &str, entry: Entry, time: Duration) -> Result<(), CacheError> {
        within(self.connection.clone().set_ex::<_, _, ()>(key, write(&entry), time.as_secs().max(1))).await
    }

    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError> {
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = tables.iter().map(|table| number_key(table)).collect();
        let numbers: Vec<Option<u64>> = within(self.connection.clone().mget(keys)).await?;
        Ok(numbers.into_iter().map(Option::unwrap_or_default).collect())
    }

    async fn raise(&self, tables: &BTreeSet<String>) -> Result<(), CacheError> {
        let mut all = redis::pipe();
        for table in tables {
            all.incr(number_key(table), 1).ignore();
        }
        within(all.query_async::<()>(&mut self.connection.clone())).await
    }

    fn size(&self) -> Option<(u64, u64)> {
        None
    }
}

/// The tables as a line of JSON, then the body.
fn write(entry: &Entry) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(&entry.tables).expect("invariant: names and numbers are JSON");
    bytes.push(b'\n');
    bytes.extend_from_slice(&entry.body);
    bytes
}

fn read(bytes: &[u8]) -> Option<Entry> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    Some(Entry { tables: serde_json::from_slice(&bytes[..end]).ok()?, body: bytes[end + 1..].to_vec() })
}

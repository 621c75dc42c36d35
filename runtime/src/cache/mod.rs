//! Cached answers, which writes to the tables that they read make invalid.
//!
//! Each table has a number that a write changes. An answer is stored with the numbers that its tables had before it was
//! made, and is valid as long as they are unchanged, so a write need not know which answers are stored.

mod memory;
mod redis_cache;

use std::collections::BTreeSet;
use std::time::Duration;

use async_graphql::async_trait::async_trait;

pub use memory::MemoryCache;
pub use redis_cache::{Health, RedisCache, RedisOptions};

/// The name for all tables together. Every answer is stored with its number too, so that raising it drops every answer:
/// hand-written code may have written to any table, and a cache may have lost count of the writes.
pub const ALL: &str = "*all";

/// A cached answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The answer's body.
    pub body: Vec<u8>,
    /// The tables that it read, with their numbers.
    pub tables: Vec<(String, u64)>,
}

/// Why a call of a cache failed; the request goes on without the cache.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The cache is out of reach. It has logged this once, when it went away, so callers need not log it for each
    /// request.
    #[error("the cache does not answer")]
    Away,
    /// The cache was asked and failed.
    #[error("{0}")]
    Failed(String),
}

/// A cache of answers.
#[async_trait]
pub trait AnswerCache: Send + Sync + std::fmt::Debug {
    /// Returns the answer under a key, if it is there and has not expired. It does not check whether its tables were
    /// written to since; [`fresh`] does.
    async fn entry(&self, key: &str) -> Result<Option<Entry>, CacheError>;

    /// Stores an answer for a time. Its tables include [`ALL`].
    async fn keep(&self, key: &str, entry: Entry, time: Duration) -> Result<(), CacheError>;

    /// Returns the numbers of tables, in their order.
    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError>;

    /// Changes the numbers of tables, after they were written to.
    async fn raise(&self, tables: &BTreeSet<String>) -> Result<(), CacheError>;

    /// Returns the size in bytes and the number of entries, if they are known.
    fn size(&self) -> Option<(u64, u64)>;

    /// Returns the state of a cache outside this program; `None` for one inside.
    fn health(&self) -> Option<Health> {
        None
    }
}

/// Returns the answer under a key, if no table that it read was written to since.
pub async fn fresh(cache: &dyn AnswerCache, key: &str) -> Result<Option<Entry>, CacheError> {
    let Some(entry) = cache.entry(key).await? else {
        return Ok(None);
    };

    let tables: Vec<String> = entry.tables.iter().map(|(table, _)| table.clone()).collect();
    let numbers = cache.numbers(&tables).await?;

    let is_fresh = entry.tables.iter().zip(numbers).all(|((_, then), now)| *then == now);
    Ok(is_fresh.then_some(entry))
}

//! Answers kept, and dropped by writes to the tables that they read.
//!
//! Each table has a number that a write raises. An answer is kept with the numbers that its tables had before it was
//! made, and is good as long as they still have them: whoever writes need not know which answers there are.

mod memory;
mod redis_cache;

use std::collections::BTreeSet;
use std::time::Duration;

use async_graphql::async_trait::async_trait;

pub use memory::MemoryCache;
pub use redis_cache::RedisCache;

/// An answer kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The answer's body.
    pub body: Vec<u8>,
    /// The tables that it read, with their numbers.
    pub tables: Vec<(String, u64)>,
}

/// Why a cache did not do what it was asked to; a request goes on without it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CacheError(pub String);

/// A place for answers.
#[async_trait]
pub trait AnswerCache: Send + Sync + std::fmt::Debug {
    /// The answer under a key, if it is there and not too old; whether its tables were written to is not looked at.
    async fn entry(&self, key: &str) -> Result<Option<Entry>, CacheError>;

    /// Keeps an answer for a time.
    async fn keep(&self, key: &str, entry: Entry, time: Duration) -> Result<(), CacheError>;

    /// The numbers of tables, in their order.
    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError>;

    /// Raises the numbers of tables.
    async fn raise(&self, tables: &BTreeSet<String>) -> Result<(), CacheError>;

    /// Bytes and entries, where they are known.
    fn size(&self) -> Option<(u64, u64)>;
}

/// The answer under a key, if no table that it read was written to since.
pub async fn fresh(cache: &dyn AnswerCache, key: &str) -> Result<Option<Entry>, CacheError> {
    let Some(entry) = cache.entry(key).await? else { return Ok(None) };
    let tables: Vec<String> = entry.tables.iter().map(|(table, _)| table.clone()).collect();
    let numbers = cache.numbers(&tables).await?;
    let is_fresh = entry.tables.iter().zip(numbers).all(|((_, then), now)| *then == now);
    Ok(is_fresh.then_some(entry))
}

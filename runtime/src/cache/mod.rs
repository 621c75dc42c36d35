//! Answers kept, and dropped by writes to the tables that they read.
//!
//! Each table has a number that a write changes. An answer is kept with the numbers that its tables had before it was
//! made, and is good as long as they still have them: whoever writes need not know which answers there are.

mod memory;
mod redis_cache;

use std::collections::BTreeSet;
use std::time::Duration;

use async_graphql::async_trait::async_trait;

pub use memory::MemoryCache;
pub use redis_cache::{Health, RedisCache, RedisOptions};

/// The name that stands for all tables. Every answer is kept with its number too, so that raising it drops every
/// answer: hand-written code may have written to any table, and a cache may have lost count of what was written.
pub const ALL: &str = "*all";

/// An answer kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The answer's body.
    pub body: Vec<u8>,
    /// The tables that it read, with their numbers.
    pub tables: Vec<(String, u64)>,
}

/// Why a cache did not do what it was asked to; a request goes on without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The cache is known to be out of reach and was not asked at all. The cache reported this when it began, so
    /// that nobody need report it for each request.
    #[error("the cache does not answer")]
    Away,
    /// The cache was asked and failed.
    #[error("{0}")]
    Failed(String),
}

/// A place for answers.
#[async_trait]
pub trait AnswerCache: Send + Sync + std::fmt::Debug {
    /// Returns the answer under a key, if it is there and not too old. Whether its tables were written to since is
    /// not looked at; [`fresh`] does that.
    async fn entry(&self, key: &str) -> Result<Option<Entry>, CacheError>;

    /// Keeps an answer for a time. The tables include [`ALL`].
    async fn keep(&self, key: &str, entry: Entry, time: Duration) -> Result<(), CacheError>;

    /// Returns the numbers of tables, in their order.
    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError>;

    /// Changes the numbers of tables, after they were written to.
    async fn raise(&self, tables: &BTreeSet<String>) -> Result<(), CacheError>;

    /// Returns bytes and entries, where they are known.
    fn size(&self) -> Option<(u64, u64)>;

    /// Returns the state of a cache that lies outside this program.
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

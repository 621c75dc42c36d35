//! Answers in this program's memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use async_graphql::async_trait::async_trait;

use super::{AnswerCache, CacheError, Entry};
use crate::byte_cache::ByteCache;

/// A bounded cache in memory.
#[derive(Debug)]
pub struct MemoryCache {
    entries: ByteCache<String, Entry>,
    numbers: RwLock<HashMap<String, u64>>,
}

impl MemoryCache {
    /// Returns a cache of at most `bytes` bytes; the answers asked for least are evicted first.
    pub fn new(bytes: u64) -> Self {
        Self {
            entries: ByteCache::new(bytes),
            numbers: RwLock::default(),
        }
    }
}

#[async_trait]
impl AnswerCache for MemoryCache {
    async fn entry(&self, key: &str) -> Result<Option<Entry>, CacheError> {
        Ok(self.entries.get(key))
    }

    async fn keep(&self, key: &str, entry: Entry, time: Duration) -> Result<(), CacheError> {
        let tables: usize = entry.tables.iter().map(|(table, _)| table.len() + 32).sum();
        let bytes = key.len() + entry.body.len() + tables + 128;

        self.entries.insert_for(key.to_owned(), entry, bytes, time);
        Ok(())
    }

    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError> {
        let numbers = self.numbers.read().unwrap_or_else(PoisonError::into_inner);

        Ok(tables
            .iter()
            .map(|table| numbers.get(table).copied().unwrap_or(0))
            .collect())
    }

    async fn raise(&self, tables: &BTreeSet<String>) -> Result<(), CacheError> {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);

        for table in tables {
            *numbers.entry(table.clone()).or_default() += 1;
        }

        Ok(())
    }

    fn size(&self) -> Option<(u64, u64)> {
        Some(self.entries.size())
    }
}

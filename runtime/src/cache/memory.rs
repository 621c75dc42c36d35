//! Answers in this program's memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_graphql::async_trait::async_trait;
use moka::Expiry;
use moka::sync::Cache;

use super::{AnswerCache, CacheError, Entry};

/// A bounded cache in memory.
#[derive(Debug)]
pub struct MemoryCache {
    entries: Cache<String, Timed>,
    numbers: RwLock<HashMap<String, u64>>,
}

#[derive(Debug, Clone)]
struct Timed {
    entry: Entry,
    time: Duration,
}

/// Each answer ends at its own time.
struct OwnTime;

impl Expiry<String, Timed> for OwnTime {
    fn expire_after_create(&self, _: &String, value: &Timed, _: Instant) -> Option<Duration> {
        Some(value.time)
    }
}

impl MemoryCache {
    /// A cache of at most so many bytes; what is asked for least goes first.
    pub fn new(bytes: u64) -> Self {
        let weigh = |key: &String, value: &Timed| {
            let tables: usize = value.entry.tables.iter().map(|(table, _)| table.len() + 32).sum();
            u32::try_from(key.len() + value.entry.body.len() + tables + 128).unwrap_or(u32::MAX)
        };
        let entries = Cache::builder().max_capacity(bytes).weigher(weigh).expire_after(OwnTime).build();
        Self { entries, numbers: RwLock::default() }
    }
}

#[async_trait]
impl AnswerCache for MemoryCache {
    async fn entry(&self, key: &str) -> Result<Option<Entry>, CacheError> {
        Ok(self.entries.get(key).map(|timed| timed.entry))
    }

    async fn keep(&self, key: &str, entry: Entry, time: Duration) -> Result<(), CacheError> {
        self.entries.insert(key.to_owned(), Timed { entry, time });
        Ok(())
    }

    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError> {
        let numbers = self.numbers.read().unwrap_or_else(PoisonError::into_inner);
        Ok(tables.iter().map(|table| numbers.get(table).copied().unwrap_or(0)).collect())
    }

    async fn raise(&self, tables: &BTreeSet<String>) -> Result<(), CacheError> {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        for table in tables {
            *numbers.entry(table.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn size(&self) -> Option<(u64, u64)> {
        self.entries.run_pending_tasks();
        Some((self.entries.weighted_size(), self.entries.entry_count()))
    }
}

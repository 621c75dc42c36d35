//! Cached operations and plans of one schema. Clients choose how many there are and how large they are, so the cache is
//! bounded by bytes, not by entries.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::byte_cache::ByteCache;
use crate::graphql::request::operation::Compiled;
use crate::graphql::request::operation::Operation;

/// Approximate maximum bytes of the cached operations of one schema; their plans have the same limit.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// A cache key: a SHA-256 digest. Texts would be too large as keys: the cache keeps many keys of evicted entries, until
/// it grows or its table is rebuilt.
pub(in crate::graphql) type Key = [u8; 32];

/// The key of an operation: the digest of its name and its document.
pub(in crate::graphql) fn operation_key(document: &str, name: Option<&str>) -> Key {
    let name = name.unwrap_or_default();
    let hash = Sha256::new()
        .chain_update(name.len().to_le_bytes())
        .chain_update(name)
        .chain_update(document);
    hash.finalize().into()
}

/// The operations of one schema by their documents, and the plans of each by the shape of its variables.
#[derive(Debug)]
pub(in crate::graphql) struct PlanCache {
    operations: ByteCache<Key, Arc<Operation>>,
    plans: ByteCache<(u64, Key), Arc<Compiled>>,
}

impl PlanCache {
    pub(in crate::graphql) fn new() -> Self {
        Self {
            operations: ByteCache::new(CAPACITY),
            plans: ByteCache::new(CAPACITY),
        }
    }

    /// The cached operation of a key.
    pub(in crate::graphql) fn operation(&self, key: &Key) -> Option<Arc<Operation>> {
        self.operations.get(key)
    }

    /// Caches an operation; `document` is the length of its document in bytes.
    pub(in crate::graphql) fn insert_operation(&self, key: Key, document: usize, operation: &Arc<Operation>) {
        self.operations.insert(key, Arc::clone(operation), parsed(document));
    }

    /// The cached plan of an operation for a shape of its variables. The error is the key to cache the plan under.
    pub(in crate::graphql) fn plan(&self, operation: u64, shape: &str) -> Result<Arc<Compiled>, (u64, Key)> {
        let key = (operation, Sha256::digest(shape).into());
        self.plans.get(&key).ok_or(key)
    }

    pub(in crate::graphql) fn insert_plan(&self, key: (u64, Key), shape: &str, compiled: &Arc<Compiled>) {
        let bytes = planned(shape.len(), compiled);
        self.plans.insert(key, Arc::clone(compiled), bytes);
    }
}

/// Approximate bytes of a parsed document whose text has `text` bytes. Measured together with its plan: 50 lists of 11
/// columns, 6 KB of text, take 685 KB; 49 conditions on related rows, 1.7 KB, take 230 KB.
fn parsed(text: usize) -> usize {
    2048 + text.saturating_mul(50)
}

/// Approximate bytes of a plan, estimated from the length of its statements, whose parts are several times as large,
/// and from the length of the shape, which contains the values that the plan holds.
fn planned(shape: usize, compiled: &Compiled) -> usize {
    let statements: usize = compiled
        .query
        .statements
        .iter()
        .map(|statement| statement.sql.len())
        .sum();
    2048 + statements.saturating_mul(25) + shape.saturating_mul(25)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_take_a_bounded_room() {
        let cache = PlanCache::new();
        for number in 0..20 {
            let text = format!("{{ field{number}(text: \"{}\") }}", "x".repeat(100_000));
            let operation = Operation::parse(&text, None).expect("a document");
            cache.insert_operation(operation_key(&text, None), text.len(), &Arc::new(operation));
        }

        let (bytes, count) = cache.operations.size();
        assert!(bytes <= CAPACITY);
        assert!((1..8).contains(&count), "{count}");
    }
}

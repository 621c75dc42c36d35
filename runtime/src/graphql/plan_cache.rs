//! Plans that are kept ready, of all operations of a schema together. Clients choose how many there are and how large,
//! so their bytes are bounded, not their number.

use std::sync::Arc;

use moka::sync::Cache;

use super::operation::{Compiled, Operation};

/// About how many bytes the operations of one schema take, and about as many their plans.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// The operations of one schema by their documents' texts, and the plans of each by the shape of its variables.
#[derive(Debug)]
pub(super) struct PlanCache {
    operations: Cache<Box<str>, Arc<Operation>>,
    plans: Cache<(u64, Box<str>), Arc<Compiled>>,
}

impl PlanCache {
    pub(super) fn new() -> Self {
        #[expect(clippy::borrowed_box, reason = "the cache hands its keys over so")]
        let of_text = |text: &Box<str>, _: &Arc<Operation>| parsed(text.len());
        let operations = Cache::builder().max_capacity(CAPACITY).weigher(of_text);
        let plans = Cache::builder()
            .max_capacity(CAPACITY)
            .weigher(|(_, shape): &(u64, Box<str>), compiled: &Arc<Compiled>| planned(shape.len(), compiled));
        Self { operations: operations.build(), plans: plans.build() }
    }

    /// The operation of a text, if it is kept.
    pub(super) fn operation(&self, key: &str) -> Option<Arc<Operation>> {
        self.operations.get(key)
    }

    pub(super) fn keep_operation(&self, key: &str, operation: &Arc<Operation>) {
        self.operations.insert(key.into(), Arc::clone(operation));
    }

    /// The plan of an operation for a shape of its variables, if it is kept, and otherwise the key to keep it by.
    pub(super) fn plan(&self, operation: u64, shape: Box<str>) -> Result<Arc<Compiled>, (u64, Box<str>)> {
        let key = (operation, shape);
        self.plans.get(&key).ok_or(key)
    }

    pub(super) fn keep_plan(&self, key: (u64, Box<str>), compiled: &Arc<Compiled>) {
        self.plans.insert(key, Arc::clone(compiled));
    }
}

/// About how many bytes a document takes once it is parsed. Measured together with its plan: 50 lists of 11 columns, 6 KB
/// of text, take 685 KB; 49 conditions on related rows, 1.7 KB, take 230 KB.
fn parsed(text: usize) -> u32 {
    weight(2048 + text.saturating_mul(50))
}

/// About how many bytes a plan takes: its statements stand for their parts, which are some times as large, and the
/// shape stands for the values that the plan holds.
fn planned(shape: usize, compiled: &Compiled) -> u32 {
    let statements: usize = compiled.plan.levels.iter().map(|level| level.statement.sql.len()).sum();
    weight(2048 + statements.saturating_mul(25) + shape.saturating_mul(25))
}

fn weight(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
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
            cache.keep_operation(&text, &Arc::new(operation));
        }
        cache.operations.run_pending_tasks();

        assert!(cache.operations.weighted_size() <= CAPACITY);
        assert!((1..8).contains(&cache.operations.entry_count()), "{}", cache.operations.entry_count());
    }
}

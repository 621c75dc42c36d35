//! Tables that were written to and whose numbers in Redis may not have been changed yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cache::ALL;

/// How many tables are remembered by name; beyond that every answer is dropped instead.
const MAX_TABLES: usize = 1024;

/// The tables, each with the ticket of its last write.
#[derive(Debug, Default)]
pub(super) struct PendingWrites(Mutex<Tickets>);

#[derive(Debug, Default)]
struct Tickets {
    last: u64,
    tables: BTreeMap<String, u64>,
}

/// The tables of one attempt, with their tickets.
pub(super) type Batch = Vec<(String, u64)>;

impl PendingWrites {
    /// Records tables before their numbers are changed, so that they are not lost if that is cut short.
    pub(super) fn record(&self, tables: &BTreeSet<String>) -> Batch {
        let mut noted = self.lock();
        noted.last += 1;
        let ticket = noted.last;

        for table in tables {
            noted.tables.insert(table.clone(), ticket);
        }

        if noted.tables.len() > MAX_TABLES {
            noted.tables = BTreeMap::from([(ALL.to_owned(), ticket)]);
        }

        tables.iter().map(|table| (table.clone(), ticket)).collect()
    }

    /// Forgets tables whose numbers were changed, except those that were written to again in the meantime.
    pub(super) fn forget(&self, raised: &Batch) {
        let mut noted = self.lock();
        for (table, ticket) in raised {
            if noted.tables.get(table) == Some(ticket) {
                noted.tables.remove(table);
            }
        }
    }

    /// Returns all tables whose numbers are to be changed, with their tickets.
    pub(super) fn batch(&self) -> Batch {
        self.lock()
            .tables
            .iter()
            .map(|(table, ticket)| (table.clone(), *ticket))
            .collect()
    }

    /// Returns, for each of these tables, whether its number in Redis may be out of date.
    pub(super) fn stale(&self, tables: &[String]) -> Vec<bool> {
        let noted = self.lock();
        let all = noted.tables.contains_key(ALL);

        tables
            .iter()
            .map(|table| all || noted.tables.contains_key(table))
            .collect()
    }

    /// Returns how many tables are recorded; [`ALL`] counts as one.
    pub(super) fn len(&self) -> usize {
        self.lock().tables.len()
    }

    fn lock(&self) -> MutexGuard<'_, Tickets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_table_written_to_again_is_not_forgotten_by_the_first_write() {
        let unraised = PendingWrites::default();
        let first = unraised.record(&tables(&["a", "b"]));
        let second = unraised.record(&tables(&["a"]));

        unraised.forget(&first);
        assert_eq!(unraised.stale(&["a".into(), "b".into()]), [true, false]);

        unraised.forget(&second);
        assert_eq!(unraised.len(), 0);
    }

    #[test]
    fn too_many_tables_become_all_tables() {
        let unraised = PendingWrites::default();
        for number in 0..=MAX_TABLES {
            unraised.record(&[format!("table{number}")].into());
        }

        assert_eq!(
            unraised
                .batch()
                .iter()
                .map(|(table, _)| table.as_str())
                .collect::<Vec<_>>(),
            [ALL]
        );
        assert_eq!(unraised.stale(&["unknown".into()]), [true]);

        unraised.forget(&unraised.batch());
        assert_eq!(unraised.stale(&["unknown".into()]), [false]);
    }
}

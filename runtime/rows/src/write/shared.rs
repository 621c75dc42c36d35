//! Foreign keys that share columns with the row's own key or with each other, as in a database of many tenants:
//! `(tenant, team_id)` beside the primary key `(tenant, id)`.
//!
//! A key with a null in it leads nowhere (`MATCH SIMPLE` of the SQL standard), so what says whether a row has such a
//! relation is the columns that belong to that key alone.

use meta::{Relation, Table};

/// The columns of a foreign key that are emptied where the relation ends: the nullable ones that belong to it alone,
/// or else all nullable ones. None where the row cannot be without it.
pub(super) fn emptied(table: &Table, key: &[usize]) -> Vec<usize> {
    let nullable = || key.iter().copied().filter(|&column| table.columns[column].nullable);
    let alone: Vec<usize> = nullable().filter(|column| !is_shared(table, key, *column)).collect();

    if alone.is_empty() { nullable().collect() } else { alone }
}

/// The columns of a foreign key whose values say that it is given; all where others have each of them, too.
pub(super) fn telling(table: &Table, key: &[usize]) -> Vec<usize> {
    let alone: Vec<usize> = key
        .iter()
        .copied()
        .filter(|column| !is_shared(table, key, *column))
        .collect();

    if alone.is_empty() { key.to_vec() } else { alone }
}

/// The columns that hold the key of a relation.
pub(super) fn key_columns(relation: &Relation) -> Vec<usize> {
    relation.pairs.iter().map(|&(here, _)| here).collect()
}

/// Whether a column of a foreign key is also part of the primary key, or of another foreign key.
fn is_shared(table: &Table, key: &[usize], column: usize) -> bool {
    let in_another = |relation: &Relation| {
        let columns = key_columns(relation);
        relation.holds_key && columns.contains(&column) && columns != key
    };

    table.primary_key.contains(&column) || table.relations.iter().any(in_another)
}

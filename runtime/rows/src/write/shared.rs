//! Foreign keys that share columns with the row's own key or with each other, as in a database of many tenants:
//! `(tenant, team_id)` beside the primary key `(tenant, id)`.
//!
//! A key that contains a null refers to no row (`MATCH SIMPLE` of the SQL standard). The columns that belong to a key
//! alone therefore decide whether a row has that relation.

use meta::{Relation, Table};

/// The columns of a foreign key that are set to null when the relation ends: the nullable ones that belong to it alone,
/// or else all nullable ones. Empty if the row requires the relation.
pub(super) fn emptied(table: &Table, key: &[usize]) -> Vec<usize> {
    let nullable = || key.iter().copied().filter(|&column| table.columns[column].nullable);
    let alone: Vec<usize> = nullable().filter(|column| !is_shared(table, key, *column)).collect();

    if alone.is_empty() { nullable().collect() } else { alone }
}

/// The columns of a foreign key whose values show that it is given: those that belong to it alone, or all if each one
/// is shared.
pub(super) fn identifying_columns(table: &Table, key: &[usize]) -> Vec<usize> {
    let alone: Vec<usize> = key
        .iter()
        .copied()
        .filter(|column| !is_shared(table, key, *column))
        .collect();

    if alone.is_empty() { key.to_vec() } else { alone }
}

/// The columns of this table that hold the key of a relation.
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

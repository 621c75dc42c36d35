//! Relations as joins, subselections and levels.

use super::select::{Join, JoinPairs, join_through};
use super::{ColumnRef, KeyLink, Select, Subselect};
use crate::meta::{Kind, Table};
use crate::model::Link;

/// The rows that a to-many relation leads to, seen from the row behind `from`.
pub(super) fn subselect(
    link: Link,
    target: &'static Table,
    from: usize,
    tables: &mut Vec<&'static Table>,
) -> Subselect {
    let alias = tables.len();
    tables.push(target);
    let mut joins: Vec<Join> = Vec::new();
    let near = match link.through {
        None => alias,
        Some((table, through)) => join_through(tables, &mut joins, alias, table, through),
    };
    Subselect { alias, from, near, pairs: link.relation.pairs, joins, condition: None }
}

/// What connects a row with the rows of a level below it: the slots of its keys, and how the level below is asked for
/// them.
pub(super) fn connect(above: &mut Select, alias: usize, link: Link, below: &mut Select) -> Vec<(usize, Kind)> {
    let owner = above.tables[alias];
    let near = match link.through {
        None => 0,
        Some((table, through)) => below.join_through(table, through),
    };
    let pairs = link.relation.pairs;
    let kind = |here: usize| owner.columns[here].kind;
    let columns = pairs.iter().map(|&(here, there)| (ColumnRef { alias: near, column: there }, kind(here))).collect();
    below.link = Some(KeyLink { columns });
    pairs.iter().map(|&(here, _)| (above.slot(ColumnRef { alias, column: here }), kind(here))).collect()
}

impl Join {
    /// The column indexes that are equal: in `from`, in `alias`.
    pub fn columns(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (pairs, flipped) = match self.pairs {
            JoinPairs::ToOne(pairs) => (pairs, false),
            JoinPairs::Through(pairs) => (pairs, true),
        };
        pairs.iter().map(move |&(a, b)| if flipped { (b, a) } else { (a, b) })
    }
}

//! A statement as data, before any database's spelling.

use super::Condition;
use crate::meta::{Kind, Table};

/// A selection of one table's rows, to-one relations joined in.
#[derive(Debug)]
pub struct Select {
    /// The table, alias `t0`.
    pub table: &'static Table,
    /// Alias `t1` and on.
    pub joins: Vec<Join>,
    /// The columns read; their indexes are the row's slots.
    pub columns: Vec<ColumnRef>,
    /// Which rows.
    pub condition: Option<Condition>,
    /// Their order; it ends with the primary key.
    pub order: Vec<Order>,
    /// How many of them; `None` for a lookup by key.
    pub page: Option<Page>,
    /// The link to the parents; `None` for a root.
    pub link: Option<KeyLink>,
}

/// A column of a [`Select`]'s tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnRef {
    /// The table's alias number.
    pub alias: usize,
    /// The column's index in the table.
    pub column: usize,
}

/// A to-one relation, joined so that a missing row leaves nulls.
#[derive(Debug)]
pub struct Join {
    /// The alias number it is joined to.
    pub from: usize,
    /// The table.
    pub table: &'static Table,
    /// Column indexes that are equal: in `from`, in `table`.
    pub pairs: &'static [(usize, usize)],
}

/// One column of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: ColumnRef,
    /// Which way.
    pub direction: Direction,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Which part of the ordered rows, in parameter indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// At most so many; `None` for all.
    pub limit: Option<usize>,
    /// Without the first so many.
    pub offset: Option<usize>,
}

/// How rows belong to parents.
#[derive(Debug, Clone)]
pub struct KeyLink {
    /// The columns of `t0` that hold the parents' keys, and what kind the keys are.
    pub columns: Vec<(usize, Kind)>,
}

impl Select {
    /// All rows of a table, nothing read yet.
    pub fn new(table: &'static Table) -> Self {
        Self {
            table,
            joins: Vec::new(),
            columns: Vec::new(),
            condition: None,
            order: Vec::new(),
            page: None,
            link: None,
        }
    }

    /// The table behind an alias.
    pub fn table_of(&self, alias: usize) -> &'static Table {
        if alias == 0 { self.table } else { self.joins[alias - 1].table }
    }

    /// The slot of a column, read once however often it is asked for.
    pub fn slot(&mut self, column: ColumnRef) -> usize {
        if let Some(slot) = self.columns.iter().position(|known| *known == column) {
            return slot;
        }
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// The kind of a column.
    pub fn kind(&self, column: ColumnRef) -> Kind {
        self.table_of(column.alias).columns[column.column].kind
    }
}

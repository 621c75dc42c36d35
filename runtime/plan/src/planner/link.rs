//! Relations as joins, subselections and levels.

use super::Alias;
use super::select::{Join, JoinPairs};
use super::{ColumnRef, KeyLink, PlanBuilder, PlanError, Select, Subselect};
use crate::model::Link;
use meta::{Kind, Table};

impl PlanBuilder<'_> {
    /// The rows that a to-many relation leads to from the row of the alias `from`.
    pub(super) fn subselect(
        &mut self,
        link: Link,
        from: Alias,
        tables: &mut Vec<&'static Table>,
    ) -> Result<Subselect, PlanError> {
        self.check_link(tables[from.0], link)?;
        let alias = Alias(tables.len());
        tables.push(self.model.entity(link.target).table);

        let mut joins: Vec<Join> = Vec::new();
        let near = match link.through {
            None => alias,
            Some((table, through)) => self.join_through(tables, &mut joins, alias, table, through),
        };

        let condition = self.read_filter(alias, tables);
        Ok(Subselect {
            alias,
            from,
            near,
            pairs: link.relation.pairs,
            joins,
            condition,
        })
    }

    /// Links the rows of the level below to a row of the level above. Returns the slots of the keys in the row above,
    /// and the kinds that they are bound as.
    pub(super) fn connect(
        &mut self,
        above: &mut Select,
        alias: Alias,
        link: Link,
        below: &mut Select,
    ) -> Result<Vec<(usize, Kind)>, PlanError> {
        let owner = above.tables[alias.0];
        self.check_link(owner, link)?;

        let near = match link.through {
            None => Alias::MAIN,
            Some((table, through)) => {
                let (tables, joins) = (&mut below.tables, &mut below.joins);
                self.join_through(tables, joins, Alias::MAIN, table, through)
            }
        };

        let pairs = link.relation.pairs;
        let kind = |here: usize| owner.columns[here].kind;
        let columns = pairs.iter().map(|&(here, there)| {
            (
                ColumnRef {
                    alias: near,
                    column: there,
                },
                &owner.columns[here],
            )
        });
        below.link = Some(KeyLink {
            columns: columns.collect(),
        });

        Ok(pairs
            .iter()
            .map(|&(here, _)| (above.slot(ColumnRef { alias, column: here }), kind(here)))
            .collect())
    }
}

impl Join {
    /// The column indexes that must be equal: in `from`, in `alias`.
    pub fn columns(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (pairs, flipped) = match self.pairs {
            JoinPairs::ToOne(pairs) => (pairs, false),
            JoinPairs::Through(pairs) => (pairs, true),
        };
        pairs.iter().map(move |&(a, b)| if flipped { (b, a) } else { (a, b) })
    }
}

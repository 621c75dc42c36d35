//! Joins of to-one relations and join tables.

use super::{Alias, Join, JoinPairs, PlanBuilder, PlanError};
use crate::model::Link;
use meta::{Table, TargetRow, Through};

impl PlanBuilder<'_> {
    /// The alias of a to-one relation's table, which is joined once however often it is needed. Rows that the viewer
    /// may not see are not joined. An error if the database cannot join so many tables.
    pub(super) fn join(
        &mut self,
        tables: &mut Vec<&'static Table>,
        joins: &mut Vec<Join>,
        from: Alias,
        link: Link,
    ) -> Result<Alias, PlanError> {
        self.check_link(tables[from.0], link)?;
        let (relation, table) = (link.relation, self.model.entity(link.target).table);

        let is_known = |join: &&Join| {
            join.from == from
                && matches!(join.pairs, JoinPairs::ToOne(pairs) if pairs == relation.pairs)
                && std::ptr::eq(tables[join.alias.0], table)
        };

        if let Some(join) = joins.iter().find(is_known) {
            return Ok(join.alias);
        }

        // The table itself and the list of the parents' keys are two more tables.
        let most = self.dialect.capability.joined_tables;
        if joins.len() + 3 > most {
            return Err(PlanError::limit(format!(
                "the selection of `{}` needs more than {} related tables, and {} can join at most {most}; select some \
                 of them in a separate field",
                tables[0].type_name,
                most - 2,
                self.dialect.name
            )));
        }

        let alias = Alias(tables.len());
        tables.push(table);
        let row_filter = self.read_filter(alias, tables);
        joins.push(Join {
            alias,
            from,
            pairs: JoinPairs::ToOne(relation.pairs),
            row_filter,
            target_row: relation.target_row,
        });
        Ok(alias)
    }

    /// Joins a join table to its target `from` and returns its alias.
    pub(super) fn join_through(
        &mut self,
        tables: &mut Vec<&'static Table>,
        joins: &mut Vec<Join>,
        from: Alias,
        table: &'static Table,
        through: &'static Through,
    ) -> Alias {
        let alias = Alias(tables.len());
        tables.push(table);
        let row_filter = self.read_filter(alias, tables);
        joins.push(Join {
            alias,
            from,
            pairs: JoinPairs::Through(through.pairs),
            row_filter,
            target_row: TargetRow::Only,
        });
        alias
    }
}

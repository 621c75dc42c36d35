//! The selections around a write: the rows to change, the rows to connect, the check of row filters, and the rows to
//! return.

use super::Alias;
use super::{
    Access, ColumnRef, Condition, Expression, KeyLink, Order, Plan, PlanBuilder, PlanError, PlannedRoot, RootSource,
    Select,
};
use crate::model::{EntityId, ResolvedTable};
use crate::selection::{Input, Selected};
use meta::Action;

use super::filter::Scope;

impl<'m> PlanBuilder<'m> {
    /// Plans the rows to update or delete, and locks them: the columns of those rows that `pick` selects, that the
    /// viewer may see, and that the action is permitted on.
    pub fn rows_to_change(
        mut self,
        entity: EntityId,
        columns: &[usize],
        action: Action,
        pick: impl FnOnce(&mut Self, &'m ResolvedTable, &mut Select) -> Result<Option<Condition>, PlanError>,
    ) -> Result<Plan, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = self.select(entity)?;
        select.condition = pick(&mut self, entity, &mut select)?;
        self.add_row_filter(entity, action, &mut select);
        select.order = self.with_primary_key(entity, Vec::<Order>::new());
        select.lock = true;
        Ok(self.columns_of(entity, select, columns))
    }

    /// Plans rows by a list of keys: the columns of those that the viewer may see and that the action is permitted on.
    pub fn rows_by_key(
        mut self,
        entity: EntityId,
        by: &[usize],
        columns: &[usize],
        action: Action,
    ) -> Result<Plan, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = self.select(entity)?;
        for &column in by {
            self.check_column(entity.table, column)?;
        }
        if action != Action::Read {
            self.add_row_filter(entity, action, &mut select);
        }

        select.link = Some(key_link(entity, by));
        Ok(self.columns_of(entity, select, columns))
    }

    /// Plans rows by a list of keys, whether the viewer may see them or not.
    pub fn rows_unchecked(mut self, entity: EntityId, by: &[usize], columns: &[usize]) -> Plan {
        self.access = Access::Program;
        let entity = self.model.entity(entity);
        let mut select = Select::new(entity.table);
        select.link = Some(key_link(entity, by));
        self.columns_of(entity, select, columns)
    }

    /// Plans which rows just written meet the action's row filter; `None` if there is no row filter.
    pub fn rows_passing_filter(mut self, entity: EntityId, action: Action) -> Option<Plan> {
        let entity = self.model.entity(entity);
        let row_filter = self.grant(entity.table, action).rows()?;
        let mut select = Select::new(entity.table);
        select.row_filter = Some(self.row_filter(entity.table, Alias::MAIN, row_filter, &mut select.tables));
        select.link = Some(key_link(entity, entity.table.primary_key));
        Some(self.columns_of(entity, select, &[]))
    }

    /// Plans what the client sees of written rows, by primary key: one root for each mention of the rows' field.
    pub fn rows_for_client(mut self, entity: EntityId, mentions: &[(&Selected, bool)]) -> Result<Plan, PlanError> {
        let entity = self.model.entity(entity);
        let mut roots = Vec::with_capacity(mentions.len());
        for &(field, many) in mentions {
            let mut select = self.select(entity).map_err(|error| error.at(field.position))?;
            select.link = Some(key_link(entity, entity.table.primary_key));
            let level = self.level(entity, select, &field.fields)?;

            let source = if many {
                RootSource::Rows(level)
            } else {
                RootSource::Row(level)
            };

            roots.push(PlannedRoot {
                key: field.key.clone(),
                source,
            });
        }

        Ok(self.finish(roots))
    }

    /// Compiles `filters` to a condition.
    pub fn filters_condition(
        &mut self,
        entity: &'m ResolvedTable,
        input: &Input,
        select: &mut Select,
    ) -> Result<Condition, PlanError> {
        let mut scope = Scope {
            tables: &mut select.tables,
            joins: &mut select.joins,
        };
        self.filter(entity, Alias::MAIN, input, &mut scope)
    }

    fn add_row_filter(&mut self, entity: &ResolvedTable, action: Action, select: &mut Select) {
        if let Some(row_filter) = self.grant(entity.table, action).rows() {
            let row_filter = self.row_filter(entity.table, Alias::MAIN, row_filter, &mut select.tables);
            select.row_filter = Some(match select.row_filter.take() {
                Some(known) => known.and(row_filter),
                None => row_filter,
            });
        }
    }

    pub(super) fn columns_of(mut self, entity: &'m ResolvedTable, mut select: Select, columns: &[usize]) -> Plan {
        let level = self.reserve_level(entity);
        select.columns = columns
            .iter()
            .map(|&column| {
                Expression::Column(ColumnRef {
                    alias: Alias::MAIN,
                    column,
                })
            })
            .collect();
        self.levels[level].select = select;
        self.finish(vec![PlannedRoot {
            key: String::new(),
            source: RootSource::Rows(level),
        }])
    }
}

fn key_link(entity: &ResolvedTable, key: &[usize]) -> KeyLink {
    let columns = key.iter().map(|&column| {
        (
            ColumnRef {
                alias: Alias::MAIN,
                column,
            },
            &entity.table.columns[column],
        )
    });
    KeyLink {
        columns: columns.collect(),
    }
}

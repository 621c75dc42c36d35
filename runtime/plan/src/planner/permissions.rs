//! Permissions of a viewer in a plan, and row filters as conditions. Every selection for a viewer is made here, so that
//! none lacks its row filter.

use super::Alias;
use async_graphql_value::ConstValue as Value;

use super::{
    ColumnRef, Comparison, Condition, Expression, Parameter, ParameterKind, ParameterSource, Permission, PlanBuilder,
    PlanError, Select, Subselect,
};
use crate::model::{Link, ResolvedTable};
use meta::{Action, Operand, RowFilter, RowFilterComparison, Table};

impl PlanBuilder<'_> {
    /// The permission for an action on a table's rows.
    pub fn grant(&self, table: &Table, action: Action) -> Permission {
        self.access.permission(table, action)
    }

    /// A selection of the rows of a table that the viewer may read; an error if there can be none.
    pub(super) fn select(&mut self, entity: &ResolvedTable) -> Result<Select, PlanError> {
        let mut select = Select::new(entity.table);
        self.check_readable(entity.table)?;
        if let Some(row_filter) = self.grant(entity.table, Action::Read).rows() {
            select.row_filter = Some(self.row_filter(entity.table, Alias::MAIN, row_filter, &mut select.tables));
        }
        Ok(select)
    }

    /// An error if the viewer may read no row of a table.
    pub(super) fn check_readable(&self, table: &Table) -> Result<(), PlanError> {
        match self.grant(table, Action::Read) {
            Permission::Denied => Err(self
                .access
                .denied_error(format!("you may not read `{}`", table.type_name))),
            _ => Ok(()),
        }
    }

    /// An error if a column is hidden from the viewer.
    pub(super) fn check_column(&self, table: &Table, column: usize) -> Result<(), PlanError> {
        if self.grant(table, Action::Read).hides(column) {
            let name = table.columns[column].field;
            return Err(self
                .access
                .denied_error(format!("you may not read `{}.{name}`", table.type_name)));
        }
        Ok(())
    }

    /// An error if the viewer may not read a relation's target, its join table or one of its columns.
    pub(super) fn check_link(&self, table: &Table, link: Link) -> Result<(), PlanError> {
        let target = self.model.entity(link.target).table;
        self.check_readable(target)?;

        let near = match link.through {
            None => target,
            Some((through, meta)) => {
                self.check_readable(through)?;
                for &(here, there) in meta.pairs {
                    self.check_column(through, here)?;
                    self.check_column(target, there)?;
                }
                through
            }
        };

        for &(here, there) in link.relation.pairs {
            self.check_column(table, here)?;
            self.check_column(near, there)?;
        }

        Ok(())
    }

    /// The row filter for reading the rows of an alias, if there is one.
    pub(super) fn read_filter(&mut self, alias: Alias, tables: &mut Vec<&'static Table>) -> Option<Condition> {
        let table = tables[alias.0];
        let row_filter = self.grant(table, Action::Read).rows()?;
        Some(self.row_filter(table, alias, row_filter, tables))
    }

    /// Compiles a row filter on the rows of an alias.
    pub(super) fn row_filter(
        &mut self,
        table: &'static Table,
        alias: Alias,
        row_filter: &'static RowFilter,
        tables: &mut Vec<&'static Table>,
    ) -> Condition {
        match row_filter {
            RowFilter::All(parts) => Condition::All(
                parts
                    .iter()
                    .map(|part| self.row_filter(table, alias, part, tables))
                    .collect(),
            ),
            RowFilter::Any(parts) => Condition::Any(
                parts
                    .iter()
                    .map(|part| self.row_filter(table, alias, part, tables))
                    .collect(),
            ),
            RowFilter::Not(inner) => Condition::SqlNot(Box::new(self.row_filter(table, alias, inner, tables))),
            RowFilter::IsNull(column, null) => Condition::IsNull {
                expression: at(alias, *column),
                null: *null,
            },
            RowFilter::Compare(column, comparison, operand) => {
                let parameter = self.operand(table, *column, *operand);
                let comparison = match comparison {
                    RowFilterComparison::Equal => Comparison::Equal,
                    RowFilterComparison::NotEqual => Comparison::NotEqual,
                    RowFilterComparison::Less => Comparison::Less,
                    RowFilterComparison::LessOrEqual => Comparison::LessOrEqual,
                    RowFilterComparison::Greater => Comparison::Greater,
                    RowFilterComparison::GreaterOrEqual => Comparison::GreaterOrEqual,
                };

                Condition::Compare {
                    expression: at(alias, *column),
                    comparison,
                    parameter,
                }
            }
            RowFilter::Related {
                pairs,
                target,
                row_filter,
            } => {
                let there = Alias(tables.len());
                tables.push(target);
                let condition = Some(self.row_filter(target, there, row_filter, tables));
                let (joins, near) = (Vec::new(), there);
                Condition::Exists(Box::new(Subselect {
                    alias: there,
                    from: alias,
                    near,
                    pairs,
                    joins,
                    condition,
                }))
            }
        }
    }

    /// Adds a row filter's value to the parameters and returns its index.
    fn operand(&mut self, table: &Table, column: usize, operand: Operand) -> usize {
        let parameter = self.preset(table, column, operand);
        self.parameter(parameter)
    }

    /// The value of a preset or of a row filter for a column, to be bound.
    pub fn preset(&self, table: &Table, column: usize, operand: Operand) -> Parameter {
        let meta = &table.columns[column];
        let (kind, source) = match operand {
            Operand::Text(text) => (
                ParameterKind::Column(meta.kind),
                ParameterSource::Constant(Value::from(text)),
            ),
            Operand::Bool(value) => (
                ParameterKind::Column(meta.kind),
                ParameterSource::Constant(Value::from(value)),
            ),
            of_viewer => (ParameterKind::Viewer(meta.kind), ParameterSource::Viewer(of_viewer)),
        };

        Parameter {
            kind,
            list: false,
            source,
            name: meta.name.into(),
        }
    }
}

fn at(alias: Alias, column: usize) -> Expression {
    Expression::Column(ColumnRef { alias, column })
}

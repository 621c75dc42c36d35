//! What a viewer may do with a table, and row filters as conditions. Every selection for a viewer is made here, so that
//! none lacks its row filter.

use async_graphql_value::ConstValue as Value;

use super::{
    ColumnRef, Comparison, Condition, Expression, Parameter, ParameterKind, ParameterSource, PlanBuilder, PlanError,
    Select, Subselect,
};
use crate::model::{Link, ResolvedTable};
use crate::viewer::Viewer;
use meta::{Action, Operand, Policy, RowFilter, RowFilterComparison, Table};

/// Whom a plan is made for.
#[derive(Debug, Clone, Copy)]
pub enum Access<'v> {
    /// The program itself, to which no policy applies.
    Program,
    /// A viewer.
    Viewer(&'v Viewer),
}

/// A permission: the result of resolving a table's policies for a viewer and an action.
#[derive(Debug, Clone, Copy)]
pub enum Permission {
    /// Everything is permitted.
    Open,
    /// What the policy says is permitted.
    By(&'static Policy),
    /// Nothing is permitted.
    Denied,
}

impl Permission {
    /// The policy, if one applies.
    pub fn policy(self) -> Option<&'static Policy> {
        match self {
            Self::By(policy) => Some(policy),
            Self::Open | Self::Denied => None,
        }
    }

    /// The policy's row filter, if it has one.
    pub fn rows(self) -> Option<&'static RowFilter> {
        self.policy().and_then(|policy| policy.rows.as_ref())
    }

    /// Whether the policy presets the value of a column.
    pub fn presets(self, column: usize) -> bool {
        self.policy()
            .is_some_and(|policy| policy.preset.iter().any(|(preset, _)| *preset == column))
    }

    /// Whether the policy hides a column.
    pub fn hides(self, column: usize) -> bool {
        self.policy().is_some_and(|policy| policy.hidden.contains(&column))
    }
}

impl Access<'_> {
    /// The permission for an action on a table's rows.
    pub fn permission(self, table: &Table, action: Action) -> Permission {
        let Self::Viewer(viewer) = self else {
            return Permission::Open;
        };

        let is_on = match action {
            Action::Read => true,
            Action::Create => table.actions.create,
            Action::Update => table.actions.update,
            Action::Delete => table.actions.delete,
        };
        if !is_on {
            return Permission::Denied;
        }

        let mut has_rules = false;
        for policy in table.policies.iter().filter(|policy| policy.is_for(action)) {
            has_rules = true;
            if policy.roles.iter().any(|role| viewer.has_role(role)) {
                return Permission::By(policy);
            }
        }

        if has_rules || action != Action::Read && !viewer.is_authenticated() {
            Permission::Denied
        } else {
            Permission::Open
        }
    }

    /// The error for a denied action: `AUTHENTICATION_REQUIRED` for an anonymous viewer, otherwise `FORBIDDEN`.
    pub fn denied_error(self, message: String) -> PlanError {
        match self {
            Self::Viewer(viewer) if !viewer.is_authenticated() => PlanError {
                message: format!("{message}: authentication is required"),
                code: "AUTHENTICATION_REQUIRED",
                position: None,
            },
            _ => PlanError {
                message,
                code: "FORBIDDEN",
                position: None,
            },
        }
    }

    /// A text that is the same for two viewers only if the same plan serves both.
    pub fn fingerprint<'t>(self, tables: impl IntoIterator<Item = &'t Table>) -> String {
        let mut print = String::new();
        if matches!(self, Self::Program) {
            return "program".into();
        }

        for table in tables.into_iter().filter(|table| !table.policies.is_empty()) {
            for action in [Action::Read, Action::Create, Action::Update, Action::Delete] {
                let place = match self.permission(table, action) {
                    Permission::Open => "o".into(),
                    Permission::Denied => "d".into(),
                    Permission::By(policy) => {
                        let is_it = |known: &Policy| std::ptr::eq(known, policy);
                        table.policies.iter().position(is_it).unwrap_or_default().to_string()
                    }
                };
                print.push_str(&place);
                print.push(',');
            }
        }

        if let Self::Viewer(viewer) = self
            && !viewer.is_authenticated()
        {
            // Anonymous viewers get a different error for what is denied.
            print.push('a');
        }

        print
    }
}

impl PlanBuilder<'_> {
    /// The permission for an action on a table's rows.
    pub fn grant(&self, table: &Table, action: Action) -> Permission {
        self.access.permission(table, action)
    }

    /// A selection of the rows of a table that the viewer may read; an error if there can be none.
    pub(super) fn select(&mut self, entity: &ResolvedTable) -> Result<Select, PlanError> {
        let mut select = Select::new(entity.table);
        self.check_readable(entity.table)?;
        if let Some(rule) = self.grant(entity.table, Action::Read).rows() {
            select.rule = Some(self.row_filter(entity.table, 0, rule, &mut select.tables));
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
    pub(super) fn read_filter(&mut self, alias: usize, tables: &mut Vec<&'static Table>) -> Option<Condition> {
        let table = tables[alias];
        let rule = self.grant(table, Action::Read).rows()?;
        Some(self.row_filter(table, alias, rule, tables))
    }

    /// Compiles a row filter on the rows of an alias.
    pub(super) fn row_filter(
        &mut self,
        table: &'static Table,
        alias: usize,
        rule: &'static RowFilter,
        tables: &mut Vec<&'static Table>,
    ) -> Condition {
        match rule {
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
            RowFilter::Related { pairs, target, rule } => {
                let there = tables.len();
                tables.push(target);
                let condition = Some(self.row_filter(target, there, rule, tables));
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

fn at(alias: usize, column: usize) -> Expression {
    Expression::Column(ColumnRef { alias, column })
}

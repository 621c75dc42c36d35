//! What a viewer may do with a table, and its rules as conditions. Every selection of a plan is made here, so that
//! none comes without them.

use async_graphql_value::ConstValue as Value;

use super::{
    ColumnRef, Comparison, Condition, Expression, Parameter, ParameterKind, ParameterSource, PlanBuilder, PlanError,
    Select, Subselect,
};
use crate::model::{Entity, Link};
use crate::viewer::Viewer;
use meta::{Action, Operand, Policy, Rule, RuleComparison, Table};

/// Whom a plan is made for.
#[derive(Debug, Clone, Copy)]
pub enum Access<'v> {
    /// The program itself, which no rule binds.
    Program,
    /// A viewer.
    Viewer(&'v Viewer),
}

/// What may be done.
#[derive(Debug, Clone, Copy)]
pub enum Grant {
    /// Anything.
    Open,
    /// What a rule says.
    By(&'static Policy),
    /// Nothing.
    Denied,
}

impl Grant {
    /// The rule, if there is one.
    pub fn policy(self) -> Option<&'static Policy> {
        match self {
            Self::By(policy) => Some(policy),
            Self::Open | Self::Denied => None,
        }
    }

    /// Which rows, if not all.
    pub fn rows(self) -> Option<&'static Rule> {
        self.policy().and_then(|policy| policy.rows.as_ref())
    }

    /// Whether a column gets its value from the rule.
    pub fn presets(self, column: usize) -> bool {
        self.policy()
            .is_some_and(|policy| policy.preset.iter().any(|(preset, _)| *preset == column))
    }

    /// Whether a column is out of reach.
    pub fn hides(self, column: usize) -> bool {
        self.policy().is_some_and(|policy| policy.hidden.contains(&column))
    }
}

impl Access<'_> {
    /// What may be done with a table's rows.
    pub fn grant(self, table: &Table, action: Action) -> Grant {
        let Self::Viewer(viewer) = self else { return Grant::Open };
        let is_on = match action {
            Action::Read => true,
            Action::Create => table.operations.create,
            Action::Update => table.operations.update,
            Action::Delete => table.operations.delete,
        };
        if !is_on {
            return Grant::Denied;
        }
        let mut has_rules = false;
        for policy in table.policies.iter().filter(|policy| policy.is_for(action)) {
            has_rules = true;
            if policy.roles.iter().any(|role| viewer.has_role(role)) {
                return Grant::By(policy);
            }
        }
        if has_rules || action != Action::Read && !viewer.is_authenticated() {
            Grant::Denied
        } else {
            Grant::Open
        }
    }

    /// The error for what is denied.
    pub fn refusal(self, message: String) -> PlanError {
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

    /// A text that two viewers share only if the same plan serves both.
    pub fn fingerprint<'t>(self, tables: impl IntoIterator<Item = &'t Table>) -> String {
        let mut print = String::new();
        if matches!(self, Self::Program) {
            return "program".into();
        }
        for table in tables.into_iter().filter(|table| !table.policies.is_empty()) {
            for action in [Action::Read, Action::Create, Action::Update, Action::Delete] {
                let place = match self.grant(table, action) {
                    Grant::Open => "o".into(),
                    Grant::Denied => "d".into(),
                    Grant::By(policy) => {
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
            // What is refused says so in other words.
            print.push('a');
        }
        print
    }
}

impl PlanBuilder<'_> {
    /// What may be done with a table's rows.
    pub fn grant(&self, table: &Table, action: Action) -> Grant {
        self.access.grant(table, action)
    }

    /// The rows of a table that may be read.
    pub(super) fn select(&mut self, entity: &Entity) -> Result<Select, PlanError> {
        let mut select = Select::new(entity.table);
        self.check_readable(entity.table)?;
        if let Some(rule) = self.grant(entity.table, Action::Read).rows() {
            select.rule = Some(self.rule(entity.table, 0, rule, &mut select.tables));
        }
        Ok(select)
    }

    /// An error if nothing of a table may be read.
    pub(super) fn check_readable(&self, table: &Table) -> Result<(), PlanError> {
        match self.grant(table, Action::Read) {
            Grant::Denied => Err(self.access.refusal(format!("you may not read `{}`", table.type_name))),
            _ => Ok(()),
        }
    }

    /// An error if a column may not be read.
    pub(super) fn check_column(&self, table: &Table, column: usize) -> Result<(), PlanError> {
        if self.grant(table, Action::Read).hides(column) {
            let name = table.columns[column].field;
            return Err(self
                .access
                .refusal(format!("you may not read `{}.{name}`", table.type_name)));
        }
        Ok(())
    }

    /// An error if a relation leads to what may not be read, or by columns that may not be.
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

    /// The rule for reading the rows behind an alias, if there is one.
    pub(super) fn read_rule(&mut self, alias: usize, tables: &mut Vec<&'static Table>) -> Option<Condition> {
        let table = tables[alias];
        let rule = self.grant(table, Action::Read).rows()?;
        Some(self.rule(table, alias, rule, tables))
    }

    /// A rule on the rows behind an alias.
    pub(super) fn rule(
        &mut self,
        table: &'static Table,
        alias: usize,
        rule: &'static Rule,
        tables: &mut Vec<&'static Table>,
    ) -> Condition {
        match rule {
            Rule::All(parts) => {
                Condition::All(parts.iter().map(|part| self.rule(table, alias, part, tables)).collect())
            }
            Rule::Any(parts) => {
                Condition::Any(parts.iter().map(|part| self.rule(table, alias, part, tables)).collect())
            }
            Rule::Not(inner) => Condition::Unless(Box::new(self.rule(table, alias, inner, tables))),
            Rule::IsNull(column, null) => Condition::IsNull {
                expression: at(alias, *column),
                null: *null,
            },
            Rule::Compare(column, comparison, operand) => {
                let parameter = self.operand(table, *column, *operand);
                let comparison = match comparison {
                    RuleComparison::Equal => Comparison::Equal,
                    RuleComparison::NotEqual => Comparison::NotEqual,
                    RuleComparison::Less => Comparison::Less,
                    RuleComparison::LessOrEqual => Comparison::LessOrEqual,
                    RuleComparison::Greater => Comparison::Greater,
                    RuleComparison::GreaterOrEqual => Comparison::GreaterOrEqual,
                };
                Condition::Compare {
                    expression: at(alias, *column),
                    comparison,
                    parameter,
                }
            }
            Rule::Related { pairs, target, rule } => {
                let there = tables.len();
                tables.push(target);
                let condition = Some(self.rule(target, there, rule, tables));
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

    /// The parameter of a rule's value.
    fn operand(&mut self, table: &Table, column: usize, operand: Operand) -> usize {
        let parameter = self.preset(table, column, operand);
        self.parameter(parameter)
    }

    /// A rule's value for a column, to be bound.
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

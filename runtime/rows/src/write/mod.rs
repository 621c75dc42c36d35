//! Writes the rows of an input: one statement per table and set of columns where possible, all in one transaction.

mod change;
mod create;
mod error;
mod input;
mod link;
mod shared;
mod statement;
mod through;

use std::collections::BTreeSet;

use async_graphql_value::Variables;

use crate::execute::Transaction;
use crate::retry::Attempt;
use meta::{Action, Kind, Table};
use plan::bind::{Keys, bind_of, bind_parameters};
use plan::dialect::Dialect;
use plan::model::{EntityId, Model};
use plan::sql;
use plan::value::{BindValue, Row};
use plan::viewer::Viewer;
use plan::{Access, Permission, Plan, PlanBuilder, PlanError};

pub use error::{ErrorCode, InputError, WriteError};
pub use input::{ChildInput, InputReader, ParentInput, RowInput, Selector};

/// The path to a value in the arguments.
type Path = Vec<String>;

/// A row that was written or found: the values of the table's [`reference_columns`] columns, in their order.
pub type Written = Vec<BindValue>;

/// Writes rows for a viewer, inside a transaction.
#[derive(Debug)]
pub struct Writer<'w> {
    /// The tables and their relations.
    pub model: &'w Model,
    /// What the viewer may do.
    pub access: Access<'w>,
    /// The viewer, whose values presets and row filters use.
    pub viewer: &'w Viewer,
    /// The request's variables, for filters.
    pub variables: &'w Variables,
    /// The transaction to write in.
    pub transaction: &'w mut Transaction,
    /// Whether rows of the next [`Writer::create`] that a trigger skips are left out; otherwise they are an error.
    pub takes_skipped: bool,
    /// Which attempt it is.
    pub attempt: Attempt,
    /// The tables that were written, by their [`table_key`].
    pub tables: BTreeSet<String>,
    checks: Vec<Check>,
}

/// Rows that must meet a policy's row filter at the end.
#[derive(Debug)]
struct Check {
    entity: EntityId,
    action: Action,
    rows: Vec<(Vec<BindValue>, Path)>,
}

impl<'w> Writer<'w> {
    /// A writer with nothing written yet.
    pub fn new(
        model: &'w Model,
        access: Access<'w>,
        viewer: &'w Viewer,
        variables: &'w Variables,
        transaction: &'w mut Transaction,
    ) -> Self {
        Self {
            model,
            access,
            viewer,
            variables,
            transaction,
            takes_skipped: false,
            attempt: Attempt::FIRST,
            tables: BTreeSet::new(),
            checks: Vec::new(),
        }
    }

    fn dialect(&self) -> &'static Dialect {
        self.transaction.database().dialect()
    }

    fn table(&self, entity: EntityId) -> &'static Table {
        self.model.entity(entity).table
    }

    fn planner(&self) -> PlanBuilder<'w> {
        PlanBuilder::new(self.model, self.dialect(), self.access)
    }

    /// The viewer's permission for an action on a table. Returns an error if the action is denied.
    pub fn permission(&self, entity: EntityId, action: Action) -> Result<Permission, PlanError> {
        let table = self.table(entity);
        match self.access.permission(table, action) {
            Permission::Denied => {
                let word = match action {
                    Action::Read => "read",
                    Action::Create => "create",
                    Action::Update => "update",
                    Action::Delete => "delete",
                };
                Err(self
                    .access
                    .denied_error(format!("you may not {word} `{}`", table.type_name)))
            }
            grant => Ok(grant),
        }
    }

    /// Runs a plan of one level and returns the values of its columns. Each row comes with the position of its key if
    /// there are `keys`, otherwise with its own position.
    async fn read(&mut self, plan: &Plan, keys: Option<&Keys>) -> Result<Vec<(usize, Vec<BindValue>)>, WriteError> {
        let dialect = self.dialect();
        let values = bind_parameters(&plan.parameters, self.variables, self.viewer, dialect)?;

        let level = &plan.levels[0];
        let statement = sql::render(dialect, &level.select);
        let kinds: Vec<Kind> = level
            .select
            .columns
            .iter()
            .map(|column| level.select.kind(column))
            .collect();

        let first = usize::from(level.select.link.is_some());
        let mut rows = Vec::new();

        let mut take = |row: &dyn Row| {
            let place = if first == 1 {
                usize::try_from(row.ordinal()?).unwrap_or(1) - 1
            } else {
                rows.len()
            };
            let cells = kinds.iter().enumerate();
            let values = cells.map(|(at, &kind)| Ok(bind_of(&row.cell(first + at, kind)?, kind, dialect)));
            rows.push((place, values.collect::<Result<Vec<_>, plan::value::RowError>>()?));
            Ok(())
        };
        self.transaction.rows(&statement, &values, keys, &mut take).await?;

        Ok(rows)
    }

    /// Records rows that must meet the row filter of an action once everything is written.
    fn check_later(&mut self, entity: EntityId, action: Action, rows: Vec<(Vec<BindValue>, Path)>) {
        if self.access.permission(self.table(entity), action).rows().is_some() {
            self.checks.push(Check { entity, action, rows });
        }
    }

    /// Checks the row filters of everything that was written. Returns a `FORBIDDEN` error for each row that does not
    /// meet its filter.
    pub async fn finish(&mut self) -> Result<(), WriteError> {
        for Check { entity, action, rows } in std::mem::take(&mut self.checks) {
            let Some(plan) = self.planner().rows_passing_filter(entity, action) else {
                continue;
            };

            let table = self.table(entity);
            let keys = keys_of(
                self.dialect(),
                table,
                table.primary_key,
                rows.iter().map(|(key, _)| key.as_slice()),
            );

            let holds: BTreeSet<usize> = self
                .read(&plan, Some(&keys))
                .await?
                .into_iter()
                .map(|row| row.0)
                .collect();

            let refused = rows.into_iter().enumerate().filter(|(at, _)| !holds.contains(at));
            let errors: Vec<InputError> = refused
                .map(|(_, (_, path))| InputError {
                    path,
                    message: format!("you may not write a `{}` with these values", table.type_name),
                    code: ErrorCode::Forbidden,
                })
                .collect();

            if !errors.is_empty() {
                return Err(WriteError::Inputs(errors));
            }
        }
        Ok(())
    }
}

/// The columns of a written row that others may refer to: the primary key, and the columns that relations refer to.
pub fn reference_columns(table: &Table) -> Vec<usize> {
    let mut kept: Vec<usize> = table.primary_key.to_vec();
    for relation in table.relations.iter().filter(|relation| !relation.holds_key) {
        for &(here, _) in relation.pairs {
            if !kept.contains(&here) {
                kept.push(here);
            }
        }
    }
    kept
}

/// The primary key of a written row.
pub fn key_of(table: &Table, row: &Written) -> Vec<BindValue> {
    // The primary key comes first among the kept columns.
    row[..table.primary_key.len()].to_vec()
}

/// The keys of rows in the form that a statement takes.
pub fn keys_of<'k>(
    dialect: &'static Dialect,
    table: &Table,
    columns: &[usize],
    rows: impl IntoIterator<Item = &'k [BindValue]>,
) -> Keys {
    Keys::of(rows, columns.iter().map(|&column| table.columns[column].kind), dialect)
}

/// The value of one of the [`reference_columns`] columns of a written row.
fn reference_value(table: &Table, row: &Written, column: usize) -> BindValue {
    reference_columns(table)
        .iter()
        .position(|&known| known == column)
        .map_or(BindValue::Null, |at| row[at].clone())
}

/// A table's name for caches: its name in the database, with its namespace.
pub fn table_key(table: &Table) -> String {
    match table.namespace {
        Some(namespace) => format!("{namespace}.{}", table.name),
        None => table.name.to_owned(),
    }
}

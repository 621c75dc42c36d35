//! The statements that write rows, many rows in each.

use plan::model::EntityId;
use std::collections::BTreeMap;

use super::error::input_error;
use super::input::child_path;
use super::{ErrorCode, InputError, Path, WriteError, Writer, Written, key_of, keys_of, reference_columns, table_key};
use crate::execute::ExecuteError;
use meta::{Column, Kind};
use plan::bind::bind_of;
use plan::sql::{self};
use plan::value::{BindValue, Row};

/// The maximum number of rows in one `INSERT`. More are not faster.
const MAX_INSERT_ROWS: usize = 1000;

/// The maximum number of rows that are retried one by one to find the one at fault.
const MAX_RETRIED_ROWS: usize = 1000;

/// The values of a row to write, by column.
pub(super) type Values = Vec<(usize, BindValue)>;

impl Writer<'_> {
    /// Inserts rows; those that give the same columns share one statement, or a few. Returns the rows in their order.
    pub(super) async fn insert(
        &mut self,
        entity: EntityId,
        rows: Vec<(Values, Path)>,
    ) -> Result<Vec<Written>, WriteError> {
        let table = self.table(entity);
        self.tables.insert(table_key(table));

        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (at, (values, _)) in rows.iter().enumerate() {
            groups
                .entry(values.iter().map(|(column, _)| *column).collect())
                .or_default()
                .push(at);
        }

        let mut written: Vec<Written> = vec![Vec::new(); rows.len()];
        for (columns, members) in groups {
            let most = self.dialect().capability.parameters / columns.len().max(1);
            let most = if self.attempt.is_row_by_row() || columns.is_empty() {
                1
            } else {
                most.min(MAX_INSERT_ROWS)
            };

            let mut rest = members.as_slice();
            while !rest.is_empty() {
                let (chunk, after) = rest.split_at(self.rows_that_fit(rest, &rows).min(most));
                rest = after;
                let made = self.insert_chunk(entity, &columns, chunk, &rows).await?;
                for (&at, row) in chunk.iter().zip(made) {
                    written[at] = row;
                }
            }
        }

        Ok(written)
    }

    /// How many of these rows fit into the bytes that a statement may have; at least one.
    fn rows_that_fit(&self, members: &[usize], rows: &[(Values, Path)]) -> usize {
        let most = self.transaction.database().statement_bytes();
        let mut bytes = 0;
        let fits = |&&at: &&usize| {
            bytes += rows[at].0.iter().map(|(_, value)| value.size()).sum::<usize>();
            bytes <= most
        };

        members.iter().take_while(fits).count().max(1)
    }

    async fn insert_chunk(
        &mut self,
        entity: EntityId,
        columns: &[usize],
        chunk: &[usize],
        rows: &[(Values, Path)],
    ) -> Result<Vec<Written>, WriteError> {
        let (table, dialect) = (self.table(entity), self.dialect());
        let wanted = reference_columns(table);
        let statement = sql::insert(dialect, table, columns, chunk.len(), &wanted);

        let values: Vec<BindValue> = chunk
            .iter()
            .flat_map(|&at| rows[at].0.iter().map(|(_, value)| value.clone()))
            .collect();
        let path = &rows[chunk[0]].1;

        if dialect.capability.returning && !wanted.is_empty() {
            let mut made = Vec::with_capacity(chunk.len());
            let mut take = |row: &dyn Row| {
                let cells = wanted.iter().enumerate().map(|(at, &column)| {
                    let kind = table.columns[column].kind;
                    Ok(bind_of(&row.cell(at, kind)?, kind, dialect))
                });
                made.push(cells.collect::<Result<Written, plan::value::RowError>>()?);
                Ok(())
            };

            if let Err(error) = self.transaction.rows(&statement, &values, None, &mut take).await {
                let refused = self.write_error(entity, error, path, chunk.len(), false);
                return Err(self.with_foreign_key_field(entity, refused, &rows[chunk[0]].0).await?);
            }

            if made.len() < chunk.len() && !self.takes_skipped {
                // A trigger skipped a row. Inserting them one by one shows which.
                let message = format!("a trigger of the database skipped this `{}`", table.type_name);
                let skipped = InputError {
                    path: path.clone(),
                    message,
                    code: ErrorCode::Invalid,
                };
                return Err(if chunk.len() > 1 && chunk.len() <= MAX_RETRIED_ROWS {
                    WriteError::RetryRowByRow(vec![skipped])
                } else {
                    WriteError::Inputs(vec![skipped])
                });
            }

            return Ok(made);
        }

        let counted = self.transaction.run(&statement, &values, None).await;
        let first = counted.map_err(|error| self.write_error(entity, error, path, chunk.len(), false))?;
        self.numbered_rows(entity, chunk, rows, first.unwrap_or(0)).await
    }

    /// The inserted rows on a database that does not return them: the given values, and auto-increment numbers counted
    /// up from `first`.
    async fn numbered_rows(
        &mut self,
        entity: EntityId,
        chunk: &[usize],
        rows: &[(Values, Path)],
        first: u64,
    ) -> Result<Vec<Written>, WriteError> {
        let table = self.table(entity);
        let wanted = reference_columns(table);
        let given = |at: usize, column: usize| {
            let found = rows[at]
                .0
                .iter()
                .find(|(known, value)| *known == column && *value != BindValue::Null);
            found.map(|(_, value)| value.clone())
        };
        // The database replaces a zero with the next auto-increment number.
        let is_counted = |column: usize, value: &BindValue| {
            first > 0 && table.primary_key == [column] && *value == BindValue::Int(0)
        };
        let given = |at: usize, column: usize| given(at, column).filter(|value| !is_counted(column, value));

        let step = if chunk.len() > 1 {
            self.counting_step().await?
        } else {
            1
        };

        let mut made = Vec::with_capacity(chunk.len());
        let mut is_complete = true;
        for (place, &at) in chunk.iter().enumerate() {
            let mut row = Written::with_capacity(wanted.len());
            for &column in &wanted {
                let is_key = table.primary_key.contains(&column);
                match given(at, column) {
                    Some(value) => row.push(value),
                    None if table.primary_key == [column] && first > 0 => {
                        row.push(BindValue::Int((first + place as u64 * step).cast_signed()));
                    }
                    None if is_key => {
                        let mut path = rows[at].1.clone();
                        path.push(table.columns[column].field.to_owned());
                        let message = format!(
                            "`{}` needs a value: the database would generate one but not return it",
                            table.columns[column].field
                        );
                        return Err(WriteError::input(path, ErrorCode::Required, message));
                    }
                    None => {
                        is_complete = false;
                        row.push(BindValue::Null);
                    }
                }
            }
            made.push(row);
        }

        if is_complete || table.primary_key.is_empty() {
            return Ok(made);
        }

        // Only the database knows the values of some columns that others refer to.
        let keys: Vec<Vec<BindValue>> = made.iter().map(|row| key_of(table, row)).collect();
        let keys = keys_of(self.dialect(), table, table.primary_key, keys.iter().map(Vec::as_slice));
        let plan = self.planner().rows_unchecked(entity, table.primary_key, &wanted);
        for (place, values) in self.read(&plan, Some(&keys)).await? {
            made[place] = values;
        }

        Ok(made)
    }

    async fn counting_step(&mut self) -> Result<u64, ExecuteError> {
        let mut step = 1;
        let mut take = |row: &dyn Row| {
            step = row.ordinal()?.unsigned_abs().max(1);
            Ok(())
        };
        self.transaction.sql(sql::NUMBERING_STEP, &[], &mut take).await?;
        Ok(step)
    }

    /// Updates the rows with these keys.
    pub(super) async fn update(
        &mut self,
        entity: EntityId,
        values: &Values,
        keys: &[Vec<BindValue>],
        path: &Path,
    ) -> Result<(), WriteError> {
        if values.is_empty() || keys.is_empty() {
            return Ok(());
        }

        let table = self.table(entity);
        self.tables.insert(table_key(table));

        let columns: Vec<usize> = values.iter().map(|(column, _)| *column).collect();
        let binds: Vec<BindValue> = values.iter().map(|(_, value)| value.clone()).collect();
        let statement = sql::update(self.dialect(), table, &columns, table.primary_key);
        let keys = keys_of(self.dialect(), table, table.primary_key, keys.iter().map(Vec::as_slice));

        if let Err(error) = self.transaction.run(&statement, &binds, Some(&keys)).await {
            let refused = self.write_error(entity, error, path, 1, false);
            return Err(self.with_foreign_key_field(entity, refused, values).await?);
        }
        Ok(())
    }

    /// Adds the field of the foreign key whose row does not exist to an error, on a database that does not report the
    /// field.
    async fn with_foreign_key_field(
        &mut self,
        entity: EntityId,
        refused: WriteError,
        values: &Values,
    ) -> Result<WriteError, WriteError> {
        let WriteError::Inputs(errors) = &refused else {
            return Ok(refused);
        };
        let [
            InputError {
                code: ErrorCode::ForeignKey,
                path,
                ..
            },
        ] = errors.as_slice()
        else {
            return Ok(refused);
        };

        let names_column = |column: &Column| path.last().is_some_and(|name| name == column.field);
        if self.dialect().capability.names_foreign_key || self.table(entity).columns.iter().any(names_column) {
            return Ok(refused);
        }

        for link in &self.model.entity(entity).relations {
            let pairs = link.relation.pairs;
            let value = |column: usize| {
                values
                    .iter()
                    .find(|(known, _)| *known == column)
                    .map(|(_, value)| value.clone())
            };
            let key = pairs.iter().map(|&(here, _)| value(here)).collect::<Option<Vec<_>>>();
            let Some(key) = key.filter(|key| link.relation.holds_key && !key.contains(&BindValue::Null)) else {
                continue;
            };

            let by: Vec<usize> = pairs.iter().map(|&(_, there)| there).collect();
            let plan = self.planner().rows_unchecked(link.target, &by, &by);
            let keys = keys_of(self.dialect(), self.table(link.target), &by, [key.as_slice()]);

            if self.read(&plan, Some(&keys)).await?.is_empty() {
                let field = self.table(entity).columns[pairs[0].0].field;
                let path = child_path(path, field);
                return Ok(WriteError::input(
                    path,
                    ErrorCode::ForeignKey,
                    format!("`{field}` refers to a row that does not exist"),
                ));
            }
        }
        Ok(refused)
    }

    /// Deletes the rows with these keys.
    pub(super) async fn remove(
        &mut self,
        entity: EntityId,
        keys: &[Vec<BindValue>],
        path: &Path,
    ) -> Result<(), WriteError> {
        if keys.is_empty() {
            return Ok(());
        }

        let table = self.table(entity);
        self.tables.insert(table_key(table));
        let statement = sql::delete(self.dialect(), table, table.primary_key);
        let keys = keys_of(self.dialect(), table, table.primary_key, keys.iter().map(Vec::as_slice));

        let outcome = self.transaction.run(&statement, &[], Some(&keys)).await;
        outcome.map_err(|error| self.write_error(entity, error, path, 1, true))?;
        Ok(())
    }

    /// Turns a violation into an error that the client can fix; any other failure stays as it is.
    pub(super) fn write_error(
        &self,
        entity: EntityId,
        error: ExecuteError,
        path: &Path,
        rows: usize,
        removing: bool,
    ) -> WriteError {
        let Some(violation) = error.violation() else {
            return WriteError::Failed(error);
        };

        tracing::debug!(kind = ?violation.kind, table = self.table(entity).name, "the database refused a write");
        let mut found = input_error(self.table(entity), &violation, path, removing);
        if let Some(message) = violation.message.filter(|_| self.model.limits().raised_messages) {
            found.message = message;
        }

        if rows > 1 && rows <= MAX_RETRIED_ROWS {
            return WriteError::RetryRowByRow(vec![found]);
        }
        WriteError::Inputs(vec![found])
    }
}

/// Checks a value against its column's type. Returns the error, if there is one.
pub(super) fn check_value(column: &Column, value: &BindValue) -> Option<(ErrorCode, String)> {
    let field = column.field;
    match value {
        BindValue::Null | BindValue::Label(None) if !column.nullable => Some((
            ErrorCode::Required,
            format!("`{field}` needs a value and cannot be null"),
        )),
        BindValue::Text(text) => {
            let most = column.max_length.filter(|_| matches!(column.kind, Kind::Text))?;
            let length = text.chars().count();
            (length > most as usize).then(|| {
                (
                    ErrorCode::TooLong,
                    format!("`{field}` has {length} characters, at most {most} are allowed"),
                )
            })
        }
        BindValue::Int(number) => {
            let fits = match column.kind {
                // SQLite stores any number, whatever type the column is declared with.
                Kind::Int16 if column.loose => i32::try_from(*number).is_ok(),
                Kind::Int16 => i16::try_from(*number).is_ok(),
                Kind::Int32 => i32::try_from(*number).is_ok(),
                _ => true,
            };
            (!fits).then(|| {
                (
                    ErrorCode::Invalid,
                    format!("`{field}` is out of range: its column cannot hold {number}"),
                )
            })
        }
        _ => None,
    }
}

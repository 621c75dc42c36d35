//! Creates rows level by level: first those that they refer to, then the rows themselves, then those that refer to
//! them.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::error::hidden_column_error;
use super::input::child_path;
use super::shared::{emptied, identifying_columns, key_columns};
use super::statement::{Values, check_value};
use super::{
    ErrorCode, InputError, ParentInput, Path, RowInput, WriteError, Writer, Written, key_of, keys_of, reference_value,
};
use meta::{Action, Operand};
use plan::Permission;
use plan::bind::bind_parameters;
use plan::model::{EntityId, Link};
use plan::value::BindValue;

impl Writer<'_> {
    /// Creates rows of one table with their related rows, all rows of a level together.
    pub fn create(&mut self, entity: EntityId, rows: Vec<RowInput>) -> BoxFuture<'_, Result<Vec<Written>, WriteError>> {
        async move {
            if rows.is_empty() {
                return Ok(Vec::new());
            }

            let takes_skipped = std::mem::take(&mut self.takes_skipped);
            let grant = self.permission(entity, Action::Create)?;
            if self.table(entity).primary_key.is_empty() && grant.rows().is_some() {
                // The written rows could not be found again to be checked.
                let message = format!(
                    "a row filter on `{}` requires a primary key",
                    self.table(entity).type_name
                );
                return Err(WriteError::Refused(self.access.denied_error(message)));
            }

            let mut ready = self.resolve(entity, rows, &[], grant).await?;
            let table = self.table(entity);
            let mut errors = Vec::new();
            for row in &mut ready {
                for (at, column) in table.columns.iter().enumerate() {
                    let given = row.values.iter().find(|(known, _)| *known == at);
                    match given {
                        None if !column.has_default && !column.generated => errors.push(InputError {
                            path: child_path(&row.path, column.field),
                            message: format!("`{}` needs a value", column.field),
                            code: ErrorCode::Required,
                        }),
                        None => {}
                        Some((_, value)) => {
                            errors.extend(check_value(column, value).map(|(code, message)| InputError {
                                path: child_path(&row.path, column.field),
                                message,
                                code,
                            }));
                        }
                    }
                }
            }

            if !errors.is_empty() {
                return Err(WriteError::Inputs(errors));
            }

            let values = ready
                .iter_mut()
                .map(|row| (std::mem::take(&mut row.values), row.path.clone()))
                .collect();
            // Related rows cannot refer to a row that was skipped.
            self.takes_skipped = takes_skipped && ready.iter().all(|row| row.children.is_empty());

            let written = self.insert(entity, values).await;
            let takes_skipped = std::mem::take(&mut self.takes_skipped);
            let mut written = written?;

            let mut paths: Vec<Path> = ready.iter().map(|row| row.path.clone()).collect();
            if takes_skipped && !super::reference_columns(table).is_empty() {
                let mut was_written = written.iter().map(|row| !row.is_empty());
                paths.retain(|_| was_written.next().unwrap_or(true));
                written.retain(|row| !row.is_empty());
            }

            if !table.primary_key.is_empty() {
                let made = written
                    .iter()
                    .zip(paths)
                    .map(|(row, path)| (key_of(table, row), path))
                    .collect();
                self.check_later(entity, Action::Create, made);
            }

            let children = ready.into_iter().map(|row| row.children).collect();
            self.write_children(entity, &written, children).await?;
            Ok(written)
        }
        .boxed()
    }

    /// Completes rows with presets and with the keys of the rows that they refer to. Returns an error for values that
    /// may not be written. `stored` holds the keys of the rows that are updated; it is empty for new rows.
    pub(super) async fn resolve(
        &mut self,
        entity: EntityId,
        mut rows: Vec<RowInput>,
        stored: &[Vec<BindValue>],
        grant: Permission,
    ) -> Result<Vec<RowInput>, WriteError> {
        self.refuse_hidden(entity, &rows, grant)?;

        let presets = self.presets(entity, grant)?;
        for row in &mut rows {
            for (column, value) in &presets {
                row.set(*column, value.clone());
                row.parents
                    .retain(|(link, _)| link.relation.pairs.iter().all(|(here, _)| here != column));
            }
        }

        self.check_foreign_keys(entity, &rows, stored).await?;
        self.write_parents(entity, &mut rows).await?;
        Ok(rows)
    }

    /// The values that the policy presets, whatever the input says.
    pub(super) fn presets(&mut self, entity: EntityId, grant: Permission) -> Result<Values, WriteError> {
        let (table, dialect) = (self.table(entity), self.dialect());
        let Some(policy) = grant.policy() else {
            return Ok(Vec::new());
        };

        let mut presets = Vec::with_capacity(policy.preset.len());
        for &(column, operand) in policy.preset {
            let planner = self.planner();
            let parameter = planner.preset(table, column, operand);
            let value = bind_parameters(&[parameter], self.variables, self.viewer, dialect)?.swap_remove(0);

            let value = match value {
                BindValue::Null if !table.columns[column].nullable && !matches!(operand, Operand::Text(_)) => {
                    return Err(WriteError::Refused(self.access.denied_error(format!(
                        "`{}.{}` is preset from the viewer, which has no such value",
                        table.type_name, table.columns[column].field
                    ))));
                }
                BindValue::Text(text) if plan::sql::is_inferred(dialect, table.columns[column].kind) => {
                    BindValue::Label(Some(text))
                }
                value => value,
            };
            presets.push((column, value));
        }
        Ok(presets)
    }

    fn refuse_hidden(&self, entity: EntityId, rows: &[RowInput], grant: Permission) -> Result<(), WriteError> {
        let table = self.table(entity);
        let mut errors = Vec::new();
        for row in rows {
            let by_relation = row
                .parents
                .iter()
                .flat_map(|(link, _)| link.relation.pairs)
                .map(|(here, _)| *here);
            for column in row.values.iter().map(|(column, _)| *column).chain(by_relation) {
                if grant.hides(column) && !row.set_by_writer.contains(&column) {
                    errors.push(hidden_column_error(
                        table,
                        column,
                        child_path(&row.path, table.columns[column].field),
                    ));
                }
            }
        }

        if errors.is_empty() {
            Ok(())
        } else {
            Err(WriteError::Inputs(errors))
        }
    }

    /// Checks that foreign keys refer to rows that the viewer sees. A hidden row is reported like a missing one.
    async fn check_foreign_keys(
        &mut self,
        entity: EntityId,
        rows: &[RowInput],
        stored: &[Vec<BindValue>],
    ) -> Result<(), WriteError> {
        let table = self.table(entity);
        let links: Vec<Link> = self.model.entity(entity).relations.clone();
        for link in links.into_iter().filter(|link| link.relation.holds_key) {
            let target = self.table(link.target);
            if matches!(self.access.permission(target, Action::Read), Permission::Open) {
                continue;
            }

            let columns = key_columns(link.relation);
            let mut asked: Vec<(Vec<BindValue>, Path)> = Vec::new();
            for row in rows {
                let value = |column: usize| {
                    row.values
                        .iter()
                        .find(|(known, _)| *known == column)
                        .map(|(_, value)| value.clone())
                };

                if link
                    .relation
                    .pairs
                    .iter()
                    .all(|(here, _)| row.set_by_writer.contains(here))
                {
                    continue;
                }
                let given: Vec<Option<BindValue>> = columns.iter().map(|&column| value(column)).collect();
                if given.iter().all(Option::is_none) || given.iter().flatten().any(is_null) {
                    continue;
                }

                let missing: Vec<usize> = columns
                    .iter()
                    .zip(&given)
                    .filter(|(_, value)| value.is_none())
                    .map(|(column, _)| *column)
                    .collect();
                let telling = identifying_columns(table, &columns);
                let field = columns
                    .iter()
                    .find(|column| telling.contains(column) && value(**column).is_some());
                let path = child_path(&row.path, table.columns[*field.unwrap_or(&columns[0])].field);

                if !missing.is_empty() && stored.is_empty() {
                    if missing.iter().any(|&column| table.columns[column].nullable) {
                        continue;
                    }
                    // The database supplies the rest, and the whole key may refer to a hidden row.
                    let message = format!("give all columns of the foreign key of `{}`", link.relation.field);
                    return Err(WriteError::input(path, ErrorCode::Invalid, message));
                }

                let rest = if missing.is_empty() {
                    vec![Vec::new()]
                } else {
                    self.stored(entity, stored, &missing).await?
                };
                for rest in rest.into_iter().filter(|rest| !rest.iter().any(is_null)) {
                    let mut rest = rest.into_iter();
                    let whole = given.iter().map(|value| value.clone().or_else(|| rest.next()));
                    asked.push((
                        whole.map(|value| value.unwrap_or(BindValue::Null)).collect(),
                        path.clone(),
                    ));
                }
            }

            let by: Vec<usize> = link.relation.pairs.iter().map(|&(_, there)| there).collect();
            let found = self.find(link.target, &by, &asked, Action::Read).await?;
            let missing = asked.into_iter().zip(found).filter(|(_, found)| found.is_none());
            let errors: Vec<InputError> = missing
                .map(|((_, path), _)| InputError {
                    message: format!(
                        "`{}` refers to a row that does not exist",
                        path.last().map(String::as_str).unwrap_or_default()
                    ),
                    path,
                    code: ErrorCode::ForeignKey,
                })
                .collect();

            if !errors.is_empty() {
                return Err(WriteError::Inputs(errors));
            }
        }
        Ok(())
    }

    /// Reads columns of stored rows by their primary keys.
    async fn stored(
        &mut self,
        entity: EntityId,
        rows: &[Vec<BindValue>],
        columns: &[usize],
    ) -> Result<Vec<Vec<BindValue>>, WriteError> {
        let table = self.table(entity);

        let plan = self
            .planner()
            .rows_by_key(entity, table.primary_key, columns, Action::Update)?;
        let keys = keys_of(self.dialect(), table, table.primary_key, rows.iter().map(Vec::as_slice));
        Ok(self
            .read(&plan, Some(&keys))
            .await?
            .into_iter()
            .map(|(_, row)| row)
            .collect())
    }

    /// Creates or finds the rows that `rows` refer to, and sets the foreign keys of `rows`.
    async fn write_parents(&mut self, entity: EntityId, rows: &mut [RowInput]) -> Result<(), WriteError> {
        let mut links: Vec<Link> = Vec::new();
        for (link, _) in rows.iter().flat_map(|row| &row.parents) {
            if !links.iter().any(|known| std::ptr::eq(known.relation, link.relation)) {
                links.push(*link);
            }
        }

        for link in links {
            let (table, target) = (self.table(entity), self.table(link.target));
            let columns = key_columns(link.relation);
            let telling = identifying_columns(table, &columns);

            let (mut creates, mut connects) = (Vec::new(), Vec::new());
            for (at, row) in rows.iter_mut().enumerate() {
                for (own, parent) in std::mem::take(&mut row.parents) {
                    if !std::ptr::eq(own.relation, link.relation) {
                        row.parents.push((own, parent));
                        continue;
                    }

                    let double = telling
                        .iter()
                        .any(|here| row.values.iter().any(|(column, _)| column == here));
                    if double {
                        let field = link.relation.field;
                        let message = format!("give `{field}` or its key column, not both");
                        return Err(WriteError::input(
                            child_path(&row.path, field),
                            ErrorCode::Invalid,
                            message,
                        ));
                    }

                    match parent {
                        ParentInput::Create(input) => creates.push((at, *input)),
                        ParentInput::Connect(selector) => connects.push((at, selector)),
                        ParentInput::Disconnect(path) => {
                            let emptied = emptied(table, &columns);
                            if emptied.is_empty() {
                                let message = format!(
                                    "a `{}` requires its `{}`; connect another one instead",
                                    table.type_name, link.relation.field
                                );
                                return Err(WriteError::input(path, ErrorCode::Required, message));
                            }
                            for here in emptied {
                                row.set(here, null(self.dialect(), table.columns[here].kind));
                            }
                        }
                    }
                }
            }

            let (places, inputs): (Vec<usize>, Vec<RowInput>) = creates.into_iter().unzip();
            let made = self.create(link.target, inputs).await?;

            let (more, selectors): (Vec<usize>, Vec<_>) = connects.into_iter().unzip();
            let found = self.select(link.target, selectors, Action::Read).await?;

            for (at, parent) in places.into_iter().chain(more).zip(made.into_iter().chain(found)) {
                for &(here, there) in link.relation.pairs {
                    let value = reference_value(target, &parent, there);
                    // With another value in a shared column the key would refer to a row that the input did not name.
                    let is_other = |(column, given): &(usize, BindValue)| *column == here && *given != value;
                    if rows[at].values.iter().any(is_other) && !rows[at].set_by_writer.contains(&here) {
                        let field = table.columns[here].field;
                        let message = format!("the `{}` has a different `{field}`", link.relation.field);
                        return Err(WriteError::input(
                            child_path(&rows[at].path, field),
                            ErrorCode::ForeignKey,
                            message,
                        ));
                    }
                    rows[at].set(here, value);
                }
            }
        }
        Ok(())
    }
}

impl RowInput {
    /// Sets a column's value, replacing an earlier one, and adds the column to [`RowInput::fixed`].
    pub(super) fn set(&mut self, column: usize, value: BindValue) {
        match self.values.binary_search_by_key(&column, |(known, _)| *known) {
            Ok(at) => self.values[at].1 = value,
            Err(at) => self.values.insert(at, (column, value)),
        }
        self.set_by_writer.push(column);
    }
}

fn is_null(value: &BindValue) -> bool {
    matches!(value, BindValue::Null | BindValue::Label(None))
}

/// `NULL` in the form that a column of a kind takes.
pub(super) fn null(dialect: &plan::dialect::Dialect, kind: meta::Kind) -> BindValue {
    if plan::sql::is_inferred(dialect, kind) {
        BindValue::Label(None)
    } else {
        BindValue::Null
    }
}

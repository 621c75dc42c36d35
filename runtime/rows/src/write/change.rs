//! Updates, upserts and deletes rows.

use async_graphql_value::ConstValue as Value;
use plan::Alias;

use super::input::child_path;
use super::statement::check_value;
use super::{ErrorCode, InputError, Path, RowInput, WriteError, Writer, Written, key_of, reference_columns};
use meta::{Action, Kind};
use plan::model::{EntityId, ResolvedTable};
use plan::value::BindValue;
use plan::{
    Access, ColumnRef, Comparison, Condition, Expression, Parameter, ParameterKind, ParameterSource, PlanBuilder,
    PlanError, Select,
};

impl<'w> Writer<'w> {
    /// Finds the rows that a condition picks and that the action is permitted for, and locks them.
    pub async fn locate(
        &mut self,
        entity: EntityId,
        action: Action,
        pick: impl FnOnce(&mut PlanBuilder<'w>, &'w ResolvedTable, &mut Select) -> Result<Option<Condition>, PlanError>,
    ) -> Result<Vec<Written>, WriteError> {
        self.permission(entity, action)?;

        let plan = self
            .planner()
            .rows_to_change(entity, &reference_columns(self.table(entity)), action, pick)?;

        Ok(self.read(&plan, None).await?.into_iter().map(|(_, row)| row).collect())
    }

    /// Calls a function that may write. The viewer must be signed in and permitted to read what the function returns.
    /// Returns those of its rows that the viewer sees.
    pub async fn call(
        &mut self,
        entity: EntityId,
        function: &'static meta::Function,
        field: &plan::selection::Selected,
    ) -> Result<Vec<Written>, WriteError> {
        let table = self.table(entity);
        if matches!(self.access, Access::Viewer(viewer) if !viewer.is_authenticated()) {
            return Err(WriteError::Refused(
                self.access.denied_error(format!("you may not call `{}`", field.name)),
            ));
        }
        let grant = self.permission(entity, Action::Read)?;

        let plan = self
            .planner()
            .function_call(entity, function, field, &reference_columns(table))?;
        self.tables.insert(super::table_key(table));
        let rows = match self.read(&plan, None).await {
            Ok(rows) => rows.into_iter().map(|(_, row)| row).collect(),
            Err(WriteError::Failed(error)) => return Err(self.write_error(entity, error, &Vec::new(), 1, false)),
            Err(error) => return Err(error),
        };

        if grant.rows().is_some() {
            self.visible(entity, rows).await
        } else {
            Ok(rows)
        }
    }

    /// Those of `rows` that the viewer sees; none of a table without a primary key.
    async fn visible(&mut self, entity: EntityId, rows: Vec<Written>) -> Result<Vec<Written>, WriteError> {
        let table = self.table(entity);
        if rows.is_empty() || table.primary_key.is_empty() {
            return Ok(Vec::new());
        }

        let asked: Vec<_> = rows.iter().map(|row| (key_of(table, row), Path::new())).collect();
        let found = self.find(entity, table.primary_key, &asked, Action::Read).await?;
        Ok(rows
            .into_iter()
            .zip(found)
            .filter(|(_, found)| found.is_some())
            .map(|(row, _)| row)
            .collect())
    }

    /// Updates rows, and writes the related rows of the input. Returns the rows with the keys that they have
    /// afterwards.
    pub async fn change(
        &mut self,
        entity: EntityId,
        rows: Vec<Written>,
        input: RowInput,
    ) -> Result<Vec<Written>, WriteError> {
        let grant = self.permission(entity, Action::Update)?;
        let table = self.table(entity);
        let stored: Vec<Vec<BindValue>> = rows.iter().map(|row| key_of(table, row)).collect();
        let input = self.resolve(entity, vec![input], &stored, grant).await?.swap_remove(0);

        let errors: Vec<InputError> = input
            .values
            .iter()
            .filter_map(|(column, value)| {
                let column = &table.columns[*column];
                let (code, message) = check_value(column, value)?;
                Some(InputError {
                    path: child_path(&input.path, column.field),
                    message,
                    code,
                })
            })
            .collect();
        if !errors.is_empty() {
            return Err(WriteError::Inputs(errors));
        }

        let keys: Vec<Vec<BindValue>> = rows.iter().map(|row| key_of(table, row)).collect();
        self.update(entity, &input.values, &keys, &input.path).await?;

        let mut changed = rows;
        for (at, column) in reference_columns(table).into_iter().enumerate() {
            if let Some((_, value)) = input.values.iter().find(|(known, _)| *known == column) {
                for row in &mut changed {
                    row[at] = value.clone();
                }
            }
        }

        let checked = changed
            .iter()
            .map(|row| (key_of(table, row), input.path.clone()))
            .collect();
        self.check_later(entity, Action::Update, checked);

        if !input.children.is_empty() {
            let children = changed.iter().map(|_| input.children.clone()).collect();
            self.write_children(entity, &changed, children).await?;
        }

        Ok(changed)
    }

    /// Upserts a row: updates the row that has the input's values in `key`, or creates it. `columns` are the columns of
    /// the input that an existing row gets; `None` for all except the key.
    pub async fn upsert(
        &mut self,
        entity: EntityId,
        input: RowInput,
        key: &[usize],
        columns: Option<&[usize]>,
    ) -> Result<Written, WriteError> {
        let table = self.table(entity);
        // Presets may give the key its values, such as the viewer's id.
        let grant = self.permission(entity, Action::Create)?;
        let resolved = self.resolve(entity, vec![input], &[], grant).await?.swap_remove(0);

        let mut wanted = Vec::with_capacity(key.len());
        for &column in key {
            let given = resolved
                .values
                .iter()
                .find(|(known, value)| *known == column && *value != BindValue::Null);

            let Some((_, value)) = given else {
                let field = table.columns[column].field;
                let message = format!("`{field}` needs a value: it identifies the row");
                return Err(WriteError::input(
                    child_path(&resolved.path, field),
                    ErrorCode::Required,
                    message,
                ));
            };
            wanted.push(value.clone());
        }

        // Locked even if nothing of it changes: the caller may go on to work with it.
        let found = self.locate(entity, Action::Update, |planner, _, _| {
            let each = key.iter().zip(wanted).map(|(&column, value)| {
                let meta = &table.columns[column];
                let parameter = planner.parameter(Parameter {
                    kind: ParameterKind::Column(meta.kind),
                    list: false,
                    source: ParameterSource::Constant(client_value(meta.kind, value)),
                    name: meta.field.into(),
                });
                let expression = Expression::Column(ColumnRef {
                    alias: Alias::MAIN,
                    column,
                });
                // Compared with the key's own equality, by which no two rows may be equal.
                Condition::Compare {
                    expression,
                    comparison: Comparison::Same,
                    parameter,
                }
            });
            Ok(Some(Condition::All(each.collect())))
        });

        if let Some(row) = found.await?.pop() {
            // The presets of the create policy are not for an existing row.
            let mut change = RowInput {
                set_by_writer: Vec::new(),
                ..resolved
            };
            change.values.retain(|(column, _)| match columns {
                _ if grant.presets(*column) => false,
                Some(columns) => columns.contains(column),
                None => !key.contains(column),
            });

            return Ok(self.change(entity, vec![row], change).await?.swap_remove(0));
        }

        let path = resolved.path.clone();
        match self.create(entity, vec![resolved]).await {
            Ok(mut rows) => Ok(rows.swap_remove(0)),
            // Another transaction created the row meanwhile, or this viewer does not see it.
            Err(WriteError::Inputs(errors))
                if !self.attempt.is_insistent()
                    && errors
                        .iter()
                        .any(|error| error.code == ErrorCode::Unique && error.path.starts_with(&path)) =>
            {
                Err(WriteError::Conflict)
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes rows.
    pub async fn delete(&mut self, entity: EntityId, rows: &[Written], path: &Path) -> Result<(), WriteError> {
        let table = self.table(entity);
        let keys: Vec<Vec<BindValue>> = rows.iter().map(|row| key_of(table, row)).collect();
        self.remove(entity, &keys, path).await
    }
}

/// A value as a client would have given it.
fn client_value(kind: Kind, value: BindValue) -> Value {
    match (kind, value) {
        (Kind::Enum(ty), BindValue::Text(label) | BindValue::Label(Some(label))) => {
            Value::from(ty.name_of(&label).unwrap_or_default())
        }
        (_, BindValue::Bool(value)) => Value::from(value),
        (_, BindValue::Int(value)) => Value::from(value),
        (_, BindValue::Float(value)) => Value::from(value),
        (_, BindValue::Text(text) | BindValue::Label(Some(text))) => Value::from(text),
        // Lists and bytes cannot be keys.
        _ => Value::Null,
    }
}

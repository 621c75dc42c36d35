//! Generated mutation fields: planned, run in the operation's transaction, and written as payloads.

use async_graphql::{Value, Variables};
use plan::Alias;

use crate::graphql::mutation::payload::{Part, Payload};
use crate::graphql::mutation::transaction::OperationTransaction;
use crate::graphql::parts::EngineParts;
use crate::graphql::types::mutation_names::payload_field;
use crate::graphql::types::mutation_names::payload_type;
use crate::graphql::types::mutation_names::unique_key_name;
use crate::graphql::types::mutation_names::unique_keys;
use meta::Action;
use plan::answer::{ComputedValue, Executed, Joined, TooLarge};
use plan::bind::bind_parameters;
use plan::dialect::Dialect;
use plan::json::escape;
use plan::model::{Model, Mutation, MutationKind};
use plan::selection::{Input, InputValue, Selected};
use plan::sql::CompiledPlan;
use plan::value::BindValue;
use plan::viewer::Viewer;
use plan::{
    Access, ColumnRef, Comparison, Condition, Expression, Parameter, ParameterKind, ParameterSource, PlanBuilder,
    PlanError, check_rows,
};
use rows::write::{ErrorCode, InputError, InputReader, RowInput, WriteError, Writer, Written, key_of, keys_of};

/// A generated mutation field.
#[derive(Debug)]
pub(in crate::graphql) struct PlannedWrite {
    pub(in crate::graphql) field: Selected,
    mutation: Mutation,
    /// What clients see of the rows.
    pub(in crate::graphql) selection: CompiledPlan,
    payload: Payload,
}

/// A completed write.
#[derive(Debug)]
pub(in crate::graphql) struct CompletedWrite {
    /// The rows that the payload's plan read; `values` are the values of its parameters.
    pub(in crate::graphql) executed: Executed,
    pub(in crate::graphql) values: Vec<BindValue>,
    count: usize,
}

impl PlannedWrite {
    /// Plans a field. Returns an error if the viewer may not write or read this.
    pub(in crate::graphql) fn new(
        model: &Model,
        dialect: &Dialect,
        access: Access<'_>,
        mutation: Mutation,
        field: &Selected,
    ) -> Result<Self, PlanError> {
        let table = model.entity(mutation.entity).table;
        let rows = payload_field(table, mutation.kind);
        let mut payload = Payload::default();
        let mut mentions: Vec<(&Selected, bool)> = Vec::new();

        payload.text("{");
        for (at, inner) in field.fields.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            payload.text(&format!("{comma}{}:", escape::quoted(&inner.key)));
            match inner.name.as_str() {
                "__typename" => payload.text(&format!("\"{}\"", payload_type(&field.name))),
                "success" => payload.push(Part::Success),
                "affectedCount" => payload.push(Part::AffectedCount),
                "errors" => payload.push(Part::Errors(inner.fields.clone())),
                name if name == rows && !table.primary_key.is_empty() => {
                    payload.push(Part::Rows(mentions.len()));
                    mentions.push((inner, mutation.kind.is_many()));
                }
                name => return Err(PlanError::bad_input(format!("unknown field `{name}`")).at(inner.position)),
            }
        }
        payload.text("}");

        let plan = PlanBuilder::new(model, dialect, access).rows_for_client(mutation.entity, &mentions)?;
        let selection = CompiledPlan::new(plan, dialect);
        Ok(Self {
            field: field.clone(),
            mutation,
            selection,
            payload,
        })
    }

    /// Whether it may delete rows, and with them rows that refer to them. A database function may do so.
    pub(in crate::graphql) fn may_delete_rows(&self) -> bool {
        matches!(
            self.mutation.kind,
            MutationKind::Delete | MutationKind::DeleteMany | MutationKind::Call { .. }
        )
    }

    /// Writes, and reads the written rows for the payload.
    pub(in crate::graphql) async fn run(
        &self,
        parts: &EngineParts,
        operation: &OperationTransaction,
        viewer: &Viewer,
        variables: &Variables,
    ) -> Result<CompletedWrite, WriteError> {
        let tx = &operation.tx;
        let outcome = async {
            let mut transaction = tx.open().await?;
            let access = Access::Viewer(viewer);
            let mut writer = Writer::new(&parts.model, access, viewer, variables, &mut transaction);
            writer.attempt = operation.attempt;

            let done = self.write(&mut writer).await;
            tx.record_tables(std::mem::take(&mut writer.tables));
            done
        };
        tx.record_write(outcome.await)
    }

    async fn write(&self, writer: &mut Writer<'_>) -> Result<CompletedWrite, WriteError> {
        let Mutation { entity, kind } = self.mutation;
        let table = writer.model.entity(entity).table;
        let path = vec!["input".to_owned()];
        let rows = match kind {
            MutationKind::Create => {
                let input = self.input(writer, "input", path)?;
                writer.takes_skipped = true;
                writer.create(entity, vec![input]).await?
            }
            MutationKind::CreateMany => {
                let inputs = self.inputs(writer)?;
                writer.takes_skipped = true;
                writer.create(entity, inputs).await?
            }
            MutationKind::Upsert => {
                let input = self.input(writer, "input", path)?;
                let (key, columns) = self.conflict(table)?;
                vec![writer.upsert(entity, input, key, columns.as_deref()).await?]
            }
            MutationKind::Update => {
                let input = self.input(writer, "input", path)?;
                let rows = self.by_key(writer, Action::Update).await?;
                writer.change(entity, rows, input).await?
            }
            MutationKind::UpdateMany => {
                let input = self.input(writer, "input", path)?;
                if !input.children.is_empty() {
                    let message =
                        "related rows can only be changed with a single row; use the mutation for a single row";
                    return Err(WriteError::input(input.path, ErrorCode::Invalid, message));
                }
                let rows = self.by_filter(writer, Action::Update).await?;
                writer.change(entity, rows, input).await?
            }
            MutationKind::Call { function, .. } => writer.call(entity, table.functions[function], &self.field).await?,
            MutationKind::Delete | MutationKind::DeleteMany => {
                let rows = if kind.is_many() {
                    self.by_filter(writer, Action::Delete).await?
                } else {
                    self.by_key(writer, Action::Delete).await?
                };
                // The payload shows the rows as they were before.
                let done = self.read(writer, &rows).await?;
                writer.delete(entity, &rows, &Vec::new()).await?;
                return Ok(done);
            }
        };

        writer.finish().await?;
        self.read(writer, &rows).await
    }

    async fn read(&self, writer: &mut Writer<'_>, rows: &[Written]) -> Result<CompletedWrite, WriteError> {
        let table = writer.model.entity(self.mutation.entity).table;
        let dialect = writer.transaction.database().dialect();
        let keys: Vec<Vec<BindValue>> = rows.iter().map(|row| key_of(table, row)).collect();
        let keys = keys_of(dialect, table, table.primary_key, keys.iter().map(Vec::as_slice));
        let values = bind_parameters(
            &self.selection.plan.parameters,
            writer.variables,
            writer.viewer,
            dialect,
        )?;
        check_rows(&self.selection.plan, &values, &writer.model.limits())?;
        let executed = writer
            .transaction
            .execute(&self.selection, &values, Some(&keys))
            .await?;

        Ok(CompletedWrite {
            executed,
            values,
            count: rows.len(),
        })
    }

    fn input(&self, writer: &Writer<'_>, name: &str, path: Vec<String>) -> Result<RowInput, WriteError> {
        let input = self.argument(name)?;
        let mut reader = reader(writer);
        let row = reader.row(self.mutation.entity, input, path);

        if reader.errors.is_empty() {
            Ok(row)
        } else {
            Err(WriteError::Inputs(reader.errors))
        }
    }

    fn inputs(&self, writer: &Writer<'_>) -> Result<Vec<RowInput>, WriteError> {
        let input = self.argument("inputs")?;
        let single = std::slice::from_ref(input);
        let items = match &input.value {
            InputValue::List(items) => &items[..],
            _ => single,
        };

        let mut reader = reader(writer);
        let rows = items.iter().enumerate();
        let rows = rows.map(|(at, item)| reader.row(self.mutation.entity, item, vec!["inputs".into(), at.to_string()]));
        let rows = rows.collect();

        if reader.errors.is_empty() {
            Ok(rows)
        } else {
            Err(WriteError::Inputs(reader.errors))
        }
    }

    fn argument(&self, name: &str) -> Result<&Input, PlanError> {
        let missing = || PlanError::bad_input(format!("`{}` needs the argument `{name}`", self.field.name));
        self.field.argument(name).ok_or_else(missing)
    }

    /// Locates the row by the primary key in the arguments; fails with `NOT_FOUND` if there is none.
    async fn by_key(&self, writer: &mut Writer<'_>, action: Action) -> Result<Vec<Written>, WriteError> {
        let table = writer.model.entity(self.mutation.entity).table;
        let mut given = Vec::with_capacity(table.primary_key.len());
        for &column in table.primary_key {
            given.push((column, self.argument(table.columns[column].field)?));
        }

        let rows = writer
            .locate(self.mutation.entity, action, |planner, _, _| {
                let each = given.iter().map(|&(column, input)| {
                    let meta = &table.columns[column];
                    let parameter = planner.parameter(Parameter {
                        kind: ParameterKind::Column(meta.kind),
                        list: false,
                        source: ParameterSource::of(input),
                        name: meta.field.into(),
                    });
                    let expression = Expression::Column(ColumnRef {
                        alias: Alias::MAIN,
                        column,
                    });
                    Condition::Compare {
                        expression,
                        comparison: Comparison::Equal,
                        parameter,
                    }
                });
                Ok(Some(Condition::All(each.collect())))
            })
            .await?;

        if rows.is_empty() {
            let path = vec![table.columns[table.primary_key[0]].field.to_owned()];
            let message = format!("there is no such `{}`", table.type_name);
            return Err(WriteError::input(path, ErrorCode::NotFound, message));
        }

        Ok(rows)
    }

    /// Locates the rows that match `filters`. An empty filter needs `confirmAll: true`.
    async fn by_filter(&self, writer: &mut Writer<'_>, action: Action) -> Result<Vec<Written>, WriteError> {
        let input = self.argument("filters")?;
        let confirmed = matches!(
            self.field.argument("confirmAll").map(|input| &input.value),
            Some(InputValue::Leaf(Value::Boolean(true)))
        );

        let mut names_all = false;
        let rows = writer
            .locate(self.mutation.entity, action, |planner, entity, select| {
                let condition = planner.filters_condition(entity, input, select)?;
                names_all = condition.is_trivial();
                Ok(Some(if names_all && !confirmed {
                    Condition::Any(Vec::new())
                } else {
                    condition
                }))
            })
            .await?;

        if names_all && !confirmed {
            let message = "the filter is empty and matches every row; set `confirmAll: true` to confirm this";
            return Err(WriteError::input(
                vec!["confirmAll".into()],
                ErrorCode::Required,
                message,
            ));
        }

        Ok(rows)
    }

    /// The key of `onConflict`, and the columns to update in an existing row: `None` for all columns of the input.
    fn conflict(&self, table: &meta::Table) -> Result<(&'static [usize], Option<Vec<usize>>), PlanError> {
        let members = match &self.argument("onConflict")?.value {
            InputValue::Object(members) => &members[..],
            _ => &[],
        };

        let member = |name: &str| members.iter().find(|(known, _)| known == name).map(|(_, input)| input);
        let word = |input: &Input| match &input.value {
            InputValue::Leaf(Value::Enum(name)) => name.to_string(),
            InputValue::Leaf(Value::String(name)) => name.clone(),
            _ => String::new(),
        };

        let name = member("key").map(word).unwrap_or_default();
        let key = unique_keys(table)
            .into_iter()
            .find(|key| unique_key_name(table, key) == name);
        let key = key.ok_or_else(|| PlanError::bad_input("`onConflict.key` must be a unique key"))?;

        let columns = match member("update")
            .filter(|input| !input.is_null())
            .map(|input| &input.value)
        {
            None => None,
            Some(InputValue::List(items)) => Some(items.iter().map(word).collect::<Vec<_>>()),
            Some(other) => Some(vec![word(&Input {
                value: other.clone(),
                source: None,
            })]),
        };

        let columns = columns.map(|names| {
            (0..table.columns.len())
                .filter(|&at| names.iter().any(|name| name == table.columns[at].field))
                .collect()
        });

        Ok((key, columns))
    }

    /// The payload of a completed write; `rows` is the JSON of each of the plan's roots.
    pub(in crate::graphql) fn success_payload(&self, done: &CompletedWrite, rows: &[Option<Vec<u8>>]) -> Vec<u8> {
        self.payload
            .to_json(true, done.count, &[], |root, out| match rows.get(root) {
                Some(Some(json)) => out.extend_from_slice(json),
                _ => out.extend_from_slice(self.no_rows()),
            })
    }

    /// The rows of a completed write as JSON; `filled` has the values of computed fields.
    pub(in crate::graphql) fn join(
        &self,
        done: &CompletedWrite,
        filled: &[Vec<ComputedValue>],
    ) -> Result<Joined, TooLarge> {
        done.executed.join(&self.selection.plan, &done.values, filled)
    }

    /// The rows of a payload without any.
    fn no_rows(&self) -> &'static [u8] {
        if self.mutation.kind.is_many() { b"[]" } else { b"null" }
    }

    /// The payload of a write that was refused.
    pub(in crate::graphql) fn error_payload(&self, errors: &[InputError]) -> Vec<u8> {
        self.payload
            .to_json(false, 0, errors, |_, out| out.extend_from_slice(self.no_rows()))
    }

    /// The payload of a write that was rolled back because another field failed.
    pub(in crate::graphql) fn rolled_back_payload(&self) -> Vec<u8> {
        let message = "another field of this operation failed, so nothing was written".to_owned();
        self.error_payload(&[InputError {
            path: Vec::new(),
            message,
            code: ErrorCode::RolledBack,
        }])
    }
}

fn reader<'r>(writer: &'r Writer<'_>) -> InputReader<'r> {
    InputReader {
        model: writer.model,
        dialect: writer.transaction.database().dialect(),
        errors: Vec::new(),
    }
}

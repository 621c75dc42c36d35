//! Inserts, updates and deletes in Rust, inside a transaction.

use std::marker::PhantomData;

use async_graphql_value::{ConstValue as Value, Variables};

use meta::Action;
use plan::selection::Input;
use plan::sql::CompiledPlan;
use plan::value::BindValue;
use plan::viewer::Viewer;
use plan::{Access, Condition, PlanBuilder};

use super::model::{ONLY, model_of};
use super::{Entity, Filter, Find, IntoValue, KeyColumns, Tx, TypedColumn};
use crate::write::{InputReader, RowInput, WriteError, Writer, Written, keys_of, reference_columns};

/// A row's values by column index.
type Values = Vec<(usize, Value)>;

/// An insert of rows: `Product::insert().set(product::name, "Mug").set(product::price, price).run(&tx)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is written before `run`"]
pub struct Insert<T> {
    rows: Vec<Values>,
    marker: PhantomData<fn() -> T>,
}

/// An update of rows: `Product::update().set(product::stock, 0).filter(product::id.eq(7)).run(&tx)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is written before `run`"]
pub struct Update<T> {
    values: Values,
    filters: Vec<Filter<T>>,
}

/// A delete of rows: `CartItem::delete().filter(cart_item::cart_id.eq(cart)).run(&tx)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is written before `run`"]
pub struct Delete<T> {
    filters: Vec<Filter<T>>,
}

impl<T: Entity> Default for Insert<T> {
    fn default() -> Self {
        Self {
            rows: vec![Vec::new()],
            marker: PhantomData,
        }
    }
}

impl<T: Entity> Insert<T> {
    /// Starts with one row whose columns take their defaults until they are set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a column of the row.
    pub fn set<V: IntoValue>(self, column: TypedColumn<T, V>, value: impl Into<V>) -> Self {
        self.put(column.index(), value.into().into_value())
    }

    /// Sets a column of the row; `None` writes NULL.
    pub fn set_optional<V: IntoValue>(self, column: TypedColumn<T, V>, value: Option<impl Into<V>>) -> Self {
        self.put(
            column.index(),
            value.map_or(Value::Null, |value| value.into().into_value()),
        )
    }

    /// Adds another row; later calls of `set` belong to it.
    pub fn another(mut self) -> Self {
        self.rows.push(Vec::new());
        self
    }

    fn put(mut self, column: usize, value: Value) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.push((column, value));
        }
        self
    }

    /// Inserts the rows and returns the last one as stored.
    ///
    /// # Errors
    ///
    /// Invalid values, or the database's error; afterwards the transaction can only be rolled back.
    pub async fn run(self, tx: &Tx) -> Result<T, WriteError> {
        self.run_all(tx).await?.pop().ok_or(WriteError::Conflict)
    }

    /// Inserts the rows and returns them as stored, in their order.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn run_all(self, tx: &Tx) -> Result<Vec<T>, WriteError> {
        let rows = inputs::<T>(tx, self.rows)?;
        let written = write::<T, _>(tx, async |writer| writer.create(ONLY, rows).await).await?;
        read(tx, &written).await
    }

    /// Updates the row that has the same values in `key`, or inserts it: `Cart::insert().set(cart::user_id, id)
    /// .or_update(cart::user_id, &tx)`. If there are several rows, only the last one is used.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn or_update(mut self, key: impl KeyColumns<T>, tx: &Tx) -> Result<T, WriteError> {
        let row = self.rows.pop().unwrap_or_default();
        let row = inputs::<T>(tx, vec![row])?.swap_remove(0);
        let key = key.indexes();
        let written = write::<T, _>(tx, async |writer| {
            writer.upsert(ONLY, row, &key, None).await.map(|row| vec![row])
        })
        .await?;
        read(tx, &written).await?.pop().ok_or(WriteError::Conflict)
    }
}

impl<T: Entity> Default for Update<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            filters: Vec::new(),
        }
    }
}

impl<T: Entity> Update<T> {
    /// An update of all rows that does not set any column yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a column of the rows.
    pub fn set<V: IntoValue>(mut self, column: TypedColumn<T, V>, value: impl Into<V>) -> Self {
        self.values.push((column.index(), value.into().into_value()));
        self
    }

    /// Sets a column of the rows; `None` writes NULL.
    pub fn set_optional<V: IntoValue>(mut self, column: TypedColumn<T, V>, value: Option<impl Into<V>>) -> Self {
        self.values.push((
            column.index(),
            value.map_or(Value::Null, |value| value.into().into_value()),
        ));
        self
    }

    /// Adds a condition; rows must meet all conditions.
    pub fn filter(mut self, filter: Filter<T>) -> Self {
        self.filters.push(filter);
        self
    }

    /// Updates the rows and returns their number.
    ///
    /// # Errors
    ///
    /// Invalid values, or the database's error; afterwards the transaction can only be rolled back.
    pub async fn run(self, tx: &Tx) -> Result<u64, WriteError> {
        let values = inputs::<T>(tx, vec![self.values])?.swap_remove(0);
        let filters = self.filters;
        let written = write::<T, _>(tx, async |writer| {
            let rows = locate(writer, Action::Update, filters).await?;
            writer.change(ONLY, rows, values).await
        });
        Ok(written.await?.len() as u64)
    }
}

impl<T: Entity> Default for Delete<T> {
    fn default() -> Self {
        Self { filters: Vec::new() }
    }
}

impl<T: Entity> Delete<T> {
    /// A delete of all rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition; rows must meet all conditions.
    pub fn filter(mut self, filter: Filter<T>) -> Self {
        self.filters.push(filter);
        self
    }

    /// Deletes the rows and returns their number.
    ///
    /// # Errors
    ///
    /// The database's error, for example if other rows refer to a row; afterwards the transaction can only be rolled
    /// back.
    pub async fn run(self, tx: &Tx) -> Result<u64, WriteError> {
        let filters = self.filters;
        let written = write::<T, _>(tx, async |writer| {
            let rows = locate(writer, Action::Delete, filters).await?;
            writer.delete(ONLY, &rows, &Vec::new()).await?;
            Ok(rows)
        });
        Ok(written.await?.len() as u64)
    }
}

/// Converts rows into the writer's inputs.
fn inputs<T: Entity>(tx: &Tx, rows: Vec<Values>) -> Result<Vec<RowInput>, WriteError> {
    let model = model_of(T::TABLE);
    let mut reader = InputReader {
        model,
        dialect: tx.database().dialect(),
        errors: Vec::new(),
    };

    let mut inputs = Vec::with_capacity(rows.len());
    for values in rows {
        let mut row = RowInput::default();
        for (column, value) in values {
            let meta = &T::TABLE.columns[column];
            if let Some(value) = reader.value(meta.kind, &Input::new(value, None), &[meta.field.to_owned()]) {
                row.values.retain(|(known, _)| *known != column);
                row.values.push((column, value));
            }
        }
        row.values.sort_by_key(|(column, _)| *column);
        inputs.push(row);
    }

    let outcome = if reader.errors.is_empty() {
        Ok(inputs)
    } else {
        Err(WriteError::Inputs(reader.errors))
    };
    tx.record_write(outcome)
}

async fn locate<T: Entity>(
    writer: &mut Writer<'_>,
    action: Action,
    filters: Vec<Filter<T>>,
) -> Result<Vec<Written>, WriteError> {
    writer
        .locate(ONLY, action, |planner, _, _| {
            let conditions: Vec<Condition> = filters
                .into_iter()
                .map(|filter| filter.into_condition(planner))
                .collect();
            Ok((!conditions.is_empty()).then_some(Condition::All(conditions)))
        })
        .await
}

/// Runs a write of one table, to which no policy applies.
async fn write<T: Entity, F>(tx: &Tx, run: F) -> Result<Vec<Written>, WriteError>
where
    F: AsyncFnOnce(&mut Writer<'_>) -> Result<Vec<Written>, WriteError>,
{
    let model = model_of(T::TABLE);
    let (viewer, variables) = (Viewer::anonymous(), Variables::default());
    let outcome = async {
        let mut transaction = tx.open().await?;
        let mut writer = Writer::new(model, Access::Program, &viewer, &variables, &mut transaction);
        let outcome = run(&mut writer).await;
        tx.record_tables(std::mem::take(&mut writer.tables));
        outcome
    };
    tx.record_write(outcome.await)
}

/// Reads written rows as stored, in their order.
async fn read<T: Entity>(tx: &Tx, written: &[Written]) -> Result<Vec<T>, WriteError> {
    let key = T::TABLE.primary_key;
    if key.is_empty() {
        return Ok(Vec::new());
    }

    let kept = reference_columns(T::TABLE);
    let model = model_of(T::TABLE);

    let all: Vec<usize> = (0..T::TABLE.columns.len()).collect();
    let planner = PlanBuilder::new(model, tx.database().dialect(), Access::Program);
    let plan = CompiledPlan::new(planner.rows_unchecked(ONLY, key, &all), tx.database().dialect());

    let keys: Vec<Vec<BindValue>> = written
        .iter()
        .map(|row| row[..key.len().min(kept.len())].to_vec())
        .collect();
    let keys = keys_of(tx.database().dialect(), T::TABLE, key, keys.iter().map(Vec::as_slice));

    Ok(Find::<T>::by_keys(tx, &plan, &keys).await?)
}

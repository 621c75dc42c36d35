//! Rows written by Rust code, inside a transaction.

use std::marker::PhantomData;

use async_graphql_value::{ConstValue as Value, Variables};

use meta::Action;
use plan::selection::Input;
use plan::sql::CompiledPlan;
use plan::value::BindValue;
use plan::viewer::Viewer;
use plan::{Access, Condition, PlanBuilder};

use super::model::model_of;
use super::{Entity, Filter, Find, IntoValue, Tx, TypedColumn};
use crate::write::{InputReader, RowInput, WriteError, Writer, Written, kept, keys_of};

/// Values of a row's columns.
type Values = Vec<(usize, Value)>;

/// Rows to be made: `Product::insert().set(product::name, "Mug").set(product::price, price).run(&tx)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is written before `run`"]
pub struct Insert<T> {
    rows: Vec<Values>,
    marker: PhantomData<fn() -> T>,
}

/// Rows to be changed: `Product::update().set(product::stock, 0).filter(product::id.eq(7)).run(&tx)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is written before `run`"]
pub struct Update<T> {
    values: Values,
    filters: Vec<Filter<T>>,
}

/// Rows to be removed: `CartItem::delete().filter(cart_item::cart_id.eq(cart)).run(&tx)`.
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
    /// One row, whose columns have their defaults so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the row a value.
    pub fn set<V: IntoValue>(self, column: TypedColumn<T, V>, value: impl Into<V>) -> Self {
        self.put(column.index(), value.into().into_value())
    }

    /// Gives the row a value, or `NULL`.
    pub fn set_optional<V: IntoValue>(self, column: TypedColumn<T, V>, value: Option<impl Into<V>>) -> Self {
        self.put(
            column.index(),
            value.map_or(Value::Null, |value| value.into().into_value()),
        )
    }

    /// Another row; what is set from now on is its.
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

    /// Makes the rows and answers the last of them as the database has it.
    ///
    /// # Errors
    ///
    /// What is wrong with the values, or what the database says; nothing of the transaction can be kept then.
    pub async fn run(self, tx: &Tx) -> Result<T, WriteError> {
        self.run_all(tx).await?.pop().ok_or(WriteError::Overtaken)
    }

    /// Makes the rows and answers them as the database has them, in their order.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn run_all(self, tx: &Tx) -> Result<Vec<T>, WriteError> {
        let rows = inputs::<T>(tx, self.rows)?;
        let written = write::<T, _>(tx, async |writer| writer.create(0, rows).await).await?;
        read(tx, &written).await
    }

    /// Changes the row that has the same values in a key, or makes it: `Cart::insert().set(cart::user_id, id)
    /// .or_update([cart::user_id.index()], &tx)`. Of several rows only the last is meant.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn or_update(mut self, key: impl AsRef<[usize]>, tx: &Tx) -> Result<T, WriteError> {
        let row = self.rows.pop().unwrap_or_default();
        let row = inputs::<T>(tx, vec![row])?.swap_remove(0);
        let key = key.as_ref();
        let written = write::<T, _>(tx, async |writer| {
            writer.put(0, row, key, None).await.map(|row| vec![row])
        })
        .await?;
        read(tx, &written).await?.pop().ok_or(WriteError::Overtaken)
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
    /// No change to all rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the rows a value.
    pub fn set<V: IntoValue>(mut self, column: TypedColumn<T, V>, value: impl Into<V>) -> Self {
        self.values.push((column.index(), value.into().into_value()));
        self
    }

    /// Gives the rows a value, or `NULL`.
    pub fn set_optional<V: IntoValue>(mut self, column: TypedColumn<T, V>, value: Option<impl Into<V>>) -> Self {
        self.values.push((
            column.index(),
            value.map_or(Value::Null, |value| value.into().into_value()),
        ));
        self
    }

    /// Only rows for which this holds as well.
    pub fn filter(mut self, filter: Filter<T>) -> Self {
        self.filters.push(filter);
        self
    }

    /// Changes the rows and answers how many there were.
    ///
    /// # Errors
    ///
    /// What is wrong with the values, or what the database says; nothing of the transaction can be kept then.
    pub async fn run(self, tx: &Tx) -> Result<u64, WriteError> {
        let values = inputs::<T>(tx, vec![self.values])?.swap_remove(0);
        let filters = self.filters;
        let written = write::<T, _>(tx, async |writer| {
            let rows = locate(writer, Action::Update, filters).await?;
            writer.change(0, rows, values).await
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
    /// All rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only rows for which this holds as well.
    pub fn filter(mut self, filter: Filter<T>) -> Self {
        self.filters.push(filter);
        self
    }

    /// Removes the rows and answers how many there were.
    ///
    /// # Errors
    ///
    /// What the database says, such as that others refer to a row; nothing of the transaction can be kept then.
    pub async fn run(self, tx: &Tx) -> Result<u64, WriteError> {
        let filters = self.filters;
        let written = write::<T, _>(tx, async |writer| {
            let rows = locate(writer, Action::Delete, filters).await?;
            writer.delete(0, &rows, &Vec::new()).await?;
            Ok(rows)
        });
        Ok(written.await?.len() as u64)
    }
}

/// Rows as the writer takes them.
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
        .locate(0, action, |planner, _, _| {
            let conditions: Vec<Condition> = filters
                .into_iter()
                .map(|filter| filter.into_condition(planner))
                .collect();
            Ok((!conditions.is_empty()).then_some(Condition::All(conditions)))
        })
        .await
}

/// Runs a write of one table, which no rule binds.
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

/// Written rows as the database has them, in their order.
async fn read<T: Entity>(tx: &Tx, written: &[Written]) -> Result<Vec<T>, WriteError> {
    let key = T::TABLE.primary_key;
    if key.is_empty() {
        return Ok(Vec::new());
    }
    let kept = kept(T::TABLE);
    let model = model_of(T::TABLE);
    let all: Vec<usize> = (0..T::TABLE.columns.len()).collect();
    let planner = PlanBuilder::new(model, tx.database().dialect(), Access::Program);
    let plan = CompiledPlan::new(planner.fetched(0, key, &all), tx.database().dialect());
    let keys: Vec<Vec<BindValue>> = written
        .iter()
        .map(|row| row[..key.len().min(kept.len())].to_vec())
        .collect();
    let keys = keys_of(tx.database().dialect(), T::TABLE, key, keys.iter().map(Vec::as_slice));
    Ok(Find::<T>::by_keys(tx, &plan, &keys).await?)
}

//! Queries of typed rows.

use async_graphql_value::{ConstValue as Value, Variables};
use meta::Kind;
use plan::bind::{Keys, bind_parameters};
use plan::dialect::Dialect;
use plan::sql::CompiledPlan;
use plan::value::{BindValue, Cell, Row};
use plan::viewer::Viewer;
use plan::{
    Access, Condition, Limit, Page, Parameter, ParameterKind, ParameterSource, Plan, PlanBuilder, RootSelection,
};

use super::model::{ONLY, model_of};
use super::{Entity, Filter, OrderBy, RowReader, Source, Tx};
use crate::execute::{ExecuteError, RowSink};

/// A place that knows which fields of rows a client asked for, such as the context of a GraphQL resolver. `L` is a type
/// of the layer that implements it, so that it can do so for a type that it does not define.
pub trait SelectRows<L>: Sync {
    /// Rows as a resolver answers them.
    type Many<T: Entity>;
    /// A row, or none, as a resolver answers it.
    type One<T: Entity>;
    /// Why there are none.
    type Error;

    /// Selects rows.
    fn select_many<T: Entity>(&self, find: Find<T>) -> impl Future<Output = Result<Self::Many<T>, Self::Error>> + Send;

    /// Selects the first row.
    fn select_one<T: Entity>(&self, find: Find<T>) -> impl Future<Output = Result<Self::One<T>, Self::Error>> + Send;
}

/// A query for the rows of one table: `Product::find().filter(product::stock.gt(0)).limit(10)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is read until `all`, `one` or `select` is called"]
pub struct Find<T> {
    filters: Vec<Filter<T>>,
    order: Vec<OrderBy<T>>,
    limit: Option<u64>,
    offset: Option<u64>,
    lock: bool,
    as_program: bool,
}

impl<T: Entity> Default for Find<T> {
    fn default() -> Self {
        Self {
            filters: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: None,
            lock: false,
            as_program: false,
        }
    }
}

impl<T: Entity> Find<T> {
    /// A query for all rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition; rows must meet all conditions.
    pub fn filter(mut self, filter: Filter<T>) -> Self {
        self.filters.push(filter);
        self
    }

    /// Sorts the rows; further calls sort rows that are equal so far. The primary key breaks the last ties.
    pub fn order_by(mut self, order: OrderBy<T>) -> Self {
        self.order.push(order);
        self
    }

    /// Returns at most `rows` rows.
    pub fn limit(mut self, rows: impl TryInto<u64>) -> Self {
        // A negative limit returns no rows.
        self.limit = Some(rows.try_into().unwrap_or(0));
        self
    }

    /// Skips the first `rows` rows.
    pub fn offset(mut self, rows: impl TryInto<u64>) -> Self {
        self.offset = Some(rows.try_into().unwrap_or(0));
        self
    }

    /// Locks the rows against other transactions until this one ends. Outside of a transaction, and on a database with
    /// one writer, it does nothing.
    pub fn for_update(mut self) -> Self {
        self.lock = true;
        self
    }

    /// Reads the rows with all columns.
    pub async fn all(self, database: &impl Source) -> Result<Vec<T>, ExecuteError> {
        let mut rows = Vec::new();
        let mut failure = None;
        let mut take = |row: &dyn Row| {
            match T::read(&mut RowReader::new(row, T::TABLE)) {
                Ok(row) => rows.push(row),
                Err(error) => failure = Some(error),
            }
            Ok(())
        };

        self.read(database, &mut take).await?;
        match failure {
            None => Ok(rows),
            Some(error) => Err(ExecuteError::Read(error)),
        }
    }

    /// Reads the first row with all columns, if there is one.
    pub async fn one(self, database: &impl Source) -> Result<Option<T>, ExecuteError> {
        Ok(self.limit(1_u64).all(database).await?.into_iter().next())
    }

    /// Counts the rows; limit and offset are ignored.
    pub async fn count(self, database: &impl Source) -> Result<u64, ExecuteError> {
        let model = model_of(T::TABLE);
        let mut builder = PlanBuilder::new(model, database.dialect(), Access::Program);
        let selection = self.whole().selection(&mut builder);
        let plan = CompiledPlan::new(builder.count(ONLY, selection.condition), database.dialect());
        let values = constants(&plan.plan, database.dialect())?;
        let mut count = 0;
        let mut take = |row: &dyn Row| {
            if let Cell::Int(found) = row.cell(0, Kind::Int64)? {
                count = found.unsigned_abs();
            }
            Ok(())
        };

        database.rows(&plan, &values, &mut take).await?;
        Ok(count)
    }

    /// The rows of a plan that reads rows by key, in the order of the keys.
    pub(super) async fn by_keys(tx: &Tx, plan: &CompiledPlan, keys: &Keys) -> Result<Vec<T>, ExecuteError> {
        let mut rows: Vec<(i64, T)> = Vec::with_capacity(keys.len());
        let mut failure = None;
        let mut take = |row: &dyn Row| {
            match T::read(&mut RowReader::after_ordinal(row, T::TABLE)) {
                Ok(read) => rows.push((row.ordinal()?, read)),
                Err(error) => failure = Some(error),
            }
            Ok(())
        };

        let outcome = tx
            .open()
            .await?
            .rows(&plan.statements[0], &[], Some(keys), &mut take)
            .await;
        tx.record_statement(outcome)?;

        if let Some(error) = failure {
            return Err(ExecuteError::Read(error));
        }

        rows.sort_by_key(|(place, _)| *place);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    pub(super) async fn read(self, database: &impl Source, sink: &mut dyn RowSink) -> Result<(), ExecuteError> {
        let model = model_of(T::TABLE);
        let mut builder = PlanBuilder::new(model, database.dialect(), Access::Program);
        let selection = self.selection(&mut builder);
        let plan = CompiledPlan::new(builder.rows(ONLY, selection)?, database.dialect());
        let values = constants(&plan.plan, database.dialect())?;
        database.rows(&plan, &values, sink).await
    }

    /// Ignores the policies of the tables: the program is responsible for what it returns. Otherwise they apply to the
    /// viewer.
    pub fn as_program(mut self) -> Self {
        self.as_program = true;
        self
    }

    /// Reads the rows with the fields that the client selected below the resolver's field, including nested ones.
    ///
    /// # Errors
    ///
    /// The context's error: values that do not fit, a limit, or what the database says.
    pub async fn select<L, C: SelectRows<L>>(self, context: &C) -> Result<C::Many<T>, C::Error> {
        context.select_many(self).await
    }

    /// Reads the first row with the fields that the client selected, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Self::select`].
    pub async fn select_one<L, C: SelectRows<L>>(self, context: &C) -> Result<C::One<T>, C::Error> {
        context.select_one(self.limit(1_u64)).await
    }

    /// Whether the policies of the tables do not apply, which [`Self::as_program`] says.
    pub fn is_program(&self) -> bool {
        self.as_program
    }

    /// The same rows without a limit and an offset.
    pub(super) fn whole(self) -> Self {
        Self {
            limit: None,
            offset: None,
            ..self
        }
    }

    /// What is selected, for a planner of the same table.
    pub fn selection(self, builder: &mut PlanBuilder<'_>) -> RootSelection {
        let conditions: Vec<Condition> = self
            .filters
            .into_iter()
            .map(|filter| filter.into_condition(builder))
            .collect();
        let order = self.order.into_iter().map(OrderBy::into_order).collect();

        let mut number = |value: Option<u64>, name: &str| {
            value.map(|value| {
                builder.parameter(Parameter {
                    kind: ParameterKind::Offset,
                    list: false,
                    source: ParameterSource::Constant(Value::from(value)),
                    name: name.into(),
                })
            })
        };

        let limit = number(self.limit, "limit").map(Limit::Parameter);
        let page = Page {
            limit,
            offset: number(self.offset, "offset"),
        };

        RootSelection {
            condition: (!conditions.is_empty()).then_some(Condition::All(conditions)),
            order,
            page: Some(page),
            lock: self.lock,
        }
    }
}

/// The parameter values of a plan made in Rust, which are all constants.
pub(super) fn constants(plan: &Plan, dialect: &Dialect) -> Result<Vec<BindValue>, ExecuteError> {
    let values = bind_parameters(&plan.parameters, &Variables::default(), &Viewer::anonymous(), dialect)?;
    Ok(values)
}

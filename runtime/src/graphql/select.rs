//! Rows asked for by Rust code: typed, or planned from what the client asked below a hand-written resolver.

use std::sync::Arc;
use std::task::Poll;

use async_graphql::{Context, Error, ErrorExtensions as _, QueryPathNode, Value};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, Stream};
use tokio::sync::mpsc::Sender;

use super::EngineParts;
use super::entity::{Entity, Many, One};
use super::extend::{compute, extended_fields};
use super::failure::field_errors;
use super::source::Source;
use super::transaction::{OperationTransaction, Tx};
use crate::execute::{
    self, BindValue, Cell, Database, ExecuteError, Row, RowError, RowSink, bind_parameters, check_rows,
};
use crate::model::{Limits, Model};
use crate::plan::{
    Access, Condition, Limit, Page, Parameter, ParameterKind, ParameterSource, Plan, PlanBuilder, PlanError,
    RootSelection,
};
use crate::rows::{Filter, FromCell, OrderBy, ReadError, RowReader, TypedColumn};
use crate::selection::{Bounds, Collector};
use crate::sql::Dialect;
use crate::viewer::Viewer;
use meta::Kind;

/// A selection of rows under construction: `Product::find().filter(product::stock.gt(0)).limit(10)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is asked for before `all`, `one` or `select`"]
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
    /// All rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only rows for which this holds as well.
    pub fn filter(mut self, filter: Filter<T>) -> Self {
        self.filters.push(filter);
        self
    }

    /// In this order; further calls order rows that are equal so far. The primary key completes it.
    pub fn order_by(mut self, order: OrderBy<T>) -> Self {
        self.order.push(order);
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: impl TryInto<u64>) -> Self {
        // A negative limit has no rows, as in a slice.
        self.limit = Some(rows.try_into().unwrap_or(0));
        self
    }

    /// Without the first so many rows.
    pub fn offset(mut self, rows: impl TryInto<u64>) -> Self {
        self.offset = Some(rows.try_into().unwrap_or(0));
        self
    }

    /// Kept from other transactions until this one ends; outside of one, and on a database with one writer, it does
    /// nothing.
    pub fn for_update(mut self) -> Self {
        self.lock = true;
        self
    }

    /// The rows, whole.
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

    /// The first row, whole, if there is one.
    pub async fn one(self, database: &impl Source) -> Result<Option<T>, ExecuteError> {
        Ok(self.limit(1_u64).all(database).await?.into_iter().next())
    }

    /// How many rows there are, whatever the limit.
    pub async fn count(self, database: &impl Source) -> Result<u64, ExecuteError> {
        let model = Model::new([T::TABLE], Vec::new(), Limits::default());
        let mut builder = PlanBuilder::new(&model, database.dialect(), Access::Program);
        let selection = Self {
            limit: None,
            offset: None,
            ..self
        }
        .selection(&mut builder);
        let plan = builder.count(0, selection.condition);
        let values = constants(&plan, database.dialect())?;
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

    /// What the values of a column come to for each value of another one, computed by the database: ratings by
    /// product, amounts by order. Values of `by` without rows are not there.
    pub async fn totals_by<K: FromCell + Send, V>(
        self,
        by: TypedColumn<T, K>,
        of: TypedColumn<T, V>,
        database: &impl Source,
    ) -> Result<Vec<(K, Totals)>, ExecuteError> {
        let model = Model::new([T::TABLE], Vec::new(), Limits::default());
        let mut builder = PlanBuilder::new(&model, database.dialect(), Access::Program);
        let selection = Self {
            limit: None,
            offset: None,
            ..self
        }
        .selection(&mut builder);
        let plan = builder.totals(0, selection.condition, by.index(), of.index());
        let values = constants(&plan, database.dialect())?;
        let level = &plan.levels[0];
        let kind = |at: usize| level.select.kind(&level.select.columns[at]);
        let (mut totals, mut failure) = (Vec::new(), None);
        let mut take = |row: &dyn Row| {
            let read = || -> Result<(K, Totals), String> {
                let cell = |at: usize| row.cell(at, kind(at)).map_err(|error| error.to_string());
                let count = i64::from_cell(&cell(1)?, kind(1))?.unsigned_abs();
                let average = Option::from_cell(&cell(2)?, kind(2))?;
                let sum = Option::from_cell(&cell(3)?, kind(3))?;
                Ok((K::from_cell(&cell(0)?, kind(0))?, Totals { count, average, sum }))
            };
            match read() {
                Ok(found) => totals.push(found),
                Err(reason) => {
                    let column = T::TABLE.columns[by.index()].name;
                    failure = Some(ReadError {
                        table: T::TABLE.name,
                        column,
                        reason,
                    });
                }
            }
            Ok(())
        };
        database.rows(&plan, &values, &mut take).await?;
        match failure {
            None => Ok(totals),
            Some(error) => Err(ExecuteError::Read(error)),
        }
    }

    /// The rows one after the other, while the database still sends them: few are in memory at once. The statement
    /// ends with the stream, however early that is dropped.
    pub fn stream(self, database: &Database) -> impl Stream<Item = Result<T, ExecuteError>> + Send + use<T> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let database = database.clone();
        let reader = tokio::spawn(async move {
            let mut sink = Sending {
                rows: Vec::new(),
                failure: None,
                sender,
            };
            let outcome = self.read(&database, &mut sink).await;
            sink.flush().await;
            if let Some(error) = outcome.err().or(sink.failure.map(ExecuteError::Read)) {
                let _ = sink.sender.send(Err(error)).await;
            }
        });
        let guard = AbortOnDrop(reader.abort_handle());
        let mut ready = Vec::new().into_iter();
        futures_util::stream::poll_fn(move |context| {
            let _ = &guard;
            loop {
                if let Some(row) = ready.next() {
                    return Poll::Ready(Some(Ok(row)));
                }
                match receiver.poll_recv(context) {
                    Poll::Ready(Some(Ok(rows))) => ready = Vec::into_iter(rows),
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(None) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
    }

    /// The rows of a plan that asks for keys, in the order of those.
    pub(super) async fn by_keys(tx: &Tx, plan: &Plan, keys: &execute::Keys) -> Result<Vec<T>, ExecuteError> {
        let mut rows: Vec<(i64, T)> = Vec::with_capacity(keys.len());
        let mut failure = None;
        let mut take = |row: &dyn Row| {
            match T::read(&mut RowReader::behind_ordinal(row, T::TABLE)) {
                Ok(read) => rows.push((row.ordinal()?, read)),
                Err(error) => failure = Some(error),
            }
            Ok(())
        };
        let outcome = tx
            .open()
            .await?
            .rows(&plan.levels[0].statement, &[], Some(keys), &mut take)
            .await;
        tx.noting(outcome)?;
        if let Some(error) = failure {
            return Err(ExecuteError::Read(error));
        }
        rows.sort_by_key(|(place, _)| *place);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    async fn read(self, database: &impl Source, sink: &mut dyn RowSink) -> Result<(), ExecuteError> {
        let model = Model::new([T::TABLE], Vec::new(), Limits::default());
        let mut builder = PlanBuilder::new(&model, database.dialect(), Access::Program);
        let selection = self.selection(&mut builder);
        let plan = builder.rows(0, selection)?;
        let values = constants(&plan, database.dialect())?;
        database.rows(&plan, &values, sink).await
    }

    /// Whatever the viewer may see: the program answers for what comes back. Without it the rules of the tables hold.
    pub fn as_program(mut self) -> Self {
        self.as_program = true;
        self
    }

    /// The rows with the fields that the client asked for below the resolver's own field, nested ones too.
    pub async fn select(self, context: &Context<'_>) -> async_graphql::Result<Many<T>> {
        Ok(Many::finished(self.run(context).await?))
    }

    /// The first row with the fields that the client asked for, if there is one.
    pub async fn select_one(self, context: &Context<'_>) -> async_graphql::Result<One<T>> {
        let list = self.limit(1_u64).run(context).await?;
        let row = &list[1..list.len() - 1];
        Ok(One::finished(if row.is_empty() {
            b"null".to_vec()
        } else {
            row.to_vec()
        }))
    }

    async fn run(self, context: &Context<'_>) -> async_graphql::Result<Vec<u8>> {
        let parts = context.data::<Arc<EngineParts>>()?;
        let entity = parts.model.find(T::TABLE.type_name).ok_or_else(|| {
            Error::new(format!(
                "the schema does not serve `{}`: add its app or model",
                T::TABLE.type_name
            ))
        })?;
        let env = context.query_env;
        let planned = |error: PlanError| coded(error.message, error.code);
        let collector = Collector {
            fragments: &env.fragments,
            variables: &env.variables,
            bounds: Bounds::COUNTED,
        };
        let field = collector
            .field(context.item)
            .map_err(|error| coded(error.message, error.code))?;
        let anonymous = Viewer::anonymous();
        let viewer = context.data_opt::<Viewer>().unwrap_or(&anonymous);
        let access = if self.as_program {
            Access::Program
        } else {
            Access::Viewer(viewer)
        };
        let mut builder = PlanBuilder::new(&parts.model, parts.database.dialect(), access);
        let selection = self.selection(&mut builder);
        let plan: Plan = builder.selection(entity, selection, &field).map_err(planned)?;
        let values: Vec<BindValue> =
            bind_parameters(&plan.parameters, &env.variables, viewer, parts.database.dialect()).map_err(planned)?;
        check_rows(&plan, &values, &parts.model.limits()).map_err(planned)?;
        let executed = match context.data_opt::<Arc<OperationTransaction>>() {
            // What the operation wrote before is seen.
            Some(operation) => operation.tx.execute(&plan, &values, None).await,
            None => execute::execute_for(&parts.database, &plan, &values, viewer).await,
        };
        let executed = executed.map_err(|error| failed(&error))?;
        let fields = extended_fields(&plan, &context.item.node.selection_set.node, &env.fragments);
        let computed = compute(context, &plan, &fields, &executed, &values).await;
        let mut answer = executed
            .join(&plan, &values, &computed.filled)
            .map_err(|error| failed(&error))?;
        let errors = field_errors(&answer.errors).into_iter().chain(computed.errors);
        let path = context.path_node.map(QueryPathNode::to_string_vec).unwrap_or_default();
        for mut error in errors {
            // It begins with this field; what stands above it is the context's.
            error
                .path
                .splice(0..0, path[..path.len().saturating_sub(1)].iter().cloned());
            context.add_error(error.into_server_error());
        }
        answer
            .values
            .swap_remove(0)
            .ok_or_else(|| coded("a row lacks a value that the schema promises", "UNREADABLE_VALUE"))
    }

    fn selection(self, builder: &mut PlanBuilder<'_>) -> RootSelection {
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

/// What the values of a column come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// How many rows there are.
    pub count: u64,
    /// The mean of the values that are not null.
    pub average: Option<f64>,
    /// Their sum.
    pub sum: Option<rust_decimal::Decimal>,
}

/// The values of a plan that Rust code made.
fn constants(plan: &Plan, dialect: &Dialect) -> Result<Vec<BindValue>, ExecuteError> {
    let (variables, viewer) = (async_graphql::Variables::default(), Viewer::anonymous());
    Ok(bind_parameters(&plan.parameters, &variables, &viewer, dialect)?)
}

/// A failed statement as hand-written code passes it on.
pub(super) fn failed(error: &ExecuteError) -> Error {
    if !matches!(error, ExecuteError::Input(_)) {
        tracing::error!(cause = error.cause(), "a statement failed");
    }
    coded(error.client_message(), error.code())
}

fn coded(message: impl Into<String>, code: &'static str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// Rows that a stream's reader sends on together.
const ROWS_TOGETHER: usize = 64;

/// Where a stream's rows go: in bundles, and the reader waits until each is taken.
struct Sending<T> {
    rows: Vec<T>,
    failure: Option<ReadError>,
    sender: Sender<Result<Vec<T>, ExecuteError>>,
}

impl<T: Entity> Sending<T> {
    async fn flush(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        // Nobody waits for them any more: the reader is about to be ended.
        let _ = self.sender.send(Ok(rows)).await;
    }
}

impl<T: Entity> RowSink for Sending<T> {
    fn row(&mut self, row: &dyn Row) -> Result<(), RowError> {
        match T::read(&mut RowReader::new(row, T::TABLE)) {
            Ok(row) => self.rows.push(row),
            Err(error) => self.failure = Some(error),
        }
        Ok(())
    }

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        (self.rows.len() >= ROWS_TOGETHER).then(|| self.flush().boxed())
    }
}

/// Ends a task with this value.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

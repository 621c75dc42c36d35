//! Rows asked for by Rust code: typed, or planned from what the client asked below a hand-written resolver.

use std::sync::Arc;

use async_graphql::{Context, Error, ErrorExtensions as _, Value};

use super::EngineParts;
use super::entity::{Entity, Many, One};
use crate::execute::{self, BindValue, Database, ExecuteError, bind_parameters, check_rows};
use crate::model::{Limits, Model};
use crate::plan::{
    Condition, Limit, Page, Parameter, ParameterKind, ParameterSource, Plan, PlanBuilder, RootSelection,
};
use crate::rows::{Filter, OrderBy, RowReader};
use crate::selection::Collector;

/// A selection of rows under construction: `Product::find().filter(product::stock.gt(0)).limit(10)`.
#[derive(Debug, Clone)]
#[must_use = "nothing is asked for before `all`, `one` or `select`"]
pub struct Find<T> {
    filters: Vec<Filter<T>>,
    order: Vec<OrderBy<T>>,
    limit: Option<u64>,
    offset: Option<u64>,
}

impl<T: Entity> Default for Find<T> {
    fn default() -> Self {
        Self { filters: Vec::new(), order: Vec::new(), limit: None, offset: None }
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

    /// The rows, whole.
    pub async fn all(self, database: &Database) -> Result<Vec<T>, ExecuteError> {
        let model = Model::new([T::TABLE], Limits::default());
        let mut builder = PlanBuilder::new(&model, database.dialect());
        let selection = self.selection(&mut builder);
        let plan = builder.rows(0, selection)?;
        let values = bind_parameters(&plan.parameters, &async_graphql::Variables::default(), database.dialect())?;
        let mut rows = Vec::new();
        let mut failure = None;
        execute::rows(database, &plan, &values, &mut |row| {
            match T::read(&mut RowReader::new(row, T::TABLE)) {
                Ok(row) => rows.push(row),
                Err(error) => failure = Some(error),
            }
            Ok(())
        })
        .await?;
        match failure {
            None => Ok(rows),
            Some(error) => Err(ExecuteError::Read(error)),
        }
    }

    /// The first row, whole, if there is one.
    pub async fn one(self, database: &Database) -> Result<Option<T>, ExecuteError> {
        Ok(self.limit(1_u64).all(database).await?.into_iter().next())
    }

    /// The rows with the fields that the client asked for below the resolver's own field, nested ones too.
    pub async fn select(self, context: &Context<'_>) -> async_graphql::Result<Many<T>> {
        let mut answer = self.run(context).await?;
        Ok(Many::finished(answer.values.swap_remove(0)))
    }

    /// The first row with the fields that the client asked for, if there is one.
    pub async fn select_one(self, context: &Context<'_>) -> async_graphql::Result<One<T>> {
        let mut answer = self.limit(1_u64).run(context).await?;
        let list = answer.values.swap_remove(0);
        let row = &list[1..list.len() - 1];
        Ok(One::finished(if row.is_empty() { b"null".to_vec() } else { row.to_vec() }))
    }

    async fn run(self, context: &Context<'_>) -> async_graphql::Result<execute::Answer> {
        let parts = context.data::<Arc<EngineParts>>()?;
        let entity = parts.model.find(T::TABLE.type_name).ok_or_else(|| {
            Error::new(format!("the schema does not serve `{}`: add its app or model", T::TABLE.type_name))
        })?;
        let env = context.query_env;
        let collector = Collector { fragments: &env.fragments, variables: &env.variables };
        let field = collector.field(context.item).map_err(|error| coded(error.message, "BAD_USER_INPUT"))?;
        let mut builder = PlanBuilder::new(&parts.model, parts.database.dialect());
        let selection = self.selection(&mut builder);
        let plan: Plan =
            builder.selection(entity, selection, &field).map_err(|error| coded(error.message, error.code))?;
        let values: Vec<BindValue> = bind_parameters(&plan.parameters, &env.variables, parts.database.dialect())
            .map_err(|error| coded(error.message, error.code))?;
        check_rows(&plan, &values, &parts.model.limits()).map_err(|error| coded(error.message, error.code))?;
        execute::execute(&parts.database, &plan, &values).await.map_err(|error| {
            if !matches!(error, ExecuteError::Input(_)) {
                tracing::error!(cause = %error, "a statement failed");
            }
            coded(error.client_message(), error.code())
        })
    }

    fn selection(self, builder: &mut PlanBuilder<'_>) -> RootSelection {
        let conditions: Vec<Condition> =
            self.filters.into_iter().map(|filter| filter.into_condition(builder)).collect();
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
        let page = Page { limit, offset: number(self.offset, "offset") };
        RootSelection {
            condition: (!conditions.is_empty()).then_some(Condition::All(conditions)),
            order,
            page: Some(page),
        }
    }
}

fn coded(message: impl Into<String>, code: &'static str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

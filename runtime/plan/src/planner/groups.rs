//! Groups of rows that are equal in some columns, with their aggregates.

use super::Alias;
use async_graphql_value::ConstValue as Value;

use super::aggregate::{self, AggregateWriter};
use super::filter::object_members;
use super::order::{order_with_direction, single_key};
use super::{
    Aggregate, ColumnRef, Condition, Direction, Expression, Grouping, Nulls, Order, PlanBuilder, PlanError, Select,
    Step,
};
use crate::model::ResolvedTable;
use crate::selection::{Input, InputValue, Selected};
use meta::Kind;

/// The GraphQL type of a table's groups.
pub fn group_type(type_name: &str) -> String {
    format!("{type_name}Group")
}

/// The GraphQL type of a group's key: the values that its rows share.
pub fn key_type(type_name: &str) -> String {
    format!("{type_name}GroupKey")
}

impl<'m> PlanBuilder<'m> {
    /// Plans a level whose rows are groups. The selection may already have a link to parents.
    pub(super) fn groups(
        &mut self,
        entity: &'m ResolvedTable,
        field: &Selected,
        mut select: Select,
        page_size: u64,
    ) -> Result<usize, PlanError> {
        let at = self.reserve_level(entity);
        self.filters_argument(entity, field, &mut select)?;
        let by = self.columns_argument(entity, field, "by")?;
        if by.is_empty() {
            return Err(PlanError::bad_input("`by` must name at least one column").at(field.position));
        }

        let having = match field.argument("having").filter(|input| !input.is_null()) {
            Some(input) => Some(self.having(entity, input).map_err(|error| error.at(field.position))?),
            None => None,
        };
        let order = match field.argument("orderBy") {
            Some(input) => self
                .group_order(entity, &by, input)
                .map_err(|error| error.at(field.position))?,
            None => Vec::new(),
        };

        select.order = complete(order, &by);
        select.page = Some(self.page(field, page_size));

        let mut text = AggregateWriter::default();
        text.literal("{");
        for (place, inner) in field.fields.iter().enumerate() {
            text.key(place, &inner.key);
            match inner.name.as_str() {
                "__typename" => text.literal(&format!("\"{}\"", group_type(entity.table.type_name))),
                "key" => self.group_key(entity, inner, &by, &mut select, &mut text)?,
                _ => self.aggregate_value(entity, inner, &mut select, &mut text)?,
            }
        }
        text.literal("}");

        select.grouping = Grouping::By(by, having);
        self.levels[at].select = select;
        self.levels[at].program = text.program;
        Ok(at)
    }

    /// Compiles conditions on a group's aggregates: `{count: {gt: 3}, sum: {price: {gt: "10"}}}`.
    fn having(&mut self, entity: &ResolvedTable, input: &Input) -> Result<Condition, PlanError> {
        let mut conditions = Vec::new();
        for (name, value) in object_members(input, "`having`")? {
            if name == "count" {
                conditions.push(self.operators(&Expression::CountRows, Kind::Int64, "count", value)?);
                continue;
            }

            let function = aggregate::aggregate_by_name(name)?;
            for (field, operators) in object_members(value, name)? {
                let column = self.visible_column(entity, field)?;
                let expression = self.aggregate_expression(
                    function,
                    ColumnRef {
                        alias: Alias::MAIN,
                        column,
                    },
                );
                if matches!(expression, Expression::Aggregate(Aggregate::Variance, _)) {
                    let message = format!("{} cannot filter groups by a standard deviation", self.dialect.name);
                    return Err(PlanError::bad_input(message));
                }

                let kind = function.kind(entity.table.columns[column].kind);
                conditions.push(self.operators(&expression, kind, &format!("{name}.{field}"), operators)?);
            }
        }

        Ok(Condition::All(conditions))
    }

    /// Compiles the order of groups: `{key: {column: ASC}}`, `{count: DESC}`, `{sum: {price: DESC}}`.
    fn group_order(&self, entity: &ResolvedTable, by: &[ColumnRef], input: &Input) -> Result<Vec<Order>, PlanError> {
        let single = std::slice::from_ref(input);
        let items = match &input.value {
            InputValue::Leaf(Value::Null) => return Ok(Vec::new()),
            InputValue::List(items) => &items[..],
            _ => single,
        };

        let mut orders = Vec::new();
        for item in items {
            let (name, value) = single_key(item)?;
            let order = if name == "count" {
                order_with_direction(Expression::CountRows, name, value)?
            } else {
                let (field, direction) = single_key(value)?;
                order_with_direction(self.group_order_expression(entity, by, name, field)?, field, direction)?
            };
            orders.push(order);
            self.check_order_keys(orders.len())?;
        }

        Ok(orders)
    }

    /// The value that `{key: {field: ..}}` or `{sum: {field: ..}}` orders groups by.
    fn group_order_expression(
        &self,
        entity: &ResolvedTable,
        by: &[ColumnRef],
        name: &str,
        field: &str,
    ) -> Result<Expression, PlanError> {
        let column = ColumnRef {
            alias: Alias::MAIN,
            column: self.visible_column(entity, field)?,
        };

        match name {
            "key" if by.contains(&column) => Ok(Expression::Column(column)),
            "key" => Err(PlanError::bad_input(format!(
                "`orderBy.key.{field}` is not one of the columns of `by`"
            ))),
            function => Ok(self.aggregate_expression(aggregate::aggregate_by_name(function)?, column)),
        }
    }

    /// Plans a group's key; only columns of `by` are allowed.
    fn group_key(
        &self,
        entity: &ResolvedTable,
        field: &Selected,
        by: &[ColumnRef],
        select: &mut Select,
        text: &mut AggregateWriter,
    ) -> Result<(), PlanError> {
        text.literal("{");
        for (place, leaf) in field.fields.iter().enumerate() {
            text.key(place, &leaf.key);
            if leaf.name == "__typename" {
                text.literal(&format!("\"{}\"", key_type(entity.table.type_name)));
                continue;
            }

            let column = self
                .visible_column(entity, &leaf.name)
                .map_err(|error| error.at(leaf.position))?;
            let reference = ColumnRef {
                alias: Alias::MAIN,
                column,
            };
            if !by.contains(&reference) {
                let message = format!(
                    "`{}` is not one of the columns of `by`, so its value may differ within a group",
                    leaf.name
                );
                return Err(PlanError::bad_input(message).at(leaf.position));
            }

            let meta = &entity.table.columns[column];
            let slot = select.slot(reference);
            text.program.push(Step::Value {
                slot,
                kind: meta.kind,
                is_id: meta.is_id,
                required: false,
                path: Box::new([field.key.clone(), leaf.key.clone()]),
            });
        }
        text.literal("}");
        Ok(())
    }

    /// The columns that an argument lists, without duplicates.
    pub(super) fn columns_argument(
        &self,
        entity: &ResolvedTable,
        field: &Selected,
        name: &str,
    ) -> Result<Vec<ColumnRef>, PlanError> {
        let Some(input) = field.argument(name) else {
            return Ok(Vec::new());
        };

        let single = std::slice::from_ref(input);
        let items = match &input.value {
            InputValue::Leaf(Value::Null) => return Ok(Vec::new()),
            InputValue::List(items) => &items[..],
            InputValue::Leaf(_) | InputValue::Object(_) => single,
        };

        let mut columns = Vec::new();
        for item in items {
            let given = match &item.value {
                InputValue::Leaf(Value::Enum(name)) => name.as_str(),
                InputValue::Leaf(Value::String(name)) => name.as_str(),
                _ => return Err(PlanError::bad_input(format!("`{name}` must be a list of columns")).at(field.position)),
            };

            let column = self
                .visible_column(entity, given)
                .map_err(|error| error.at(field.position))?;
            let column = ColumnRef {
                alias: Alias::MAIN,
                column,
            };
            if !columns.contains(&column) {
                columns.push(column);
            }
        }

        Ok(columns)
    }
}

/// Completes an order by the groups' columns, whose values together are unique to a group.
fn complete(mut orders: Vec<Order>, by: &[ColumnRef]) -> Vec<Order> {
    for column in by {
        let is_known = |order: &Order| matches!(order.expression, Expression::Column(known) if known == *column);
        if !orders.iter().any(is_known) {
            let expression = Expression::Column(*column);
            orders.push(Order {
                expression,
                direction: Direction::Ascending,
                nulls: Nulls::Last,
            });
        }
    }
    orders
}

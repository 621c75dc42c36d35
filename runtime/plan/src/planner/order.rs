//! Compiles `orderBy` to an order.

use super::Alias;
use async_graphql_value::ConstValue as Value;

use super::filter::Scope;
use super::{ColumnRef, Direction, Expression, Nulls, Order, PlanBuilder, PlanError};
use crate::model::{Field, Link, ResolvedTable};
use crate::selection::{Input, InputValue};
use meta::{Action, Cardinality};

/// The sort directions by name. Nulls sort as the largest value unless the name says otherwise.
pub const DIRECTIONS: &[(&str, Direction, Nulls)] = &[
    ("ASC", Direction::Ascending, Nulls::Last),
    ("ASC_NULLS_FIRST", Direction::Ascending, Nulls::First),
    ("ASC_NULLS_LAST", Direction::Ascending, Nulls::Last),
    ("DESC", Direction::Descending, Nulls::First),
    ("DESC_NULLS_FIRST", Direction::Descending, Nulls::First),
    ("DESC_NULLS_LAST", Direction::Descending, Nulls::Last),
];

/// The name of a to-many field's row count in an order: `reviewsCount`.
pub fn count_name(field: &str) -> String {
    format!("{field}Count")
}

impl<'m> PlanBuilder<'m> {
    /// Compiles the order that the client gave. The caller completes it by the primary key.
    pub(super) fn order(
        &mut self,
        entity: &'m ResolvedTable,
        alias: Alias,
        input: &Input,
        scope: &mut Scope<'_>,
    ) -> Result<Vec<Order>, PlanError> {
        let mut orders = Vec::new();
        match &input.value {
            InputValue::Leaf(Value::Null) => {}
            InputValue::List(items) => {
                for item in items.iter() {
                    self.order_item(entity, alias, item, scope, &mut orders)?;
                }
            }
            _ => self.order_item(entity, alias, input, scope, &mut orders)?,
        }

        Ok(orders)
    }

    fn order_item(
        &mut self,
        entity: &'m ResolvedTable,
        alias: Alias,
        input: &Input,
        scope: &mut Scope<'_>,
        orders: &mut Vec<Order>,
    ) -> Result<(), PlanError> {
        let (name, value) = single_key(input)?;

        match entity.field(name) {
            Some(Field::Column(column)) => {
                self.check_column(entity.table, column)?;
                let expression = Expression::Column(ColumnRef { alias, column });
                orders.push(order_with_direction(expression, name, value)?);
                self.check_order_keys(orders.len())
            }
            Some(Field::Relation(link)) if link.relation.cardinality != Cardinality::Many => {
                self.count_relation()?;
                let target = self.model.entity(link.target);
                let joined = self.join(scope.tables, scope.joins, alias, link)?;
                self.nested(|builder| builder.order_item(target, joined, value, scope, orders))
            }
            _ => {
                let counted = entity.relations.iter().find(|Link { relation, .. }| {
                    relation.cardinality == Cardinality::Many && count_name(relation.field) == *name
                });
                let Some(&link) = counted else {
                    return Err(PlanError::bad_input(format!(
                        "`{}` cannot be ordered by `{name}`",
                        entity.table.type_name
                    )));
                };

                self.count_relation()?;
                let rows = self.subselect(link, alias, scope.tables)?;
                orders.push(order_with_direction(Expression::Count(Box::new(rows)), name, value)?);
                self.check_order_keys(orders.len())
            }
        }
    }
}

/// The error for an object with no key or several. Many clients sort the keys of an object, so several keys would be
/// applied in an order that nobody asked for.
pub const ONE_KEY: &str = "each object of `orderBy` must have exactly one key; give several as a list: `orderBy: [{price: DESC}, {name: ASC}]`";

/// The only key of an `orderBy` object, and its value.
pub(super) fn single_key(input: &Input) -> Result<(&str, &Input), PlanError> {
    match &input.value {
        InputValue::Object(members) => match &members[..] {
            [(name, value)] => Ok((name, value)),
            _ => Err(PlanError::bad_input(ONE_KEY)),
        },
        _ => Err(PlanError::bad_input("`orderBy` takes objects like {name: ASC}")),
    }
}

pub(super) fn order_with_direction(expression: Expression, name: &str, value: &Input) -> Result<Order, PlanError> {
    let given = match &value.value {
        InputValue::Leaf(Value::Enum(name)) => name.as_str(),
        InputValue::Leaf(Value::String(name)) => name.as_str(),
        _ => "",
    };

    let (_, direction, nulls) = *DIRECTIONS.iter().find(|known| known.0 == given).ok_or_else(|| {
        let known: Vec<&str> = DIRECTIONS.iter().map(|known| known.0).collect();
        PlanError::bad_input(format!("the direction of `{name}` must be one of {}", known.join(", ")))
    })?;

    Ok(Order {
        expression,
        direction,
        nulls,
    })
}

impl PlanBuilder<'_> {
    /// Completes an order by the primary key, so that pages are stable. Without a primary key, all sortable columns are
    /// added, except those hidden from the viewer.
    pub(super) fn with_primary_key(&self, entity: &ResolvedTable, mut orders: Vec<Order>) -> Vec<Order> {
        let table = entity.table;
        let grant = self.grant(table, Action::Read);
        let is_sortable = |at: &usize| table.columns[*at].is_sortable() && !grant.hides(*at);

        let key: Vec<usize> = match table.primary_key {
            [] => (0..table.columns.len()).filter(is_sortable).collect(),
            key => key.to_vec(),
        };

        for column in key {
            let column = ColumnRef {
                alias: Alias::MAIN,
                column,
            };
            let known = |order: &Order| matches!(order.expression, Expression::Column(known) if known == column);
            if !orders.iter().any(known) {
                orders.push(Order {
                    expression: Expression::Column(column),
                    direction: Direction::Ascending,
                    nulls: Nulls::Last,
                });
            }
        }

        orders
    }
}

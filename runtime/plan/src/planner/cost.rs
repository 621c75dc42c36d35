//! The cost of a statement in addition to the rows that it returns, in rows.

use super::{Condition, Expression, Grouping, Join, JoinPairs, Select, Subselect};

/// The cost of a condition on the rows of a to-many relation, of an order by their count, and of an aggregate: each
/// reads many rows.
const RELATED: u64 = 1000;
/// The factor for each level of nesting.
const NESTED: u64 = 10;
/// The cost of a to-one relation that a filter or an order reads.
const JOINED: u64 = 10;

/// The cost of a selection's filters, orders, aggregates and groups, in rows.
pub(super) fn cost(select: &Select) -> u64 {
    let conditions = [&select.condition]
        .into_iter()
        .flatten()
        .map(|wanted| condition(wanted, RELATED));
    let orders = select.order.iter().map(|order| expression(&order.expression, RELATED));
    let columns = select.columns.iter().map(|column| expression(column, RELATED));

    let grouping = match &select.grouping {
        Grouping::None => 0,
        Grouping::All => RELATED,
        Grouping::By(_, having) => RELATED + having.as_ref().map_or(0, |having| condition(having, RELATED)),
    };

    let total = conditions
        .chain(orders)
        .chain(columns)
        .chain([grouping, joins(&select.joins)]);
    total.fold(0, u64::saturating_add)
}

fn condition(wanted: &Condition, each: u64) -> u64 {
    match wanted {
        Condition::All(list) | Condition::Any(list) => list
            .iter()
            .map(|part| condition(part, each))
            .fold(0, u64::saturating_add),
        Condition::Not(inner) | Condition::SqlNot(inner) => condition(inner, each),
        Condition::Exists(rows) => subselect(rows, each),
        Condition::Compare { expression: left, .. } | Condition::IsNull { expression: left, .. } => {
            expression(left, each)
        }
        Condition::IsNullParameter { .. } => 0,
    }
}

fn expression(value: &Expression, each: u64) -> u64 {
    match value {
        Expression::Count(rows) => subselect(rows, each),
        _ => 0,
    }
}

fn subselect(rows: &Subselect, each: u64) -> u64 {
    let inner = rows
        .condition
        .as_ref()
        .map_or(0, |wanted| condition(wanted, each.saturating_mul(NESTED)));
    each.saturating_add(inner).saturating_add(joins(&rows.joins))
}

fn joins(joins: &[Join]) -> u64 {
    joins
        .iter()
        .filter(|join| matches!(join.pairs, JoinPairs::ToOne(_)))
        .count() as u64
        * JOINED
}

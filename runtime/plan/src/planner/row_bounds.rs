//! Limits the number of rows that a plan could return. The check uses the request's values and runs before any
//! statement.

use crate::model::Limits;
use crate::planner::{Limit, Plan, PlanError};
use crate::value::BindValue;

/// Checks how many rows could be returned: each list counts its limit for each possible parent; conditions on related
/// rows, orders by them and aggregates count as further rows. Returns a `LIMIT_EXCEEDED` error above `limits.max_rows`.
pub fn check_rows(plan: &Plan, values: &[BindValue], limits: &Limits) -> Result<(), PlanError> {
    let (rows, extra) = rows_and_cost(plan, values, limits.max_page_size);
    if rows > limits.max_rows {
        return Err(PlanError::limit(format!(
            "the request could return {rows} rows, at most {} are allowed (setting `max_query_complexity`); \
             give nested lists smaller limits",
            limits.max_rows
        )));
    }

    let cost = rows.saturating_add(extra);
    if cost > limits.max_rows {
        return Err(PlanError::limit(format!(
            "the request costs {cost} with its filters on related rows, orders and aggregates, at most {} is allowed \
             (setting `max_query_complexity`); nest fewer of them",
            limits.max_rows
        )));
    }
    Ok(())
}

/// A request that could return more rows than this counts as heavy.
const HEAVY_ROWS: u64 = 5_000;

/// Whether a plan may keep the database busy so long that other requests would have to wait.
pub fn is_heavy(plan: &Plan, values: &[BindValue]) -> bool {
    let (rows, extra) = rows_and_cost(plan, values, HEAVY_ROWS);
    rows.saturating_add(extra) > HEAVY_ROWS
}

/// How many rows could be returned, and what else the statements cost, in rows. `unknown` is the assumed size of a list
/// whose limit is not a number.
fn rows_and_cost(plan: &Plan, values: &[BindValue], unknown: u64) -> (u64, u64) {
    let mut possible: Vec<u64> = Vec::with_capacity(plan.levels.len());
    for level in &plan.levels {
        let parents = level.parent.map_or(1, |parent| possible[parent.level]);
        let own = match level.select.page.and_then(|page| page.limit) {
            Some(Limit::Written(number)) => number,
            Some(Limit::Parameter(parameter)) => match values[parameter] {
                BindValue::Int(number) => number.unsigned_abs(),
                _ => unknown,
            },
            None => 1,
        };
        possible.push(parents.saturating_mul(own));
    }

    let rows = possible.iter().fold(0_u64, |sum, rows| sum.saturating_add(*rows));
    let extra = plan
        .levels
        .iter()
        .fold(0_u64, |sum, level| sum.saturating_add(level.cost));
    (rows, extra)
}

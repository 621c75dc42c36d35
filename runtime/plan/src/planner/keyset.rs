//! Cursors: which rows come after one in an order, and how its values are encoded.

use std::hash::Hasher as _;

use async_graphql_value::ConstValue as Value;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{
    Comparison, Condition, Direction, Expression, Nulls, Order, Parameter, ParameterKind, ParameterSource, PlanBuilder,
    Select,
};
use crate::selection::Input;

impl PlanBuilder<'_> {
    /// The condition that rows come after a cursor in an order: `a > x OR a = x AND b > y OR ...`, with nulls where the
    /// order puts them.
    pub(super) fn after_cursor(
        &mut self,
        select: &Select,
        orders: &[Order],
        name: &str,
        cursor: &Input,
        fingerprint: u64,
    ) -> Condition {
        let parameters: Vec<usize> = orders
            .iter()
            .enumerate()
            .map(|(at, order)| {
                let kind = ParameterKind::Cursor {
                    at,
                    fingerprint,
                    kind: select.kind(&order.expression),
                };
                let source = ParameterSource::of(cursor);
                self.parameter(Parameter {
                    kind,
                    list: false,
                    source,
                    name: name.to_owned(),
                })
            })
            .collect();

        let mut ways = Vec::with_capacity(orders.len());
        for (at, order) in orders.iter().enumerate() {
            let mut way: Vec<Condition> = orders[..at]
                .iter()
                .zip(&parameters)
                .map(|(order, &parameter)| equal_key(select, order, parameter))
                .collect();
            way.push(after(select, order, parameters[at]));
            ways.push(Condition::All(way));
        }

        Condition::Any(ways)
    }
}

fn compare(order: &Order, comparison: Comparison, parameter: usize) -> Condition {
    Condition::Compare {
        expression: order.expression.clone(),
        comparison,
        parameter,
    }
}

fn is_null(order: &Order, null: bool) -> Condition {
    Condition::IsNull {
        expression: order.expression.clone(),
        null,
    }
}

fn parameter_is_null(select: &Select, order: &Order, parameter: usize, null: bool) -> Condition {
    Condition::IsNullParameter {
        parameter,
        kind: select.kind(&order.expression),
        null,
    }
}

fn equal_key(select: &Select, order: &Order, parameter: usize) -> Condition {
    let equal = compare(order, Comparison::Same, parameter);
    if !select.is_nullable(&order.expression) {
        return equal;
    }
    Condition::Any(vec![
        equal,
        Condition::All(vec![
            is_null(order, true),
            parameter_is_null(select, order, parameter, true),
        ]),
    ])
}

fn after(select: &Select, order: &Order, parameter: usize) -> Condition {
    let comparison = match order.direction {
        Direction::Ascending => Comparison::After,
        Direction::Descending => Comparison::Before,
    };

    let further = compare(order, comparison, parameter);
    if !select.is_nullable(&order.expression) {
        return further;
    }

    // Nulls come after everything else, or before it.
    let last = order.nulls == Nulls::Last;
    Condition::Any(vec![
        further,
        Condition::All(vec![
            is_null(order, last),
            parameter_is_null(select, order, parameter, !last),
        ]),
    ])
}

/// Identifies an order. It need not be secret: a cursor grants nothing that the query does not.
pub(super) fn fingerprint(select: &Select, orders: &[Order]) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(select.table().type_name.as_bytes());

    for order in orders {
        hasher.write(format!("{:?}{:?}", order.direction, order.nulls).as_bytes());
        match &order.expression {
            Expression::Column(reference) | Expression::Position(reference) => {
                hasher.write(
                    select.tables[reference.alias.0].columns[reference.column]
                        .name
                        .as_bytes(),
                );
                hasher.write_usize(reference.alias.0);
            }
            Expression::Count(rows) => hasher.write(select.tables[rows.alias.0].type_name.as_bytes()),
            other => hasher.write(format!("{other:?}").as_bytes()),
        }
    }

    hasher.finish()
}

/// FNV-1a: the same on every machine and in every version of this program.
struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Encodes a cursor: base64 of a JSON list of the fingerprint and the values, which are already JSON.
pub fn encode_cursor(fingerprint: u64, values: &[u8]) -> String {
    let mut text = format!("[\"{fingerprint:x}\"").into_bytes();
    if !values.is_empty() {
        text.push(b',');
        text.extend_from_slice(values);
    }
    text.push(b']');
    URL_SAFE_NO_PAD.encode(text)
}

/// The value at index `at` of a cursor. `None` if the cursor was not made by this program for this order.
pub fn decode_cursor(cursor: &str, fingerprint: u64, at: usize) -> Option<Value> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let list: Vec<serde_json::Value> = serde_json::from_slice(&text).ok()?;
    if list.first()?.as_str()? != format!("{fingerprint:x}") {
        return None;
    }
    Value::from_json(list.into_iter().nth(at + 1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_know_their_order() {
        let cursor = encode_cursor(77, b"\"a\\\"b\",null,3");
        assert_eq!(decode_cursor(&cursor, 77, 0), Some(Value::from("a\"b")));
        assert_eq!(decode_cursor(&cursor, 77, 1), Some(Value::Null));
        assert_eq!(decode_cursor(&cursor, 77, 3), None);
        assert_eq!(decode_cursor(&cursor, 78, 0), None);
        assert_eq!(decode_cursor("?", 77, 0), None);
    }
}

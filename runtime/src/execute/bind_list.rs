//! Lists of values in the form that drivers take: one parameter each.

use async_graphql::Value;

use super::BindValue;
use super::bind::scalar;
use super::spelling::spelled;
use crate::meta::Kind;
use crate::plan::PlanError;
use crate::sql::Dialect;

/// An array column's value as it is bound.
pub fn list_value(element: Kind, value: &Value, name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    match value {
        Value::List(items) if dialect.capability.typed_parameters && items.contains(&Value::Null) => {
            array_text(element, items, name, dialect)
        }
        _ => list(element, value, name, dialect),
    }
}

/// An array with nulls in the database's text form: `{"1",NULL}`.
fn array_text(element: Kind, items: &[Value], name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    let mut text = String::from("{");
    for (at, item) in items.iter().enumerate() {
        text.push_str(if at > 0 { "," } else { "" });
        if matches!(item, Value::Null) {
            text.push_str("NULL");
            continue;
        }
        let one = match list(element, item, name, dialect)? {
            BindValue::Ints(numbers) => numbers.first().map(ToString::to_string),
            BindValue::Texts(mut texts) => texts.pop(),
            _ => None,
        };
        let one = one.unwrap_or_default().replace('\\', "\\\\").replace('"', "\\\"");
        text.push('"');
        text.push_str(&one);
        text.push('"');
    }
    text.push('}');
    Ok(BindValue::Text(text))
}

/// A list as one parameter: of integers, or of texts that the statement casts.
pub(super) fn list(kind: Kind, value: &Value, name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    let single = std::slice::from_ref(value);
    let items = match value {
        Value::List(items) => items.as_slice(),
        _ => single,
    };
    let mut integers = Vec::new();
    let mut texts = Vec::new();
    for item in items {
        match spelled(kind, scalar(kind, item, name, dialect)?, dialect) {
            BindValue::Int(value) => integers.push(value),
            BindValue::Bool(value) if !dialect.capability.typed_parameters => integers.push(value.into()),
            BindValue::Bool(value) => texts.push(value.to_string()),
            BindValue::Float(value) => texts.push(value.to_string()),
            BindValue::Text(text) => texts.push(text),
            BindValue::Bytes(bytes) => texts.push(hexadecimal(&bytes, dialect)),
            BindValue::Null => {
                return Err(PlanError::bad_input(format!("`{name}` has a null in it; use `isNull` beside it")));
            }
            BindValue::Ints(_) | BindValue::Texts(_) | BindValue::Label(_) => {
                return Err(PlanError::bad_input(format!("`{name}` takes no lists of {}", kind.scalar())));
            }
        }
    }
    let by_number = kind.is_integer() || matches!(kind, Kind::Bool) && !dialect.capability.typed_parameters;
    Ok(if by_number { BindValue::Ints(integers) } else { BindValue::Texts(texts) })
}

/// Bytes in a list of texts.
fn hexadecimal(bytes: &[u8], dialect: &Dialect) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(if dialect.capability.typed_parameters { "\\x" } else { "" });
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A list as JSON, for databases that bind no lists.
pub(super) fn json_list<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).expect("invariant: numbers and texts are JSON")
}

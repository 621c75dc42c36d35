//! Lists of values in the form that drivers take: each list is one parameter.

use async_graphql_value::ConstValue as Value;

use super::parameter::scalar;
use super::spelling::database_form;
use super::text_forms::{array_text, has_text_form};
use crate::dialect::Dialect;
use crate::planner::PlanError;
use crate::value::BindValue;
use meta::Kind;

/// Converts an array column's value to the form in which it is bound. Returns a `BAD_USER_INPUT` error for a value that
/// is not of the element's type.
pub fn list_value(element: Kind, value: &Value, name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    match value {
        Value::List(items) if dialect.capability.typed_parameters && has_text_form(element, items) => {
            array_text(element, items, name, dialect).map(BindValue::Text)
        }
        _ => list(element, value, name, dialect),
    }
}

/// Converts a list to one parameter: a list of integers, or of texts that the statement casts.
pub(super) fn list(kind: Kind, value: &Value, name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    let single = std::slice::from_ref(value);
    let items = match value {
        Value::List(items) => items.as_slice(),
        _ => single,
    };

    let mut integers = Vec::new();
    let mut texts = Vec::new();
    for item in items {
        match database_form(kind, scalar(kind, item, name, dialect)?, dialect) {
            BindValue::Int(value) => integers.push(value),
            BindValue::Bool(value) if !dialect.capability.typed_parameters => integers.push(value.into()),
            BindValue::Bool(value) => texts.push(value.to_string()),
            BindValue::Float(value) => texts.push(value.to_string()),
            BindValue::Text(text) => texts.push(text),
            BindValue::Bytes(bytes) => texts.push(hexadecimal(&bytes, dialect)),
            BindValue::Null => {
                return Err(PlanError::bad_input(format!(
                    "`{name}` must not contain null; use `isNull` for it"
                )));
            }
            BindValue::Ints(_) | BindValue::Texts(_) | BindValue::Label(_) => {
                return Err(PlanError::bad_input(format!(
                    "`{name}` does not accept lists of {}",
                    kind.scalar()
                )));
            }
        }
    }

    let by_number = kind.is_integer() || matches!(kind, Kind::Bool) && !dialect.capability.typed_parameters;
    Ok(if by_number {
        BindValue::Ints(integers)
    } else {
        BindValue::Texts(texts)
    })
}

/// The form of bytes in a list of texts.
pub(super) fn hexadecimal(bytes: &[u8], dialect: &Dialect) -> String {
    format!(
        "{}{}",
        if dialect.capability.typed_parameters { "\\x" } else { "" },
        digits(bytes)
    )
}

/// Two hexadecimal digits for each byte.
pub(super) fn digits(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A list as JSON, for databases that cannot bind lists.
pub fn json_list<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).expect("invariant: numbers and texts are JSON")
}

//! The values of a request in the form that drivers take.

use async_graphql::{Value, Variables};

use crate::meta::Kind;
use crate::plan::{Parameter, ParameterKind, ParameterSource, PlanError};

/// A value to bind. Kinds that drivers spell differently travel as text, and the statement casts them.
#[derive(Debug, Clone, PartialEq)]
pub enum BindValue {
    /// `NULL`
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list of integers.
    Ints(Vec<i64>),
    /// A list of texts.
    Texts(Vec<String>),
}

/// The values of a plan's parameters, from its text and the request's variables.
pub fn bind_parameters(parameters: &[Parameter], variables: &Variables) -> Result<Vec<BindValue>, PlanError> {
    parameters
        .iter()
        .map(|parameter| {
            let value = match &parameter.source {
                ParameterSource::Constant(value) => value,
                ParameterSource::Variable(path) => path.follow(variables).unwrap_or(&Value::Null),
            };
            bind(parameter, value)
        })
        .collect()
}

fn bind(parameter: &Parameter, value: &Value) -> Result<BindValue, PlanError> {
    match parameter.kind {
        ParameterKind::Column(kind) => scalar(kind, value, &parameter.name),
        ParameterKind::Limit { max, default } => limit(value, max, default),
        ParameterKind::Offset => match value {
            Value::Null => Ok(BindValue::Int(0)),
            value => match value_as_i64(value) {
                Some(offset) if offset >= 0 => Ok(BindValue::Int(offset)),
                _ => Err(PlanError::bad_input(format!("`offset` must be a whole number from 0, not {value}"))),
            },
        },
    }
}

fn limit(value: &Value, max: u64, default: u64) -> Result<BindValue, PlanError> {
    if matches!(value, Value::Null) {
        return Ok(BindValue::Int(default.cast_signed()));
    }
    match value_as_i64(value).map(u64::try_from) {
        Some(Ok(limit)) if limit <= max => Ok(BindValue::Int(limit.cast_signed())),
        Some(Ok(limit)) => Err(PlanError::limit(format!(
            "`limit` is {limit}, the largest page is {max} rows (setting `max_page_size`)"
        ))),
        _ => Err(PlanError::bad_input(format!("`limit` must be a whole number from 0, not {value}"))),
    }
}

fn value_as_i64(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// A column's value. Numbers may be given as text, since that is how big ones are answered.
fn scalar(kind: Kind, value: &Value, name: &str) -> Result<BindValue, PlanError> {
    let mismatch = || PlanError::bad_input(format!("`{name}` must be {}, not {value}", expectation(kind)));
    match (kind, value) {
        (_, Value::Null) => Ok(BindValue::Null),
        (Kind::Bool, Value::Boolean(value)) => Ok(BindValue::Bool(*value)),
        (Kind::Int16 | Kind::Int32 | Kind::Int64, Value::Number(number)) => {
            number.as_i64().map(BindValue::Int).ok_or_else(mismatch)
        }
        (Kind::Int16 | Kind::Int32 | Kind::Int64, Value::String(text)) => {
            text.parse().map(BindValue::Int).map_err(|_| mismatch())
        }
        (Kind::Float32 | Kind::Float64, Value::Number(number)) => {
            number.as_f64().map(BindValue::Float).ok_or_else(mismatch)
        }
        (Kind::Decimal(_) | Kind::UInt64, Value::Number(number)) => Ok(BindValue::Text(number.to_string())),
        (Kind::Decimal(_) | Kind::UInt64, Value::String(text)) => {
            if is_decimal(text) {
                Ok(BindValue::Text(text.clone()))
            } else {
                Err(mismatch())
            }
        }
        (Kind::Enum(ty), Value::Enum(_) | Value::String(_)) => {
            let given = match value {
                Value::Enum(name) => name.as_str(),
                Value::String(text) => text.as_str(),
                _ => "",
            };
            ty.label_of(given).map(|label| BindValue::Text(label.to_owned())).ok_or_else(mismatch)
        }
        (Kind::Uuid, Value::String(text)) => {
            uuid::Uuid::parse_str(text).map(|uuid| BindValue::Text(uuid.to_string())).map_err(|_| mismatch())
        }
        (Kind::Bytes, Value::String(text)) => {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.decode(text).map(BindValue::Bytes).map_err(|_| mismatch())
        }
        (Kind::Json, value) => Ok(BindValue::Text(value.clone().into_json().unwrap_or_default().to_string())),
        (
            Kind::Text
            | Kind::Unknown
            | Kind::Date
            | Kind::Time
            | Kind::DateTime
            | Kind::NaiveDateTime
            | Kind::Duration,
            Value::String(text),
        ) => {
            if text.contains('\0') {
                return Err(PlanError::bad_input(format!("`{name}` holds a NUL character, which texts cannot")));
            }
            Ok(BindValue::Text(text.clone()))
        }
        _ => Err(mismatch()),
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    whole.len() + fraction.len() > 0
        && all_digits(whole)
        && all_digits(fraction)
        && !exponent.is_empty()
        && all_digits(exponent)
}

fn expectation(kind: Kind) -> String {
    match kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::UInt64 => "a whole number".into(),
        Kind::Enum(ty) => {
            let names: Vec<&str> = ty.values.iter().map(|value| value.name).collect();
            format!("one of {}", names.join(", "))
        }
        other => format!("of type {}", other.scalar()),
    }
}

/// A list as JSON, for databases that bind no lists.
pub(super) fn json_list<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).expect("invariant: numbers and texts are JSON")
}

//! The values of a plan's parameters.

use async_graphql_value::{ConstValue as Value, Variables};

use super::exact::is_exact_number;
use super::list::{list, list_value};
use super::spelling::{database_date, database_form};
use super::stored::read_stored;
use super::text_forms::{range_text, record_text};
use crate::dialect::{Dialect, Json, Texts};
use crate::json::parse_timestamp;
use crate::planner::{Parameter, ParameterKind, PlanError, decode_cursor};
use crate::value::{BindValue, Cell};
use crate::viewer::Viewer;
use meta::Kind;

/// The values of a plan's parameters, from the query text, the request's variables and the viewer.
pub fn bind_parameters(
    parameters: &[Parameter],
    variables: &Variables,
    viewer: &Viewer,
    dialect: &Dialect,
) -> Result<Vec<BindValue>, PlanError> {
    parameters
        .iter()
        .map(|parameter| {
            let value = parameter.source.value(variables, viewer);
            bind(parameter, &value, dialect)
        })
        .collect()
}

fn bind(parameter: &Parameter, value: &Value, dialect: &Dialect) -> Result<BindValue, PlanError> {
    match parameter.kind {
        ParameterKind::Column(kind) if parameter.list => list(kind, value, &parameter.name, dialect),
        ParameterKind::Column(kind) => Ok(database_form(
            kind,
            scalar(kind, value, &parameter.name, dialect)?,
            dialect,
        )),
        ParameterKind::Viewer(kind) => Ok(database_form(
            kind,
            viewer_value(kind, value, &parameter.name, dialect),
            dialect,
        )),
        ParameterKind::Pattern => match scalar(Kind::Text, value, &parameter.name, dialect)? {
            BindValue::Text(pattern) if dialect.capability.texts == Texts::Binary => {
                Ok(BindValue::Text(glob_pattern(&pattern)))
            }
            other => Ok(other),
        },
        ParameterKind::Array(_) if matches!(value, Value::Null) => Ok(BindValue::Null),
        ParameterKind::Array(element) => list_value(*element, value, &parameter.name, dialect),
        ParameterKind::Cursor { at, fingerprint, kind } => cursor(parameter, value, (at, fingerprint, kind), dialect),
        ParameterKind::JsonPath => json_path(value, &parameter.name, dialect),
        ParameterKind::JsonKey => match scalar(Kind::Text, value, &parameter.name, dialect)? {
            BindValue::Text(key) if dialect.capability.json != Json::Operators => {
                Ok(BindValue::Text(format!("$.{}", quoted_key(&key))))
            }
            other => Ok(other),
        },
        ParameterKind::First { max, default } => match limit(value, max, default, &parameter.name)? {
            BindValue::Int(rows) => Ok(BindValue::Int(rows + 1)),
            other => Ok(other),
        },
        ParameterKind::Limit { max, default } => limit(value, max, default, "limit"),
        ParameterKind::Offset => match value {
            Value::Null => Ok(BindValue::Int(0)),
            value => match value_as_i64(value) {
                Some(offset) if offset >= 0 => Ok(BindValue::Int(offset)),
                _ => Err(PlanError::bad_input(format!(
                    "`offset` must be a whole number from 0, not {value}"
                ))),
            },
        },
    }
}

/// A value of the viewer, which must be in the exact form of its kind; null if it is not, or if the column could not
/// hold it.
fn viewer_value(kind: Kind, value: &Value, name: &str, dialect: &Dialect) -> BindValue {
    let is_exact = match (kind, value) {
        (
            Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::UInt64 | Kind::Decimal(_) | Kind::Money,
            Value::String(text),
        ) => is_exact_number(text),
        (Kind::Uuid, Value::String(text)) => uuid::Uuid::parse_str(text).is_ok_and(|uuid| uuid.to_string() == *text),
        _ => true,
    };

    if is_exact {
        scalar(kind, value, name, dialect).unwrap_or(BindValue::Null)
    } else {
        BindValue::Null
    }
}

/// One value of a cursor, which carries all values that its row is ordered by.
fn cursor(
    parameter: &Parameter,
    value: &Value,
    (at, fingerprint, kind): (usize, u64, Kind),
    dialect: &Dialect,
) -> Result<BindValue, PlanError> {
    let wrong = || {
        PlanError::bad_input(format!(
            "`{}` is not a cursor of this list and order; take one from `edges` or `pageInfo` of the same query",
            parameter.name
        ))
    };

    let Value::String(text) = value else {
        return Err(wrong());
    };

    let found = decode_cursor(text, fingerprint, at).ok_or_else(wrong)?;
    if dialect.capability.loose_columns && !matches!(kind, Kind::Bool) {
        return read_stored(&found).ok_or_else(wrong);
    }

    if let (Kind::Float32 | Kind::Float64, Value::String(text)) = (kind, &found) {
        // NaN and the infinities, for which JSON has no numbers.
        return text.parse().map(BindValue::Float).map_err(|_| wrong());
    }
    if let (Kind::Decimal(_), Value::String(text)) = (kind, &found)
        && matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity")
    {
        return Ok(BindValue::Text(text.clone()));
    }

    Ok(database_form(
        kind,
        scalar(kind, &found, &parameter.name, dialect).map_err(|_| wrong())?,
        dialect,
    ))
}

/// A JSON path in the form that the database takes: a list of keys, or a text such as `$."a"[0]`, in which numbers are
/// list indexes.
fn json_path(value: &Value, name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    let wrong = || {
        PlanError::bad_input(format!(
            "`{name}` must be a list of strings: object keys and list indexes"
        ))
    };
    let single = std::slice::from_ref(value);
    let items = match value {
        Value::List(items) => items.as_slice(),
        Value::String(_) => single,
        _ => return Err(wrong()),
    };

    let keys: Vec<String> = items
        .iter()
        .map(|item| match item {
            Value::String(key) if !key.contains('\0') => Ok(key.clone()),
            _ => Err(wrong()),
        })
        .collect::<Result<_, _>>()?;
    if dialect.capability.json == Json::Operators {
        return Ok(BindValue::Texts(keys));
    }

    let mut path = String::from("$");
    for key in keys {
        if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()) {
            path.extend(["[", key.as_str(), "]"]);
        } else {
            path.push('.');
            path.push_str(&quoted_key(&key));
        }
    }

    Ok(BindValue::Text(path))
}

/// A key in quotes, as JSON paths need it.
fn quoted_key(key: &str) -> String {
    let mut quoted = Vec::with_capacity(key.len() + 2);
    crate::json::escape::write(key, &mut quoted);
    String::from_utf8(quoted).expect("invariant: an escaped text is text")
}

fn limit(value: &Value, max: u64, default: u64, name: &str) -> Result<BindValue, PlanError> {
    if matches!(value, Value::Null) {
        return Ok(BindValue::Int(default.cast_signed()));
    }

    match value_as_i64(value).map(u64::try_from) {
        Some(Ok(limit)) if limit <= max => Ok(BindValue::Int(limit.cast_signed())),
        Some(Ok(limit)) => Err(PlanError::limit(format!(
            "`{name}` is {limit}, the largest page is {max} rows (setting `max_page_size`)"
        ))),
        _ => Err(PlanError::bad_input(format!(
            "`{name}` must be a whole number from 0, not {value}"
        ))),
    }
}

fn value_as_i64(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// Converts a column's value. Numbers may be given as text, since large ones are returned as text.
pub(super) fn scalar(kind: Kind, value: &Value, name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    let mismatch = || PlanError::bad_input(format!("`{name}` must be {}, not {value}", expected_value(kind)));
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
        (Kind::Range(range), Value::Object(object)) => range_text(range, object, name, dialect),
        (Kind::Composite(ty), Value::Object(object)) => record_text(ty, object, name, dialect),
        (Kind::Decimal(_) | Kind::UInt64 | Kind::Money, Value::Number(number)) => {
            Ok(BindValue::Text(number.to_string()))
        }
        (Kind::Decimal(_) | Kind::UInt64 | Kind::Money, Value::String(text)) => {
            // Not a number, but a valid value of `numeric`.
            let is_beyond = dialect.capability.typed_parameters
                && matches!(kind, Kind::Decimal(_))
                && matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity");
            if !is_decimal(text) && !is_beyond {
                return Err(mismatch());
            }

            // A database with loose types would compare a whole number with a fraction of zeros as a float.
            let is_loose = dialect.capability.loose_columns;
            let whole = text.split_once('.').filter(|(whole, rest)| {
                is_loose && whole.ends_with(|last: char| last.is_ascii_digit()) && rest.bytes().all(|byte| byte == b'0')
            });
            Ok(BindValue::Text(
                whole.map_or(text.as_str(), |(whole, _)| whole).to_owned(),
            ))
        }
        (Kind::Enum(ty), Value::Enum(_) | Value::String(_)) => {
            let given = match value {
                Value::Enum(name) => name.as_str(),
                Value::String(text) => text.as_str(),
                _ => "",
            };
            ty.label_of(given)
                .map(|label| BindValue::Text(label.to_owned()))
                .ok_or_else(mismatch)
        }
        (Kind::Uuid, Value::String(text)) => uuid::Uuid::parse_str(text)
            .map(|uuid| BindValue::Text(uuid.to_string()))
            .map_err(|_| mismatch()),
        (Kind::Bytes, Value::String(text)) => {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD
                .decode(text)
                .map(BindValue::Bytes)
                .map_err(|_| mismatch())
        }
        (Kind::Json, value) => Ok(BindValue::Text(
            value.clone().into_json().unwrap_or_default().to_string(),
        )),
        (Kind::DateTime | Kind::NaiveDateTime, Value::String(text))
            if parse_timestamp(text).is_none()
                && !matches!(text.as_str(), "infinity" | "-infinity")
                && database_date(text, dialect).is_none() =>
        {
            Err(mismatch())
        }
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
            if dialect.capability.typed_parameters && text.contains('\0') {
                return Err(PlanError::bad_input(format!(
                    "`{name}` holds a NUL character, which text cannot contain"
                )));
            }
            Ok(BindValue::Text(text.clone()))
        }
        _ => Err(mismatch()),
    }
}

/// Converts a column's value to the form in which it is bound. Returns a `BAD_USER_INPUT` error for a value that is not
/// of the column's type.
pub fn scalar_value(kind: Kind, value: &Value, name: &str, dialect: &Dialect) -> Result<BindValue, PlanError> {
    Ok(database_form(kind, scalar(kind, value, name, dialect)?, dialect))
}

/// Converts a value that was read to one that can be bound again.
pub fn bind_of(cell: &Cell<'_>, kind: Kind, dialect: &Dialect) -> BindValue {
    match cell {
        Cell::Null => BindValue::Null,
        Cell::Int(value) => BindValue::Int(*value),
        Cell::Bool(value) => BindValue::Bool(*value),
        Cell::Float(value) => BindValue::Float(*value),
        Cell::Float32(value) => BindValue::Float(f64::from(*value)),
        Cell::Bytes(bytes) => BindValue::Bytes(bytes.to_vec()),
        Cell::OwnedBytes(bytes) => BindValue::Bytes(bytes.clone()),
        Cell::Text(text) => BindValue::Text((*text).to_owned()),
        Cell::Owned(text) => BindValue::Text(text.clone()),
        other => {
            let mut json = Vec::new();
            if crate::json::write_cell(other, kind, true, &mut json).is_err() {
                return BindValue::Null;
            }
            let text = String::from_utf8_lossy(&json);
            database_form(kind, BindValue::Text(text.trim_matches('"').to_owned()), dialect)
        }
    }
}

/// Converts a `LIKE` pattern to a `GLOB` pattern.
fn glob_pattern(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len() + 4);
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let (literal, character) = match character {
            '\\' => (true, characters.next().unwrap_or('\\')),
            other => (false, other),
        };
        match character {
            '%' if !literal => glob.push('*'),
            '_' if !literal => glob.push('?'),
            '*' | '?' | '[' => {
                glob.push('[');
                glob.push(character);
                glob.push(']');
            }
            other => glob.push(other),
        }
    }

    glob
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

fn expected_value(kind: Kind) -> String {
    match kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::UInt64 => "a whole number".into(),
        Kind::Enum(ty) => {
            let names: Vec<&str> = ty.values.iter().map(|value| value.name).collect();
            format!("one of {}", names.join(", "))
        }
        other => format!("of type {}", other.type_name()),
    }
}

//! Arrays, ranges and composite values in the text forms that PostgreSQL reads.

use async_graphql_value::indexmap::IndexMap;
use async_graphql_value::{ConstValue as Value, Name};

use super::list::{hexadecimal, list};
use super::parameter::scalar;
use super::spelling::database_form;
use crate::dialect::Dialect;
use crate::planner::PlanError;
use crate::value::BindValue;
use meta::{CompositeType, Kind, RangeType};

/// Whether an array is sent in the database's text form: one with nulls, with several dimensions, or of objects.
pub(super) fn has_text_form(element: Kind, items: &[Value]) -> bool {
    matches!(element, Kind::Array(_) | Kind::Range(_) | Kind::Composite(_)) || items.contains(&Value::Null)
}

/// An array in the database's text form: `{"1",NULL}`, `{{"1"},{"2"}}`.
pub(super) fn array_text(element: Kind, items: &[Value], name: &str, dialect: &Dialect) -> Result<String, PlanError> {
    let mut text = String::from("{");
    for (at, item) in items.iter().enumerate() {
        text.push_str(if at > 0 { "," } else { "" });
        if matches!(item, Value::Null) {
            text.push_str("NULL");
            continue;
        }

        if let (Kind::Array(inner), Value::List(items)) = (element, item) {
            text.push_str(&array_text(*inner, items, name, dialect)?);
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
    Ok(text)
}

/// A range in the database's text form: `["1","5")`.
pub(super) fn range_text(
    range: &RangeType,
    object: &IndexMap<Name, Value>,
    name: &str,
    dialect: &Dialect,
) -> Result<BindValue, PlanError> {
    let bound = |key: &str| -> Result<String, PlanError> {
        let text = match object
            .get(key)
            .map_or(Ok(BindValue::Null), |value| scalar(range.element, value, name, dialect))?
        {
            BindValue::Null => return Ok(String::new()),
            BindValue::Int(value) => value.to_string(),
            BindValue::Float(value) => value.to_string(),
            value @ BindValue::Text(_) => match database_form(range.element, value, dialect) {
                BindValue::Text(text) => text,
                _ => String::new(),
            },
            _ => {
                return Err(PlanError::bad_input(format!(
                    "`{name}.{key}` is not a valid bound of a range"
                )));
            }
        };
        Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\"")))
    };

    let inclusive = |key: &str, default: bool| match object.get(key) {
        Some(Value::Boolean(on)) => *on,
        _ => default,
    };

    if inclusive("isEmpty", false) {
        return Ok(BindValue::Text("empty".into()));
    }

    let open = if inclusive("lowerInclusive", true) { '[' } else { '(' };
    let close = if inclusive("upperInclusive", false) { ']' } else { ')' };
    Ok(BindValue::Text(format!(
        "{open}{},{}{close}",
        bound("lower")?,
        bound("upper")?
    )))
}

/// A composite value in the database's text form: `("1",,"a ""b""")`. An omitted attribute is null.
pub(super) fn record_text(
    ty: &CompositeType,
    object: &IndexMap<Name, Value>,
    name: &str,
    dialect: &Dialect,
) -> Result<BindValue, PlanError> {
    let mut text = String::from("(");
    for (at, field) in ty.fields.iter().enumerate() {
        text.push_str(if at > 0 { "," } else { "" });
        let value = object.get(field.field).filter(|value| !matches!(value, Value::Null));
        let Some(value) = value else { continue };

        let name = format!("{name}.{}", field.field);
        let attribute = match (field.kind, value) {
            (Kind::Array(element), Value::List(items)) => array_text(*element, items, &name, dialect)?,
            (kind, value) => match database_form(kind, scalar(kind, value, &name, dialect)?, dialect) {
                BindValue::Bool(value) => value.to_string(),
                BindValue::Int(value) => value.to_string(),
                BindValue::Float(value) => value.to_string(),
                BindValue::Text(text) => text,
                BindValue::Bytes(bytes) => hexadecimal(&bytes, dialect),
                _ => continue,
            },
        };

        text.push('"');
        text.push_str(&attribute.replace('\\', "\\\\").replace('"', "\"\""));
        text.push('"');
    }

    text.push(')');
    Ok(BindValue::Text(text))
}

//! The answer of async-graphql's execution as JSON text; values that are already JSON are copied.

use async_graphql_value::ConstValue as Value;

use super::escape;
use crate::selection::Selected;

/// Appends a value with its fields in the order in which the client selected them; async-graphql returns them in the
/// order in which they finished. Binary values are finished JSON and are copied.
pub fn write_selected(value: &Value, fields: &[Selected], out: &mut Vec<u8>) {
    match value {
        Value::Object(object) if !fields.is_empty() => {
            out.push(b'{');
            let mut first = true;
            for field in fields {
                // A field of a fragment on another type is not in this object.
                let Some(item) = object.get(field.key.as_str()) else {
                    continue;
                };
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                escape::write(&field.key, out);
                out.push(b':');
                write_selected(item, &field.fields, out);
            }
            out.push(b'}');
        }
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_selected(item, fields, out);
            }
            out.push(b']');
        }
        other => write_value(other, out),
    }
}

/// Appends a value unchanged.
fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => escape::write(text, out),
        Value::Enum(name) => escape::write(name, out),
        Value::Binary(finished) => out.extend_from_slice(finished),
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_value(item, out);
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            out.push(b'{');
            for (at, (name, item)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                escape::write(name, out);
                out.push(b':');
                write_value(item, out);
            }
            out.push(b'}');
        }
    }
}

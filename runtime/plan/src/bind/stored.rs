//! Values of a cursor as they are stored, for columns that take values of any storage class: their order follows the
//! stored value and not the form in which it is returned.

use async_graphql_value::ConstValue as Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::value::{BindValue, Cell};

/// Writes a value in its own storage class, for [`stored`] to read: as text or number, or as an object if JSON has no
/// form for it.
pub(crate) fn write_stored(cell: &Cell<'_>, out: &mut Vec<u8>) {
    let value = match cell {
        Cell::Text(text) => serde_json::json!(text),
        Cell::Int(number) => serde_json::json!(number),
        Cell::Float(number) if number.is_finite() => serde_json::json!(number),
        Cell::Float(number) => serde_json::json!({ "float": number.to_string() }),
        Cell::Bytes(bytes) => serde_json::json!({ "bytes": STANDARD.encode(bytes) }),
        _ => serde_json::Value::Null,
    };
    out.extend_from_slice(value.to_string().as_bytes());
}

/// Reads a value that [`write_stored`] wrote; `None` if it does not have such a form.
pub(super) fn read_stored(value: &Value) -> Option<BindValue> {
    match value {
        Value::Null => Some(BindValue::Null),
        Value::String(text) => Some(BindValue::Text(text.clone())),
        Value::Number(number) => number
            .as_i64()
            .map(BindValue::Int)
            .or_else(|| number.as_f64().map(BindValue::Float)),
        Value::Object(object) => match (object.get("bytes"), object.get("float")) {
            (Some(Value::String(text)), None) => STANDARD.decode(text).ok().map(BindValue::Bytes),
            (None, Some(Value::String(text))) => text.parse().ok().map(BindValue::Float),
            _ => None,
        },
        _ => None,
    }
}

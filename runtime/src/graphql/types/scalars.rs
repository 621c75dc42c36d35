//! The custom scalars, and the values that they accept in a request.

use async_graphql::Value;
use async_graphql::registry::{MetaType, Registry};

use crate::graphql::types::meta_types;

/// Name, description, and the check of a literal.
type Scalar = (&'static str, &'static str, fn(&Value) -> bool);

const SCALARS: &[Scalar] = &[
    (
        "BigInt",
        "A whole number of up to 64 bits, returned as a string. Accepts strings and numbers.",
        |value| match value {
            Value::Number(number) => number.is_i64() || number.is_u64(),
            Value::String(text) => text.parse::<i128>().is_ok(),
            _ => false,
        },
    ),
    (
        "Decimal",
        "A decimal number, returned as a string with its digits as stored. Accepts strings and numbers.",
        |value| matches!(value, Value::Number(_) | Value::String(_)),
    ),
    ("UUID", "A UUID in its hyphenated form.", is_text),
    (
        "DateTime",
        "A point in time, RFC 3339 in UTC: `2026-01-31T23:59:59Z`.",
        is_text,
    ),
    (
        "NaiveDateTime",
        "A date and time without a zone: `2026-01-31T23:59:59`.",
        is_text,
    ),
    ("Date", "A date: `2026-01-31`.", is_text),
    ("Time", "A time of day: `23:59:59`.", is_text),
    ("Duration", "A duration, ISO 8601: `P1DT2H`.", is_text),
    ("JSON", "Any JSON value.", |_| true),
    ("Bytes", "Binary data in base64.", is_text),
];

/// The specification URLs of scalars whose format is a public standard.
const SPECIFICATIONS: &[(&str, &str)] = &[
    ("UUID", "https://www.rfc-editor.org/rfc/rfc9562"),
    ("DateTime", "https://scalars.graphql.org/andimarek/date-time.html"),
    (
        "NaiveDateTime",
        "https://scalars.graphql.org/andimarek/local-date-time.html",
    ),
    ("Date", "https://scalars.graphql.org/andimarek/local-date.html"),
    ("Time", "https://scalars.graphql.org/andimarek/local-time.html"),
    ("Duration", "https://www.rfc-editor.org/rfc/rfc3339#appendix-A"),
    ("JSON", "https://www.rfc-editor.org/rfc/rfc8259"),
    ("Bytes", "https://www.rfc-editor.org/rfc/rfc4648#section-4"),
    ("BigInt", "https://www.rfc-editor.org/rfc/rfc8259#section-6"),
    ("Decimal", "https://www.rfc-editor.org/rfc/rfc8259#section-6"),
];

fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(_))
}

/// Whether values of the type are bound as parameters, so that they do not change the statement.
pub(in crate::graphql) fn is_scalar(name: &str) -> bool {
    matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID") || SCALARS.iter().any(|scalar| scalar.0 == name)
}

fn specification(name: &str) -> Option<&'static str> {
    SPECIFICATIONS.iter().find(|known| known.0 == name).map(|known| known.1)
}

/// Adds the specification URL to scalars of these names that hand-written roots registered without one.
pub(in crate::graphql) fn add_specification_urls(registry: &mut Registry) {
    for (name, url) in SPECIFICATIONS {
        if let Some(MetaType::Scalar {
            specified_by_url: unknown @ None,
            ..
        }) = registry.types.get_mut(*name)
        {
            *unknown = Some((*url).to_owned());
        }
    }
}

/// Adds a scalar of this list to the registry.
pub(in crate::graphql) fn register(registry: &mut Registry, name: &str) {
    if registry.types.contains_key(name) {
        return;
    }
    if let Some((name, description, is_valid)) = SCALARS.iter().find(|scalar| scalar.0 == name) {
        registry.types.insert(
            (*name).to_owned(),
            meta_types::scalar(name, description, specification(name), *is_valid),
        );
    }
}

//! The program's own collations for SQLite, which stores timestamps and JSON as text in any form.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use plan::json::parse_timestamp;

/// Compares texts as points in time. Texts that are not timestamps come last, in the order of their bytes.
pub(super) fn compare_timestamps(a: &str, b: &str) -> Ordering {
    match (parse_micros(a), parse_micros(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// Parses a timestamp into microseconds since 1970. A plain number is in seconds.
fn parse_micros(text: &str) -> Option<i128> {
    let micros = parse_timestamp(text).map(i128::from);
    micros.or_else(|| text.parse::<i64>().ok().map(|seconds| i128::from(seconds) * 1_000_000))
}

/// Compares texts as JSON values: the order of keys and the form of numbers do not matter.
pub(super) fn json_values(a: &str, b: &str) -> Ordering {
    if a == b {
        Ordering::Equal
    } else {
        canonical(a).cmp(&canonical(b))
    }
}

/// A containment test rather than an order: a JSON text equals a text that starts with U+0001 if it contains the JSON
/// value after that character, as `@>` of PostgreSQL defines it.
pub(super) fn json_contains(a: &str, b: &str) -> Ordering {
    let (whole, part) = match (a.strip_prefix('\u{1}'), b.strip_prefix('\u{1}')) {
        (Some(part), None) => (b, part),
        (None, Some(part)) => (a, part),
        _ => return a.cmp(b),
    };

    let read = |text: &str| serde_json::from_str::<Value>(text).map(|value| canonicalize(&value));
    let holds = match (read(whole), read(part)) {
        // An array contains a scalar if the scalar is one of its items.
        (Ok(Value::Array(items)), Ok(part)) if !part.is_array() && !part.is_object() => items.contains(&part),
        (Ok(whole), Ok(part)) => contains(&whole, &part),
        _ => false,
    };

    if holds { Ordering::Equal } else { Ordering::Less }
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part))),
        (Value::Array(whole), Value::Array(part)) => {
            part.iter().all(|part| whole.iter().any(|whole| contains(whole, part)))
        }
        _ => whole == part,
    }
}

/// Returns the canonical spelling of a JSON value; text that is not JSON stays unchanged.
fn canonical(text: &str) -> Cow<'_, str> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => canonicalize(&value).to_string().into(),
        Err(_) => text.into(),
    }
}

fn canonicalize(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(canonicalize).collect(),
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            Value::Object(
                sorted
                    .into_iter()
                    .map(|(key, value)| (key.clone(), canonicalize(value)))
                    .collect(),
            )
        }
        // A float equals a whole number as long as floats represent whole numbers exactly.
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => Value::from(float as i64),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_moment_are_equal() {
        let forms = [
            "2026-01-31 23:00:00",
            "2026-01-31T23:00:00Z",
            "2026-02-01T01:00:00.000+02:00",
            "1769900400",
        ];

        for a in forms {
            for b in forms {
                assert_eq!(compare_timestamps(a, b), Ordering::Equal, "{a} {b}");
            }
            assert_eq!(
                compare_timestamps(a, "2026-01-31 23:00:00.000001"),
                Ordering::Less,
                "{a}"
            );
            assert_eq!(compare_timestamps(a, "soon"), Ordering::Less, "{a}");
        }
    }

    #[test]
    fn a_json_value_is_found_in_another() {
        for (whole, part, expected) in [
            (r#"{"a":{"b":["x","y"]},"c":1}"#, r#"{"a":{"b":["y"]}}"#, true),
            (r#"{"a":1.0}"#, r#"{"a":1}"#, true),
            ("[1,[2,3]]", "[[3]]", true),
            ("[1,2]", "2", true),
            ("[[2]]", "2", false),
            (r#"{"a":1}"#, r#"{"a":2}"#, false),
            ("none", "1", false),
        ] {
            let part = format!("\u{1}{part}");
            assert_eq!(
                json_contains(whole, &part) == Ordering::Equal,
                expected,
                "{whole} {part}"
            );
            assert_eq!(
                json_contains(&part, whole) == Ordering::Equal,
                expected,
                "{whole} {part}"
            );
        }
    }

    #[test]
    fn forms_of_one_json_value_are_equal() {
        assert_eq!(
            json_values(r#"{"a":1,"b":[2.0]}"#, r#"{ "b": [2], "a": 1.0 }"#),
            Ordering::Equal
        );
        assert_ne!(json_values("1", "\"1\""), Ordering::Equal);
        assert_ne!(json_values("[1,2]", "[2,1]"), Ordering::Equal);
        assert_ne!(json_values("9007199254740993", "9007199254740992"), Ordering::Equal);
    }
}

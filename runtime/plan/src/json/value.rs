//! One value as JSON, in the same form on every database.

use super::{escape, time};
use crate::value::Cell;
use base64::Engine as _;
use meta::Kind;

/// Why a value cannot be written. `null` is written in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// NaN or an infinity.
    #[error("the value is not a finite number, so JSON cannot represent it")]
    NotFinite,
    /// An `Int` of more than 32 bits.
    #[error("the number does not fit into 32 bits; declare the column's type as `bigint`")]
    IntRange,
    /// A label that the enum does not have.
    #[error("the value is not one of the enum's labels; generate the code again")]
    UnknownLabel,
    /// A stored form that the column's kind does not have.
    #[error("the stored value does not have the column's type")]
    Mismatch,
}

/// Appends a value. On an error `null` is appended instead; in an array, in place of the element.
pub fn write_cell(cell: &Cell<'_>, kind: Kind, id: bool, out: &mut Vec<u8>) -> Result<(), ValueError> {
    let start = out.len();
    let result = write(cell, kind, id, out);
    let is_list = matches!(cell, Cell::Array(_)) && kind.is_array();
    if result.is_err() && !is_list {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
    result
}

fn write(cell: &Cell<'_>, kind: Kind, id: bool, out: &mut Vec<u8>) -> Result<(), ValueError> {
    match (cell, kind) {
        (Cell::Null, _) => out.extend_from_slice(b"null"),
        (Cell::Array(items), Kind::Array(element)) => return array(items, *element, out),
        (_, Kind::Array(_)) if !matches!(cell, Cell::Json(_)) => return Err(ValueError::Mismatch),
        (Cell::Json(text), _) => out.extend_from_slice(text.as_bytes()),
        (Cell::Text(text), _) => return write_text_form(text, kind, id, out),
        (Cell::Owned(text), _) => return write_text_form(text, kind, id, out),
        (Cell::Bool(value), Kind::Bool) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        (Cell::Int(value), Kind::Bool) => out.extend_from_slice(if *value != 0 { b"true" } else { b"false" }),
        (Cell::Int(value), _) => return integer(*value, kind, id, out),
        (Cell::UInt(value), _) => write_quoted(itoa::Buffer::new().format(*value).as_bytes(), out),
        (Cell::Float(value), _) => return float(*value, kind, id, out),
        (Cell::Float32(value), _) if value.is_finite() => {
            out.extend_from_slice(zmij::Buffer::new().format_finite(*value).as_bytes());
        }
        (Cell::Float32(_), _) => return Err(ValueError::NotFinite),
        (Cell::OwnedBytes(bytes), _) => return write(&Cell::Bytes(bytes), kind, id, out),
        (Cell::Bytes(bytes), Kind::Bytes) => {
            write_quoted(base64::engine::general_purpose::STANDARD.encode(bytes).as_bytes(), out);
        }
        (Cell::Bytes(bytes), Kind::Uuid) if bytes.len() == 16 => {
            let uuid = uuid::Uuid::from_slice(bytes).map_err(|_| ValueError::Mismatch)?;
            return write(&Cell::Uuid(uuid), kind, id, out);
        }
        (Cell::Bytes(bytes), _) => {
            return write_text_form(
                std::str::from_utf8(bytes).map_err(|_| ValueError::Mismatch)?,
                kind,
                id,
                out,
            );
        }
        (Cell::Timestamp(micros), _) => {
            out.push(b'"');
            time::write_timestamp(*micros, out);
            out.extend_from_slice(if matches!(kind, Kind::DateTime) { b"Z\"" } else { b"\"" });
        }
        (Cell::ImpossibleDate(year, month, day, micros), _) => write_quoted_with(out, |out| {
            time::write_invalid_date(
                (*year, *month, *day),
                (!matches!(kind, Kind::Date)).then_some(*micros),
                out,
            );
            out.extend_from_slice(if matches!(kind, Kind::DateTime) { b"Z" } else { b"" });
        }),
        (Cell::Date(days), _) => write_quoted_with(out, |out| time::write_date(*days, out)),
        (Cell::Time(micros), _) => write_quoted_with(out, |out| time::write_time(*micros, out)),
        (Cell::Interval(months, days, micros), _) => {
            write_quoted_with(out, |out| time::write_duration(*months, *days, *micros, out));
        }
        (Cell::FarTimestamp(text), _) => escape::write(text, out),
        (Cell::Infinity { positive }, _) => {
            out.extend_from_slice(if *positive { b"\"infinity\"" } else { b"\"-infinity\"" });
        }
        (Cell::Uuid(value), _) => {
            write_quoted(
                value
                    .hyphenated()
                    .encode_lower(&mut uuid::Uuid::encode_buffer())
                    .as_bytes(),
                out,
            );
        }
        (Cell::Range(_) | Cell::Record(_), _) => {
            return super::structure::write_structure(cell, kind, &super::structure::Shape::whole(kind), out);
        }
        (Cell::Bool(_) | Cell::Array(_), _) => return Err(ValueError::Mismatch),
    }
    Ok(())
}

fn array(items: &[Cell<'_>], element: Kind, out: &mut Vec<u8>) -> Result<(), ValueError> {
    out.push(b'[');
    let mut result = Ok(());
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        // An element that cannot be written becomes null; the others are kept.
        result = result.and(write_cell(item, element, false, out));
    }
    out.push(b']');
    result
}

fn integer(value: i64, kind: Kind, id: bool, out: &mut Vec<u8>) -> Result<(), ValueError> {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value).as_bytes();
    match kind {
        Kind::Decimal(scale) => write_quoted_with(out, |out| {
            out.extend_from_slice(digits);
            pad(scale, 0, out);
        }),
        Kind::Json => out.extend_from_slice(digits),
        Kind::Int16 | Kind::Int32 if !id && i32::try_from(value).is_err() => return Err(ValueError::IntRange),
        Kind::Float32 | Kind::Float64 | Kind::Int16 | Kind::Int32 if !id => out.extend_from_slice(digits),
        // SQLite may store a time as a number: seconds since 1970.
        Kind::DateTime | Kind::NaiveDateTime => {
            return write(
                &Cell::Timestamp(value.checked_mul(1_000_000).ok_or(ValueError::Mismatch)?),
                kind,
                id,
                out,
            );
        }
        Kind::Bytes | Kind::Uuid | Kind::Date | Kind::Time | Kind::Duration | Kind::Enum(_) => {
            return Err(ValueError::Mismatch);
        }
        _ => write_quoted(digits, out),
    }
    Ok(())
}

fn float(value: f64, kind: Kind, id: bool, out: &mut Vec<u8>) -> Result<(), ValueError> {
    match kind {
        Kind::Decimal(scale) => {
            if !value.is_finite() {
                return Err(ValueError::NotFinite);
            }

            // SQLite stores a decimal as a float. Up to 15 digits are those that were written. More digits are the
            // result of a computation; they are rounded to the declared scale.
            let exact = value.to_string();
            let digits = exact.bytes().filter(u8::is_ascii_digit).count();
            match scale {
                Some(scale) if digits > 15 => write_quoted(format!("{value:.*}", scale as usize).as_bytes(), out),
                _ => decimal(&exact, scale, out),
            }
        }
        _ if !value.is_finite() => return Err(ValueError::NotFinite),
        Kind::Float32 | Kind::Float64 | Kind::Json if !id => {
            out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
        }
        Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Bool
        | Kind::Bytes
        | Kind::Uuid
        | Kind::DateTime
        | Kind::NaiveDateTime
        | Kind::Date
        | Kind::Time
        | Kind::Duration
        | Kind::Enum(_) => return Err(ValueError::Mismatch),
        _ => write_quoted(zmij::Buffer::new().format_finite(value).as_bytes(), out),
    }
    Ok(())
}

/// A text, or another kind in the database's text form.
fn write_text_form(text: &str, kind: Kind, id: bool, out: &mut Vec<u8>) -> Result<(), ValueError> {
    match kind {
        Kind::Json => {
            // Not every database validates its JSON columns, and invalid JSON would break the answer around it.
            serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| ValueError::Mismatch)?;
            out.extend_from_slice(text.as_bytes());
        }
        Kind::Enum(ty) => write_quoted(ty.name_of(text).ok_or(ValueError::UnknownLabel)?.as_bytes(), out),
        Kind::Decimal(_) | Kind::Money | Kind::UInt64 if !is_number(text) => return Err(ValueError::Mismatch),
        Kind::Decimal(scale) => decimal(text, scale, out),
        Kind::Money => decimal(text, None, out),
        Kind::Bytes => return write(&Cell::Bytes(text.as_bytes()), kind, id, out),
        Kind::Date if !is_date(text) => return Err(ValueError::Mismatch),
        Kind::Time if chrono::NaiveTime::parse_from_str(text, "%H:%M:%S%.f").is_err() => {
            return Err(ValueError::Mismatch);
        }
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Bool => {
            return integer(text.parse().map_err(|_| ValueError::Mismatch)?, kind, id, out);
        }
        Kind::Float32 | Kind::Float64 => {
            return float(text.parse().map_err(|_| ValueError::Mismatch)?, kind, id, out);
        }
        Kind::DateTime | Kind::NaiveDateTime => {
            let micros = parse_timestamp(text).ok_or(ValueError::Mismatch)?;
            return write(&Cell::Timestamp(micros), kind, id, out);
        }
        Kind::Uuid => {
            let uuid = uuid::Uuid::parse_str(text).map_err(|_| ValueError::Mismatch)?;
            return write(&Cell::Uuid(uuid), kind, id, out);
        }
        Kind::Array(_) => return Err(ValueError::Mismatch),
        _ => escape::write(text, out),
    }
    Ok(())
}

/// Whether a text is a number, or a special value that databases store in place of one.
fn is_number(text: &str) -> bool {
    // The parser also accepts other spellings of infinities and NaN.
    let is_finite = text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok();
    is_finite || matches!(text, "NaN" | "Infinity" | "-Infinity")
}

/// Whether a text is a date such as `2026-01-31`, with all its digits.
fn is_date(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn decimal(text: &str, scale: Option<u32>, out: &mut Vec<u8>) {
    let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    write_quoted_with(out, |out| {
        out.extend_from_slice(text.as_bytes());
        if text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-')
        {
            pad(scale, digits, out);
        }
    });
}

/// Appends zeros up to the scale, after a point if there is none.
fn pad(scale: Option<u32>, digits: usize, out: &mut Vec<u8>) {
    let scale = scale.unwrap_or(0) as usize;
    if digits == 0 && scale > 0 {
        out.push(b'.');
    }
    out.extend(std::iter::repeat_n(b'0', scale.saturating_sub(digits)));
}

/// Parses `2026-01-31 23:59:59.5+02:00` and similar forms: with `T` or a space, with or without seconds, fraction and
/// zone. Returns microseconds since 1970-01-01 in UTC.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(with_zone) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(with_zone.timestamp_micros());
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
        if let Ok(with_zone) = chrono::DateTime::parse_from_str(text, format) {
            return Some(with_zone.timestamp_micros());
        }
    }

    let text = text.strip_suffix('Z').unwrap_or(text);
    for format in [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ] {
        if let Ok(naive) = chrono::NaiveDateTime::parse_from_str(text, format) {
            return Some(naive.and_utc().timestamp_micros());
        }
    }

    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

fn write_quoted(bytes: &[u8], out: &mut Vec<u8>) {
    write_quoted_with(out, |out| out.extend_from_slice(bytes));
}

fn write_quoted_with(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(cell: &Cell<'_>, kind: Kind) -> String {
        let mut out = Vec::new();
        let _ = write_cell(cell, kind, false, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_value_has_one_form_whatever_database_it_came_from() {
        let decimal = Kind::Decimal(Some(2));
        for cell in [Cell::Text("20.50"), Cell::Float(20.5), Cell::Text("20.5")] {
            assert_eq!(json(&cell, decimal), "\"20.50\"");
        }
        assert_eq!(json(&Cell::Int(20), decimal), "\"20.00\"");
        for cell in [
            Cell::Timestamp(1_767_225_600_000_000),
            Cell::Text("2026-01-01 00:00:00"),
            Cell::Text("2026-01-01T02:00:00+02:00"),
            Cell::Text("2026-01-01 02:00:00+02"),
            Cell::Text("2026-01-01"),
            Cell::Int(1_767_225_600),
        ] {
            assert_eq!(json(&cell, Kind::DateTime), "\"2026-01-01T00:00:00Z\"", "{cell:?}");
        }
        assert_eq!(json(&Cell::Int(1), Kind::Bool), "true");
        assert_eq!(json(&Cell::Bool(true), Kind::Bool), "true");
        assert_eq!(
            json(&Cell::Int(9_007_199_254_740_993), Kind::Int64),
            "\"9007199254740993\""
        );
    }

    #[test]
    fn what_json_cannot_carry_is_null_with_an_error() {
        let mut out = Vec::new();
        assert_eq!(
            write_cell(&Cell::Float(f64::NAN), Kind::Float64, false, &mut out),
            Err(ValueError::NotFinite)
        );
        assert_eq!(
            write_cell(&Cell::Int(1 << 40), Kind::Int32, false, &mut out),
            Err(ValueError::IntRange)
        );
        assert_eq!(out, b"nullnull");
    }
}

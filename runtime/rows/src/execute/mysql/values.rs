//! MySQL and MariaDB: values in the binary protocol's form.

use sqlx::mysql::{MySqlRow, MySqlValueRef};
use sqlx::{Decode, MySql, Row as _, TypeInfo as _, ValueRef as _};

use meta::Kind;
use plan::json::days_from_civil;
use plan::value::{Cell, RowError};

/// A value by the type of its column.
pub(in crate::execute) fn cell(row: &MySqlRow, at: usize, kind: Kind) -> Result<Cell<'_>, RowError> {
    let value = row.try_get_raw(at).map_err(|_| RowError { slot: at })?;
    let is_day = matches!(value.type_info().name(), "DATE" | "DATETIME" | "TIMESTAMP");
    // The driver takes a day of zeros for null; its bytes tell them apart.
    let is_null = if is_day {
        row.try_get_raw(at).is_ok_and(|value| read::<&[u8]>(value).is_err())
    } else {
        value.is_null()
    };
    if is_null {
        return Ok(Cell::Null);
    }
    let type_info = value.type_info();
    let cell = match type_info.name() {
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" | "BOOLEAN" => read::<i64>(value).map(Cell::Int),
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "YEAR" => {
            read::<u64>(value).map(|value| Cell::Int(value.cast_signed()))
        }
        "BIGINT UNSIGNED" => read::<u64>(value).map(|value| match i64::try_from(value) {
            Ok(value) => Cell::Int(value),
            Err(_) => Cell::UInt(value),
        }),
        "FLOAT" => read::<f32>(value).map(Cell::Float32),
        "DOUBLE" => read::<f64>(value).map(Cell::Float),
        "DATE" | "DATETIME" | "TIMESTAMP" => {
            let bytes = read::<&[u8]>(value);
            bytes.and_then(|bytes| date_time(bytes, kind).ok_or_else(|| "unexpected form of a date".into()))
        }
        "TIME" => {
            let bytes = read::<&[u8]>(value);
            bytes.and_then(|bytes| time(bytes).ok_or_else(|| "unexpected form of a time".into()))
        }
        "BIT" if matches!(kind, Kind::Bool) => {
            let bytes = read::<&[u8]>(value);
            bytes.map(|bytes| Cell::Int(i64::from(bytes.iter().any(|byte| *byte != 0))))
        }
        _ if matches!(kind, Kind::Bytes) => read::<&[u8]>(value).map(Cell::Bytes),
        _ => read::<&str>(value).map(Cell::Text),
    };
    cell.map_err(|_| RowError { slot: at })
}

fn read<'r, T: Decode<'r, MySql>>(value: MySqlValueRef<'r>) -> Result<T, sqlx::error::BoxDynError> {
    T::decode(value)
}

/// Reads a date or point in time: length, year (two bytes), month, day, then hour, minute, second, then microseconds;
/// zeros at the end are left out. See "Binary Protocol Value" in the server's documentation.
fn date_time(bytes: &[u8], kind: Kind) -> Option<Cell<'static>> {
    let length = usize::from(*bytes.first()?);
    if length == 0 {
        return Some(Cell::ImpossibleDate(0, 0, 0, 0));
    }

    let year = u16::from_le_bytes(bytes.get(1..3)?.try_into().ok()?);
    let (month, day) = (*bytes.get(3)?, *bytes.get(4)?);

    let seconds = if length >= 7 { clock(bytes.get(5..8)?) } else { 0 };
    let since_midnight = seconds * 1_000_000 + micros(bytes, length, 11, 8)?;
    if chrono::NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day)).is_none() {
        return Some(Cell::ImpossibleDate(year, month, day, since_midnight));
    }

    let days = days_from_civil(i64::from(year), u32::from(month), u32::from(day));
    if matches!(kind, Kind::Date) {
        return Some(Cell::Date(days));
    }
    Some(Cell::Timestamp(days * 86_400_000_000 + since_midnight))
}

/// Reads a `TIME`: length, sign, days (four bytes), hour, minute, second, microseconds.
fn time(bytes: &[u8]) -> Option<Cell<'static>> {
    let length = usize::from(*bytes.first()?);
    if length == 0 {
        return Some(Cell::Time(0));
    }

    let days = i64::from(u32::from_le_bytes(bytes.get(2..6)?.try_into().ok()?));
    let total = (days * 86_400 + clock(bytes.get(6..9)?)) * 1_000_000 + micros(bytes, length, 12, 9)?;

    if bytes.get(1) == Some(&1) || total >= 86_400_000_000 {
        // A `TIME` may be an interval; outside of one day it is returned as one.
        let sign = if bytes.get(1) == Some(&1) { -1 } else { 1 };
        return Some(Cell::Interval(0, 0, sign * total));
    }

    Some(Cell::Time(total))
}

fn clock(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |seconds, &part| seconds * 60 + i64::from(part))
}

fn micros(bytes: &[u8], length: usize, full: usize, at: usize) -> Option<i64> {
    if length < full {
        return Some(0);
    }
    Some(i64::from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)))
}

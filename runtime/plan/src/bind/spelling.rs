//! Dates, times and intervals in the forms that each database takes.

use crate::dialect::{Dialect, Texts};
use crate::json::parse_timestamp;
use crate::value::BindValue;
use meta::Kind;

/// Converts dates, times and intervals to the form that the database takes, such as `2026-01-31 23:59:59` where it
/// reads no time zone. Other values stay as they are.
pub(super) fn database_form(kind: Kind, value: BindValue, dialect: &Dialect) -> BindValue {
    let is_time = matches!(kind, Kind::DateTime | Kind::NaiveDateTime);
    match value {
        BindValue::Text(text) if dialect.capability.typed_parameters && (is_time || matches!(kind, Kind::Date)) => {
            BindValue::Text(database_date(&text, dialect).unwrap_or(text))
        }
        // A `TIME` of MySQL may be an interval, which is returned as one.
        BindValue::Text(text) if matches!(kind, Kind::Time) && dialect.capability.texts == Texts::Collated => {
            BindValue::Text(clock_of_span(&text).unwrap_or(text))
        }
        BindValue::Text(text) if is_time && !dialect.capability.typed_parameters => {
            match parse_timestamp(&text).and_then(chrono::DateTime::from_timestamp_micros) {
                Some(time) => BindValue::Text(time.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
                None => BindValue::Text(database_date(&text, dialect).unwrap_or(text)),
            }
        }
        other => other,
    }
}

/// A date outside of the calendar's usual range in the form that this database keeps; `None` for any other text.
pub(super) fn database_date(text: &str, dialect: &Dialect) -> Option<String> {
    match dialect.capability.texts {
        Texts::Exact => far_date(text),
        Texts::Collated => impossible_date(text),
        Texts::Binary => None,
    }
}

/// A date that no calendar has, as MySQL keeps it: `2024-00-00 12:00:00` for `2024-00-00T12:00:00Z`.
fn impossible_date(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_day = (0..10).all(|at| {
        if matches!(at, 4 | 7) {
            bytes.get(at) == Some(&b'-')
        } else {
            is_digit(at)
        }
    });

    let is_none = is_day && chrono::NaiveDate::parse_from_str(&text[..10], "%Y-%m-%d").is_err();
    let time = text.get(10..)?.trim_start_matches(['T', ' ']).trim_end_matches('Z');
    let is_clock = time.is_empty() || chrono::NaiveTime::parse_from_str(time, "%H:%M:%S%.f").is_ok();

    (is_none && is_clock).then(|| format!("{} {time}", &text[..10]).trim_end().to_owned())
}

/// A date before the year 1 or after 9999 as PostgreSQL reads it: `0044-03-15 BC` for `-000043-03-15`,
/// `10000-01-01T00:00:00` for `+010000-01-01T00:00:00`.
fn far_date(text: &str) -> Option<String> {
    let (sign, rest) = (text.as_bytes().first()?, text.get(1..)?);
    let is_before = match sign {
        b'-' => true,
        b'+' => false,
        // The year 0 is 1 BC.
        _ if text.starts_with("0000-") => return far_date(&format!("-{text}")),
        _ => return None,
    };
    let (year, after) = rest.split_once('-')?;
    let year: u32 = year.parse().ok()?;
    if !after.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }

    Some(if is_before {
        format!("{:04}-{after} BC", year + 1)
    } else {
        format!("{year:04}-{after}")
    })
}

/// The `TIME` of an ISO 8601 duration: `-01:02:03.5` for `PT-1H-2M-3.5S`.
fn clock_of_span(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix("PT")?;
    let (mut hours, mut minutes, mut seconds, mut is_negative) = ("0", "0", "0", false);
    while !rest.is_empty() {
        let end = rest.find(|character: char| character.is_ascii_alphabetic())?;
        let (number, unit) = (&rest[..end], rest.as_bytes()[end]);
        let digits = number.strip_prefix('-').unwrap_or(number);
        is_negative |= digits.len() < number.len();
        if !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return None;
        }

        match unit {
            b'H' => hours = digits,
            b'M' => minutes = digits,
            b'S' => seconds = digits,
            _ => return None,
        }
        rest = &rest[end + 1..];
    }

    let sign = if is_negative { "-" } else { "" };
    Some(format!("{sign}{hours:0>2}:{minutes:0>2}:{seconds:0>2}"))
}

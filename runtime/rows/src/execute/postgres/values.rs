//! PostgreSQL's binary format, as its `*send` functions write it.

use std::fmt::Write as _;

use meta::{CompositeType, Kind};
use plan::value::{Cell, RangeCell};

/// Microseconds and days from 1970-01-01 to PostgreSQL's own epoch, 2000-01-01.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH_DAYS: i64 = 10_957;

/// Reads a value of a kind; `None` if the bytes do not have its form.
pub(super) fn binary(bytes: &[u8], kind: Kind) -> Option<Cell<'_>> {
    Some(match kind {
        Kind::Bool => Cell::Bool(*bytes.first()? != 0),
        Kind::Int16 | Kind::Int32 | Kind::Int64 => Cell::Int(integer(bytes)?),
        Kind::Float32 | Kind::Float64 => match bytes.len() {
            4 => Cell::Float32(f32::from_be_bytes(bytes.try_into().ok()?)),
            _ => Cell::Float(f64::from_be_bytes(bytes.try_into().ok()?)),
        },
        Kind::Decimal(_) | Kind::UInt64 | Kind::Money => Cell::Owned(numeric(bytes)?),
        // A `"char"` may be half a character: then its bytes are passed on, and the field reports that it cannot be
        // read. The empty one is a zero byte, which no other text contains.
        Kind::Text | Kind::Enum(_) | Kind::Unknown if *bytes == [0] => Cell::Text(""),
        Kind::Text | Kind::Enum(_) | Kind::Unknown => std::str::from_utf8(bytes).map_or(Cell::Bytes(bytes), Cell::Text),
        Kind::Uuid => Cell::Uuid(uuid::Uuid::from_slice(bytes).ok()?),
        Kind::DateTime | Kind::NaiveDateTime => match i64::from_be_bytes(bytes.try_into().ok()?) {
            i64::MAX => Cell::Infinity { positive: true },
            i64::MIN => Cell::Infinity { positive: false },
            micros => micros
                .checked_add(EPOCH_MICROS)
                .map_or_else(|| far_timestamp(micros, kind), Cell::Timestamp),
        },
        Kind::Date => match i32::from_be_bytes(bytes.try_into().ok()?) {
            i32::MAX => Cell::Infinity { positive: true },
            i32::MIN => Cell::Infinity { positive: false },
            days => Cell::Date(i64::from(days) + EPOCH_DAYS),
        },
        Kind::Time => Cell::Time(i64::from_be_bytes(bytes.try_into().ok()?)),
        Kind::Duration => Cell::Interval(
            i32::from_be_bytes(bytes.get(12..16)?.try_into().ok()?),
            i32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?),
            i64::from_be_bytes(bytes.get(..8)?.try_into().ok()?),
        ),
        // `jsonb` has its version, 1, before the text; `json` begins with the text itself.
        Kind::Json => Cell::Json(std::str::from_utf8(bytes.strip_prefix(&[1]).unwrap_or(bytes)).ok()?),
        Kind::Bytes => Cell::Bytes(bytes),
        Kind::Array(_) => array(bytes, kind)?,
        Kind::Range(ty) => range(bytes, ty.element)?,
        Kind::Composite(ty) => record(bytes, ty)?,
    })
}

/// A point in time in the last years that PostgreSQL knows: too late to be counted in microseconds since 1970.
fn far_timestamp(micros: i64, kind: Kind) -> Cell<'static> {
    const DAY: i64 = 86_400_000_000;
    let mut text = Vec::new();
    plan::json::write_day_and_time(micros.div_euclid(DAY) + EPOCH_DAYS, micros.rem_euclid(DAY), &mut text);
    if matches!(kind, Kind::DateTime) {
        text.push(b'Z');
    }
    Cell::FarTimestamp(String::from_utf8_lossy(&text).into_owned())
}

fn integer(bytes: &[u8]) -> Option<i64> {
    Some(match bytes.len() {
        2 => i64::from(i16::from_be_bytes(bytes.try_into().ok()?)),
        4 => i64::from(i32::from_be_bytes(bytes.try_into().ok()?)),
        _ => i64::from_be_bytes(bytes.try_into().ok()?),
    })
}

/// `numeric_send`: groups of four decimal digits, the weight of the first, a sign, the digits after the point.
fn numeric(bytes: &[u8]) -> Option<String> {
    let field = |at: usize| Some(u16::from_be_bytes(bytes.get(at * 2..at * 2 + 2)?.try_into().ok()?));
    let groups = i32::from(field(0)?);
    let weight = i32::from(field(1)?.cast_signed());
    let scale = usize::from(field(3)?);

    match field(2)? {
        0xc000 => return Some("NaN".into()),
        0xd000 => return Some("Infinity".into()),
        0xf000 => return Some("-Infinity".into()),
        _ => {}
    }

    let group = |at: i32| {
        if (0..groups).contains(&at) {
            field(4 + at.unsigned_abs() as usize)
        } else {
            Some(0)
        }
    };

    let mut text = String::new();
    if field(2)? == 0x4000 {
        text.push('-');
    }

    if weight < 0 {
        text.push('0');
    }
    for at in 0..=weight {
        let digits = group(at)?;
        let width = if at == 0 { 1 } else { 4 };
        let _ = write!(text, "{digits:0width$}");
    }

    if scale > 0 {
        text.push('.');
        let point = text.len();
        let mut at = weight + 1;
        while text.len() - point < scale {
            let _ = write!(text, "{:04}", group(at)?);
            at += 1;
        }
        text.truncate(point + scale);
    }

    Some(text)
}

/// `array_send`: dimensions, a flag, the element's type, then for each dimension its length and lower bound, then
/// the elements row by row, each with its length, -1 for `NULL`.
fn array(bytes: &[u8], kind: Kind) -> Option<Cell<'_>> {
    let word = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let dimensions = usize::try_from(word(0)?).ok()?;
    let lengths: Vec<usize> = (0..dimensions)
        .map(|at| usize::try_from(word(12 + at * 8)?).ok())
        .collect::<Option<_>>()?;

    let mut rest = bytes.get(12 + dimensions * 8..)?;
    if lengths.is_empty() {
        return Some(Cell::Array(Vec::new()));
    }

    nested(&lengths, kind.innermost(), &mut rest)
}

/// `range_send`: a byte of flags, then each bound that exists, with its length.
fn range(bytes: &[u8], element: Kind) -> Option<Cell<'_>> {
    const EMPTY: u8 = 0x01;
    const LOWER_INCLUSIVE: u8 = 0x02;
    const UPPER_INCLUSIVE: u8 = 0x04;
    const LOWER_INFINITE: u8 = 0x08;
    const UPPER_INFINITE: u8 = 0x10;

    let (&flags, mut rest) = bytes.split_first()?;
    let is = |flag: u8| flags & flag != 0;

    let mut bound = |infinite: u8| {
        if is(EMPTY) || is(infinite) {
            Some(None)
        } else {
            element_of(&mut rest, element).map(Some)
        }
    };

    let (lower, upper) = (bound(LOWER_INFINITE)?, bound(UPPER_INFINITE)?);
    Some(Cell::Range(Box::new(RangeCell {
        lower,
        upper,
        lower_inclusive: is(LOWER_INCLUSIVE),
        upper_inclusive: is(UPPER_INCLUSIVE),
        empty: is(EMPTY),
    })))
}

/// `record_send`: the number of attributes, then for each its type and its value with its length.
fn record<'r>(bytes: &'r [u8], ty: &CompositeType) -> Option<Cell<'r>> {
    let (count, mut rest) = bytes.split_first_chunk::<4>()?;
    if i32::from_be_bytes(*count) != i32::try_from(ty.fields.len()).ok()? {
        return None;
    }

    let fields = ty.fields.iter().map(|field| {
        rest = rest.get(4..)?;
        element_of(&mut rest, field.kind)
    });
    fields.collect::<Option<_>>().map(Cell::Record)
}

/// Reads a value that follows its length, which is -1 for `NULL`.
fn element_of<'r>(rest: &mut &'r [u8], kind: Kind) -> Option<Cell<'r>> {
    let (size, after) = rest.split_first_chunk::<4>()?;
    let size = i32::from_be_bytes(*size);
    *rest = after;
    if size < 0 {
        return Some(Cell::Null);
    }

    let (value, after) = rest.split_at_checked(size.unsigned_abs() as usize)?;
    *rest = after;
    binary(value, kind)
}

fn nested<'r>(lengths: &[usize], element: Kind, rest: &mut &'r [u8]) -> Option<Cell<'r>> {
    let Some((&length, inner)) = lengths.split_first() else {
        return element_of(rest, element);
    };

    (0..length)
        .map(|_| nested(inner, element, rest))
        .collect::<Option<_>>()
        .map(Cell::Array)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric_bytes(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> Vec<u8> {
        let head = [groups.len() as u16, weight.cast_unsigned(), sign, scale];
        head.iter().chain(groups).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn numerics_keep_their_digits() {
        for (weight, sign, scale, groups, expected) in [
            (0, 0, 2, &[20, 5000][..], "20.50"),
            (1, 0x4000, 0, &[1][..], "-10000"),
            (-2, 0, 10, &[12, 3400][..], "0.0000001234"),
            (0, 0, 0, &[][..], "0"),
            (0, 0, 3, &[][..], "0.000"),
            (0, 0xc000, 0, &[][..], "NaN"),
        ] {
            assert_eq!(
                numeric(&numeric_bytes(weight, sign, scale, groups)).as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn truncated_values_do_not_panic() {
        for kind in [
            Kind::Int32,
            Kind::Decimal(None),
            Kind::Date,
            Kind::Duration,
            Kind::Array(&Kind::Int32),
            Kind::Uuid,
        ] {
            for length in 0..12 {
                let _ = binary(&vec![0x7f; length], kind);
            }
        }
    }
}

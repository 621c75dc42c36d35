//! Reads a row's cells as Rust values.

use std::str::FromStr;

use plan::value::ReadError;

use meta::{EnumType, Kind, Table};
use plan::json::write_cell;
use plan::value::{Cell, Row};

/// Reads the columns of a row one after the other.
pub struct RowReader<'r> {
    row: &'r dyn Row,
    table: &'static Table,
    at: usize,
    /// The slot of the first column.
    first: usize,
}

impl<'r> RowReader<'r> {
    /// A reader at the first column.
    pub fn new(row: &'r dyn Row, table: &'static Table) -> Self {
        Self {
            row,
            table,
            at: 0,
            first: 0,
        }
    }

    /// A reader at the first column of a row that begins with the ordinal of its key.
    pub fn after_ordinal(row: &'r dyn Row, table: &'static Table) -> Self {
        Self {
            row,
            table,
            at: 0,
            first: 1,
        }
    }

    /// Reads the next column's value.
    pub fn column<T: FromCell>(&mut self) -> Result<T, ReadError> {
        let column = &self.table.columns[self.at];
        let fail = |reason: String| ReadError {
            table: self.table.name,
            column: column.name,
            reason,
        };

        let cell = self
            .row
            .cell(self.first + self.at, column.kind)
            .map_err(|error| fail(error.to_string()))?;

        self.at += 1;
        T::from_cell(&cell, column.kind).map_err(fail)
    }
}

/// A Rust type that a column's value can be read as.
pub trait FromCell: Sized {
    /// Reads the value. The error says what is wrong with it.
    fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String>;
}

/// An enumeration of generated code.
pub trait LabelledEnum: Copy + Sized + 'static {
    /// Its metadata.
    const TYPE: &'static EnumType;

    /// The variants in the order of the metadata's values.
    const VARIANTS: &'static [Self];

    /// The variant's label in the database.
    fn label(self) -> &'static str;
}

/// The value's JSON form without quotes, which is the same for every database.
fn text(cell: &Cell<'_>, kind: Kind) -> Result<String, String> {
    match cell {
        Cell::Null => return Err("is null".into()),
        Cell::Text(text) if matches!(kind, Kind::Text | Kind::Unknown | Kind::Json) => return Ok((*text).to_owned()),
        Cell::Json(text) => return Ok((*text).to_owned()),
        Cell::Owned(text) if matches!(kind, Kind::Text | Kind::Unknown | Kind::Json) => return Ok(text.clone()),
        _ => {}
    }

    let mut out = Vec::new();
    write_cell(cell, kind, false, &mut out).map_err(|error| error.to_string())?;
    let text = String::from_utf8(out).expect("invariant: JSON is text");
    Ok(text.trim_matches('"').to_owned())
}

fn parse<T: FromStr<Err: std::fmt::Display>>(cell: &Cell<'_>, kind: Kind) -> Result<T, String> {
    text(cell, kind)?.parse().map_err(|error: T::Err| error.to_string())
}

macro_rules! from_text {
    ($($ty:ty),*) => {$(
        impl FromCell for $ty {
            fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
                parse(cell, kind)
            }
        }
    )*};
}

from_text!(
    rust_decimal::Decimal,
    uuid::Uuid,
    chrono::DateTime<chrono::Utc>,
    chrono::NaiveDateTime,
    chrono::NaiveDate,
    chrono::NaiveTime,
    u64,
    f32,
    f64
);

macro_rules! from_integer {
    ($($ty:ty),*) => {$(
        impl FromCell for $ty {
            fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
                match cell {
                    Cell::Int(value) => (*value).try_into().map_err(|_| format!("{value} is out of range")),
                    _ => parse(cell, kind),
                }
            }
        }
    )*};
}

from_integer!(i16, i32, i64);

impl FromCell for bool {
    fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
        match cell {
            Cell::Bool(value) => Ok(*value),
            _ => parse(cell, kind),
        }
    }
}

impl FromCell for String {
    fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
        text(cell, kind)
    }
}

impl FromCell for serde_json::Value {
    fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
        parse(cell, kind)
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: &Cell<'_>, _: Kind) -> Result<Self, String> {
        match cell {
            Cell::Bytes(bytes) => Ok(bytes.to_vec()),
            Cell::OwnedBytes(bytes) => Ok(bytes.clone()),
            Cell::Owned(text) => Ok(text.as_bytes().to_vec()),
            Cell::Text(text) => Ok(text.as_bytes().to_vec()),
            _ => Err("is not bytes".into()),
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
        match cell {
            Cell::Null | Cell::ImpossibleDate(..) => Ok(None),
            cell => T::from_cell(cell, kind).map(Some),
        }
    }
}

impl<T: FromCell> FromCell for Vec<Option<T>> {
    fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
        match (cell, kind) {
            (Cell::Array(items), Kind::Array(element)) => {
                items.iter().map(|item| Option::from_cell(item, *element)).collect()
            }
            _ => Err("is not an array".into()),
        }
    }
}

/// Reads an enumeration's label; for the derive of generated enums.
pub fn enum_from_cell<T: LabelledEnum>(cell: &Cell<'_>) -> Result<T, String> {
    let label = match cell {
        Cell::Text(label) => *label,
        Cell::Owned(label) => label.as_str(),
        _ => return Err("is not an enum label".into()),
    };

    T::VARIANTS
        .iter()
        .copied()
        .find(|variant| variant.label() == label)
        .ok_or_else(|| format!("`{label}` is not a label of `{}`", T::TYPE.name))
}

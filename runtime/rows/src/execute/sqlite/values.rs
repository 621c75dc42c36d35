//! SQLite: values by their storage class, whatever the column was declared as.

use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, TypeInfo as _, ValueRef as _};

use meta::Kind;
use plan::value::{Cell, RowError};

/// A value by its storage class.
pub(in crate::execute) fn cell(row: &SqliteRow, at: usize, _: Kind) -> Result<Cell<'_>, RowError> {
    let value = row.try_get_raw(at).map_err(|_| RowError { slot: at })?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let class = value.type_info();
    let cell = match class.name() {
        "INTEGER" => <i64 as Decode<Sqlite>>::decode(value).map(Cell::Int),
        "REAL" => <f64 as Decode<Sqlite>>::decode(value).map(Cell::Float),
        "BLOB" => <&[u8] as Decode<Sqlite>>::decode(value).map(Cell::Bytes),
        // A text that is not valid UTF-8 is passed on as bytes, and the field reports that it cannot be read.
        _ => match <&str as Decode<Sqlite>>::decode(value) {
            Ok(text) => Ok(Cell::Text(text)),
            Err(_) => row
                .try_get_raw(at)
                .map_err(Into::into)
                .and_then(<&[u8] as Decode<Sqlite>>::decode)
                .map(Cell::Bytes),
        },
    };
    cell.map_err(|_| RowError { slot: at })
}

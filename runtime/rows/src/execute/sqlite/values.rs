//! `SQLite`: values by their storage class, whatever the column was declared as.

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, Decode, Row as _, Sqlite, TypeInfo as _, ValueRef as _};

use meta::Kind;
use plan::value::{BindValue, Cell, RowError};

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

/// The driver's arguments for values in the order of the placeholders.
pub(in crate::execute) fn arguments(values: Vec<BindValue>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            BindValue::Null => arguments.add(Option::<String>::None),
            BindValue::Bool(value) => arguments.add(value),
            BindValue::Int(value) => arguments.add(value),
            BindValue::Float(value) => arguments.add(value),
            BindValue::Text(value) => arguments.add(value),
            BindValue::Label(value) => arguments.add(value),
            BindValue::Bytes(value) => arguments.add(value),
            BindValue::Ints(value) => arguments.add(plan::bind::json_list(&value)),
            BindValue::Texts(value) => arguments.add(plan::bind::json_list(&value)),
        }
        .map_err(sqlx::Error::Encode)?;
    }

    Ok(arguments)
}

//! Values on their way: a row's cells as drivers hand them over, and values to bind.

mod bind_value;
mod cell;

pub use bind_value::BindValue;
pub use cell::{Cell, RangeCell};

use meta::Kind;

/// A row of any driver.
pub trait Row {
    /// The value in column `at`, in the common form for `kind`.
    fn cell(&self, at: usize, kind: Kind) -> Result<Cell<'_>, RowError>;

    /// The number in the first column: the parent's position in the key list, counted from one.
    fn ordinal(&self) -> Result<i64, RowError> {
        match self.cell(0, Kind::Int64)? {
            Cell::Int(ordinal) => Ok(ordinal),
            _ => Err(RowError { slot: 0 }),
        }
    }
}

/// A value whose form is not one of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value at position {slot} does not match its column's type; generate the code again")]
pub struct RowError {
    /// The value's position in the row, counted from zero.
    pub slot: usize,
}

/// Why a row could not be read.
#[derive(Debug, thiserror::Error)]
#[error("column `{column}` of `{table}`: {reason}")]
pub struct ReadError {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What is wrong with the value.
    pub reason: String,
}

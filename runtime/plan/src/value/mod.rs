//! Values on their way: a row's cells as drivers hand them over, and values to bind.

mod bind_value;
mod cell;

pub use bind_value::BindValue;
pub use cell::{Cell, RangeCell};

use meta::Kind;

/// A row of any driver.
pub trait Row {
    /// The value at a place, in the common form for a kind.
    fn cell(&self, at: usize, kind: Kind) -> Result<Cell<'_>, RowError>;

    /// The number in the first place: a parent's position in the key list, from one.
    fn ordinal(&self) -> Result<i64, RowError> {
        match self.cell(0, Kind::Int64)? {
            Cell::Int(ordinal) => Ok(ordinal),
            _ => Err(RowError { slot: 0 }),
        }
    }
}

/// A value that its driver hands over in a form that its kind does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value in place {slot} has not the form of its column's type; generate the code again")]
pub struct RowError {
    /// The place in the row.
    pub slot: usize,
}

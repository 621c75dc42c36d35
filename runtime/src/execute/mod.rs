//! Runs a plan: statements to a database, rows to JSON text. Only this module holds a connection.

mod bind;
mod bounds;
mod cell;
mod database;
mod error;
mod join;
mod level;
mod mysql;
mod postgres;
mod postgres_wire;
mod run;
mod sqlite;

pub use bind::{BindValue, bind_parameters};
pub use bounds::check_rows;
pub use cell::Cell;
pub use database::{ConnectError, Database};
pub use error::{ExecuteError, RowError};
pub use level::FieldError;
pub use run::{Answer, execute, rows};

use crate::meta::Kind;

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

//! Row types of generated code.

use meta::Table;

use super::{ReadError, RowReader};

/// A row type of generated code.
pub trait Entity: Sized + Send + Sync + 'static {
    /// The table's metadata.
    const TABLE: &'static Table;

    /// Reads a row whose slots are the table's columns in order.
    fn read(row: &mut RowReader<'_>) -> Result<Self, ReadError>;
}

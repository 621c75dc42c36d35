//! Runs a plan: statements to a database, rows to JSON text. Only this module holds a connection.

mod bind;
mod bind_list;
mod bounds;
mod cell;
mod database;
mod driver;
mod error;
mod exact;
mod executed;
mod join;
mod keys;
mod level;
mod mysql;
mod paths;
mod pool;
mod postgres;
mod run;
mod spelling;
mod sqlite;
mod stored;
mod text_forms;
mod transaction;
mod violation;

pub use bind::{BindValue, bind_of, bind_parameters, scalar_value};
pub use bind_list::list_value;
pub use bounds::check_rows;
pub use cell::{Cell, RangeCell};
pub use database::{ConnectError, ConnectSettings, Database, PreparedStatements, STATEMENT_TIMEOUT};
pub use error::{ExecuteError, RowError};
pub use executed::{Answer, Executed};
pub use join::Filled;
pub use keys::Keys;
pub use level::{FieldError, PathSegment, Projection};
pub use pool::{PoolSettings, PoolUsage};
pub use postgres::{PostgresError, ServerMessage};
pub use run::{execute, execute_for, rows};
pub use transaction::{RowSecurity, Transaction};
pub use violation::{Violation, ViolationKind};

use std::time::Duration;

use futures_util::future::BoxFuture;

use meta::Kind;

/// How long a request waits for its turn.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How much longer than a statement's time limit the program waits for a database that does not keep it.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// Jitter needs no good randomness: the hash of nothing, with the process's own seed, differs from call to call.
pub(crate) fn jitter() -> u32 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let hash = std::collections::hash_map::RandomState::new().build_hasher().finish();
    (hash >> 32) as u32
}

/// Where the rows of a statement go.
pub trait RowSink: Send {
    /// Takes a row.
    fn row(&mut self, row: &dyn Row) -> Result<(), RowError>;

    /// What is to be waited for before more rows are read, if anything.
    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        None
    }
}

impl<F: FnMut(&dyn Row) -> Result<(), RowError> + Send> RowSink for F {
    fn row(&mut self, row: &dyn Row) -> Result<(), RowError> {
        self(row)
    }
}

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

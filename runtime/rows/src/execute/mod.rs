//! Runs a plan: sends its statements to the database and writes the rows as JSON text. Only this module holds
//! connections.

mod database;
mod driver;
mod error;
mod mysql;
mod pool;
mod postgres;
mod run;
mod sqlite;
mod transaction;
mod violation;

pub use database::{ConnectError, ConnectSettings, Database, PreparedStatements, STATEMENT_TIMEOUT};
pub use error::ExecuteError;
pub use pool::{PoolSettings, PoolUsage};
pub use postgres::{PostgresError, ServerMessage};
pub use run::{execute, execute_for, rows};
pub use transaction::{RowSecurity, Transaction};
pub use violation::{Violation, ViolationKind};

use std::time::Duration;

use futures_util::future::BoxFuture;

use plan::value::{Row, RowError};

/// How long a request waits for a permit to begin a transaction.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long the program waits beyond a statement's time limit before it takes the database to be unreachable.
pub const GRACE: Duration = Duration::from_secs(1);

/// A random number for jitter. It need not be a good one: the hash of nothing, with a seed that differs from call to
/// call, is enough.
pub fn jitter() -> u32 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let hash = std::collections::hash_map::RandomState::new().build_hasher().finish();
    (hash >> 32) as u32
}

/// Receives the rows of a statement.
pub trait RowSink: Send {
    /// Takes one row.
    fn row(&mut self, row: &dyn Row) -> Result<(), RowError>;

    /// A future to await before more rows are read, if the receiver needs time.
    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        None
    }
}

impl<F: FnMut(&dyn Row) -> Result<(), RowError> + Send> RowSink for F {
    fn row(&mut self, row: &dyn Row) -> Result<(), RowError> {
        self(row)
    }
}

//! Runs a plan: statements to a database, rows to JSON text. Only this module holds a connection.

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

/// How long a request waits for its turn.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How much longer than a statement's time limit the program waits for a database that does not keep it.
pub const GRACE: Duration = Duration::from_secs(1);

/// Jitter needs no good randomness: the hash of nothing, with the process's own seed, differs from call to call.
pub fn jitter() -> u32 {
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

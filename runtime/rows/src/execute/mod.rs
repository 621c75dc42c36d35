//! Runs a plan: sends its statements to the database and writes the rows as JSON text. Only this module holds
//! connections.

mod database;
mod driver;
mod error;
mod levels;
mod mysql;
mod pool;
mod postgres;
mod postgres_error;
mod postgres_run;
mod postgres_transaction;
mod row_security;
mod run;
mod settings;
mod sqlite;
mod transaction;
mod violation;

pub use database::{ConnectError, Database};
pub use error::ExecuteError;
pub use pool::{PoolSettings, PoolUsage};
pub use postgres_error::{PostgresError, ServerMessage};
pub use row_security::RowSecurity;
pub use run::{execute, execute_for, rows};
pub use settings::{ConnectSettings, PreparedStatements, STATEMENT_TIMEOUT};
pub use transaction::Transaction;
pub use violation::{Violation, ViolationKind};

use std::time::Duration;

use futures_util::future::BoxFuture;

use plan::value::{Row, RowError};

/// How long a request waits for a permit to begin a transaction.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long the program waits beyond a statement's time limit before it takes the database to be unreachable.
pub const GRACE: Duration = Duration::from_secs(1);

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

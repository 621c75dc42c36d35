//! `PostgreSQL` over a connection of our own: what can be sent together is, and a snapshot costs no round trip.

mod connection;
mod error;
mod parameters;
mod startup;
mod stream;
mod transaction;
mod values;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::Config;

use super::keys::Keys;
use super::level::LevelRows;
use super::run::{Given, bind_value};
use super::{BindValue, Database, ExecuteError, PATIENCE, RowError, RowSink};
use crate::plan::{Level, Plan, Statement};
use connection::{BatchSink, Connection, End, Query, WireRow};

pub use error::{PostgresError, ServerMessage};
pub(super) use transaction::PostgresTransaction;

/// Connections, each with one request at a time.
#[derive(Debug)]
pub(super) struct PostgresPool {
    config: Config,
    statement_timeout: Duration,
    idle: Mutex<Vec<Connection>>,
    size: usize,
    permits: Arc<Semaphore>,
}

/// A connection on loan. It goes back unless it was left in the middle of something.
#[derive(Debug)]
struct Loan {
    pool: Arc<PostgresPool>,
    connection: Option<Connection>,
    /// Whether it served another request before, so that the server may have closed it since.
    reused: bool,
    settled: bool,
    _permit: OwnedSemaphorePermit,
}

impl PostgresPool {
    /// A pool with one connection made, so that a mistake shows here.
    pub(super) async fn connect(
        config: Config,
        size: usize,
        statement_timeout: Duration,
    ) -> Result<Self, PostgresError> {
        let pool =
            Self { config, statement_timeout, idle: Mutex::default(), size, permits: Arc::new(Semaphore::new(size)) };
        let first = pool.open().await?;
        pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(first);
        Ok(pool)
    }

    async fn open(&self) -> Result<Connection, PostgresError> {
        let opened = tokio::time::timeout(PATIENCE, Connection::open(&self.config, self.statement_timeout));
        opened.await.map_err(|_| PostgresError::Timeout)?
    }

    async fn acquire(self: &Arc<Self>) -> Result<Loan, ExecuteError> {
        let permit = if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            permit
        } else {
            let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
            permit.await.ok().and_then(Result::ok).ok_or(ExecuteError::NoConnection)?
        };
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reused = idle.is_some();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open().await?,
        };
        Ok(Loan { pool: Arc::clone(self), connection: Some(connection), reused, settled: true, _permit: permit })
    }

    /// Asks the database for nothing.
    pub(super) async fn ping(self: &Arc<Self>) -> Result<(), ExecuteError> {
        let mut loan = self.acquire().await?;
        loan.settled = false;
        loan.connection().command("").await?;
        loan.settled = true;
        Ok(())
    }

    /// Takes no more requests, and lets the idle connections go.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Connections in use and idle, those that are idle, and the most there may be.
    pub(super) fn usage(&self) -> (usize, usize, usize) {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).len();
        let used = self.size.saturating_sub(self.permits.available_permits());
        (used + idle, idle, self.size)
    }

    /// Runs all levels of a plan: those of one depth together, all in one snapshot.
    pub(super) async fn run(
        self: &Arc<Self>,
        database: &Database,
        plan: &Plan,
        given: Given<'_>,
        written: &mut [LevelRows],
    ) -> Result<(), ExecuteError> {
        if plan.levels.is_empty() {
            return Ok(());
        }
        let mut loan = self.acquire().await?;
        for depth in 0..=plan.depth {
            loop {
                loan.settled = false;
                let end = if depth == plan.depth { End::Sync } else { End::Open };
                let outcome = run_depth(database, loan.connection(), (&[], end), plan, depth, given, written).await;
                loan.settled = match outcome {
                    Ok(()) => end == End::Sync,
                    Err(_) => !loan.connection().is_broken(),
                };
                match outcome {
                    Ok(()) => break,
                    Err(error) if depth == 0 && loan.was_closed(&error) && written.iter().all(LevelRows::is_empty) => {
                        // Nothing was read from it: the server closed it while it was idle, and the others with it.
                        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
                        drop(loan);
                        loan = self.acquire().await?;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Runs one level and hands each row over.
    pub(super) async fn each_row(
        self: &Arc<Self>,
        database: &Database,
        level: &Level,
        given: Given<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<(), ExecuteError> {
        let mut loan = self.acquire().await?;
        loop {
            loan.settled = false;
            let query = Query { sql: &level.statement.sql, binds: binds(&level.statement, given) };
            database.count_statement();
            let mut counted = Counted { rows: 0, own: 0, sink };
            let outcome = loan.connection().batch(std::slice::from_ref(&query), End::Sync, &mut counted).await;
            let rows = counted.rows;
            loan.settled = !loan.connection().is_broken();
            match outcome {
                Err(error) if rows == 0 && loan.was_closed(&error) => {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
                    drop(loan);
                    loan = self.acquire().await?;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Sends the statements of one depth together, behind those that come before them.
async fn run_depth(
    database: &Database,
    connection: &mut Connection,
    (before, end): (&[Query<'_>], End),
    plan: &Plan,
    depth: usize,
    given: Given<'_>,
    written: &mut [LevelRows],
) -> Result<(), ExecuteError> {
    let mut queries: Vec<Query<'_>> = before.to_vec();
    let mut places = Vec::new();
    for (at, level) in plan.levels.iter().enumerate().filter(|(_, level)| level.depth == depth) {
        let keys = level.parent.map_or(given.keys, |parent| Some(&written[parent.level].keys[parent.child]));
        if level.select.link.is_some() && keys.is_none_or(Keys::is_empty) {
            continue;
        }
        places.push(at);
        queries.push(Query { sql: &level.statement.sql, binds: binds(&level.statement, Given { keys, ..given }) });
        database.count_statement();
    }
    let mut sink = Levels { plan, places: &places, before: before.len(), written };
    connection.batch(&queries, end, &mut sink).await
}

/// Writes the rows of several statements into their levels.
struct Levels<'l> {
    plan: &'l Plan,
    /// For each statement its level.
    places: &'l [usize],
    /// How many statements stand before them.
    before: usize,
    written: &'l mut [LevelRows],
}

impl BatchSink for Levels<'_> {
    fn row(&mut self, query: usize, row: &WireRow<'_>) -> Result<(), RowError> {
        let Some(&at) = query.checked_sub(self.before).and_then(|query| self.places.get(query)) else { return Ok(()) };
        self.written[at].push(&self.plan.levels[at], row)
    }
}

/// Hands the rows of one statement on, and counts them.
struct Counted<'s> {
    rows: usize,
    /// The place of the statement.
    own: usize,
    sink: &'s mut dyn RowSink,
}

impl BatchSink for Counted<'_> {
    fn row(&mut self, query: usize, row: &WireRow<'_>) -> Result<(), RowError> {
        if query != self.own {
            return Ok(());
        }
        self.rows += 1;
        self.sink.row(row)
    }

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        self.sink.pause()
    }
}

fn binds(statement: &Statement, given: Given<'_>) -> Vec<BindValue> {
    statement.binds.iter().map(|bind| bind_value(*bind, given.values, given.keys)).collect()
}

impl Loan {
    /// Whether an error says that the server had closed the connection before it was asked.
    fn was_closed(&self, error: &ExecuteError) -> bool {
        let is_terminated = |error: &PostgresError| error.code() == Some("57P01");
        self.reused
            && matches!(error, ExecuteError::Postgres(error) if matches!(error, PostgresError::Io(_)) || is_terminated(error))
    }

    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("invariant: it is taken only when the loan ends")
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.settled {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            return;
        }
        // The request is gone or failed: what the server still does for it is cancelled, and the connection, whose
        // state is not known, is closed.
        if let Ok(handle) = tokio::runtime::Handle::try_current() {
            let config = self.pool.config.clone();
            handle.spawn(async move {
                // If it cannot be cancelled, closing the connection ends it all the same, only later.
                let _ = tokio::time::timeout(PATIENCE, startup::cancel(&config, connection.session())).await;
                drop(connection);
            });
        }
    }
}

//! What the executor needs of a driver that sqlx has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::BoxStream;
use meta::Kind;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySql, Sqlite};

use super::GRACE;
use super::mysql::{MysqlConnection, MysqlConnector};
use super::pool::Connector;
use super::sqlite::{SqliteConnection, SqliteConnector};
use crate::connect::MYSQL_STATEMENTS;
use plan::value::{BindValue, Cell, Row, RowError};

/// A driver of sqlx's.
pub(super) trait Driver: sqlx::Database<Arguments: Send> {
    /// Makes its connections.
    type Connector: Connector;

    /// Begins a transaction whose reads all see the same moment.
    const SNAPSHOT: &'static str;

    /// Values in the order of the placeholders.
    fn arguments(values: Vec<BindValue>) -> Result<Self::Arguments, sqlx::Error>;

    /// A value of a row, in the common form for a kind.
    fn cell(row: &Self::Row, at: usize, kind: Kind) -> Result<Cell<'_>, RowError>;

    /// The rows of one statement.
    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        sql: &Arc<str>,
        arguments: Self::Arguments,
    ) -> BoxStream<'c, Result<Self::Row, sqlx::Error>>;

    /// Runs a command that begins or ends a transaction.
    fn command(
        connection: &mut Self::Connection,
        sql: &'static str,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// sqlx's part of a connection.
    fn inner(connection: &mut <Self::Connector as Connector>::Connection) -> &mut Self::Connection;

    /// How long the database may be silent while a statement runs; `None` for one in this process.
    fn patience(timeout: Duration) -> Option<Duration>;

    /// Lets the connection's statements end after a time, and when the guard is dropped.
    fn limit(
        connection: &mut Self::Connection,
        timeout: Duration,
    ) -> impl Future<Output = Result<Option<Running>, sqlx::Error>> + Send;
}

/// A row of a driver, as the plan's program reads it.
#[derive(Debug)]
pub(super) struct DriverRow<'r, D: Driver>(pub(super) &'r D::Row);

impl<D: Driver> Row for DriverRow<'_, D> {
    fn cell(&self, at: usize, kind: Kind) -> Result<Cell<'_>, RowError> {
        D::cell(self.0, at, kind)
    }
}

/// A request's statements: they end with this value.
#[derive(Debug)]
pub(super) struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many of its virtual machine's instructions `SQLite` runs before it asks whether to go on.
const INSTRUCTIONS: i32 = 10_000;

impl Driver for MySql {
    type Connector = MysqlConnector;

    /// A snapshot needs this isolation, whatever the server's default is.
    const SNAPSHOT: &'static str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                                    START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

    fn arguments(values: Vec<BindValue>) -> Result<Self::Arguments, sqlx::Error> {
        super::mysql::arguments(values)
    }

    fn cell(row: &Self::Row, at: usize, kind: Kind) -> Result<Cell<'_>, RowError> {
        super::mysql::cell(row, at, kind)
    }

    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        sql: &Arc<str>,
        arguments: Self::Arguments,
    ) -> BoxStream<'c, Result<Self::Row, sqlx::Error>> {
        sqlx::query_with::<Self, _>(AssertSqlSafe(Arc::clone(sql)), arguments).fetch(connection)
    }

    async fn command(connection: &mut Self::Connection, sql: &'static str) -> Result<(), sqlx::Error> {
        connection.execute(sqlx::raw_sql(sql)).await.map(drop)
    }

    fn inner(connection: &mut MysqlConnection) -> &mut Self::Connection {
        &mut connection.inner
    }

    fn patience(timeout: Duration) -> Option<Duration> {
        Some(timeout + GRACE)
    }

    /// The server counts the time itself, since the connection was made.
    ///
    /// Prepared statements go all at once before there is no room for another. The driver would close one for each new
    /// one, and send what follows only when the server has acknowledged that, which takes it 40 ms.
    async fn limit(connection: &mut sqlx::MySqlConnection, _: Duration) -> Result<Option<Running>, sqlx::Error> {
        if connection.cached_statements_size() > MYSQL_STATEMENTS / 2 {
            connection.clear_cached_statements().await?;
        }
        Ok(None)
    }
}

impl Driver for Sqlite {
    type Connector = SqliteConnector;

    const SNAPSHOT: &'static str = "BEGIN";

    fn arguments(values: Vec<BindValue>) -> Result<Self::Arguments, sqlx::Error> {
        super::sqlite::arguments(values)
    }

    fn cell(row: &Self::Row, at: usize, kind: Kind) -> Result<Cell<'_>, RowError> {
        super::sqlite::cell(row, at, kind)
    }

    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        sql: &Arc<str>,
        arguments: Self::Arguments,
    ) -> BoxStream<'c, Result<Self::Row, sqlx::Error>> {
        sqlx::query_with::<Self, _>(AssertSqlSafe(Arc::clone(sql)), arguments).fetch(connection)
    }

    async fn command(connection: &mut Self::Connection, sql: &'static str) -> Result<(), sqlx::Error> {
        connection.execute(sqlx::raw_sql(sql)).await.map(drop)
    }

    fn inner(connection: &mut SqliteConnection) -> &mut Self::Connection {
        &mut connection.inner
    }

    fn patience(_: Duration) -> Option<Duration> {
        None
    }

    async fn limit(connection: &mut sqlx::SqliteConnection, timeout: Duration) -> Result<Option<Running>, sqlx::Error> {
        let gone = Arc::new(AtomicBool::new(false));
        let (asked, deadline) = (Arc::clone(&gone), Instant::now() + timeout);
        let mut handle = connection.lock_handle().await?;
        handle.set_progress_handler(INSTRUCTIONS, move || {
            !asked.load(Ordering::Relaxed) && Instant::now() < deadline
        });
        Ok(Some(Running(gone)))
    }
}

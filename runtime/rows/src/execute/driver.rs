//! What the executor needs from a driver of sqlx.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::BoxStream;
use meta::Kind;
use plan::bind::json_list;
use sqlx::{Arguments as _, AssertSqlSafe, Connection as _, Executor as _, MySql, Sqlite};

use super::GRACE;
use super::mysql::{MysqlConnection, MysqlConnector};
use super::pool::Connector;
use super::sqlite::{SqliteConnection, SqliteConnector};
use crate::connect::MYSQL_STATEMENTS;
use plan::value::{BindValue, Cell, Row, RowError};

/// A database driver of sqlx.
pub(super) trait Driver: sqlx::Database<Arguments: Send> {
    /// Opens the driver's connections.
    type Connector: Connector;

    /// The SQL that begins a transaction whose reads all see the same state of the database.
    const SNAPSHOT: &'static str;

    /// The driver's arguments for values in the order of the placeholders.
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

    /// The sqlx connection inside of a pooled one.
    fn inner(connection: &mut <Self::Connector as Connector>::Connection) -> &mut Self::Connection;

    /// How long the database may be silent while a statement runs; `None`, without a limit, if it runs in this process.
    fn silence_limit(timeout: Duration) -> Option<Duration>;

    /// Ends the connection's statements after `timeout`, and when the returned guard is dropped.
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

/// A guard for a request's statements: they end when it is dropped.
#[derive(Debug)]
pub(super) struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many instructions of its virtual machine SQLite runs between two checks of the time limit.
const INSTRUCTIONS: i32 = 10_000;

/// The methods that are the same for every driver of sqlx's, but for its types.
macro_rules! through_sqlx {
    ($module:ident) => {
        fn arguments(values: Vec<BindValue>) -> Result<Self::Arguments, sqlx::Error> {
            let mut arguments = Self::Arguments::default();
            for value in values {
                match value {
                    BindValue::Null => arguments.add(Option::<String>::None),
                    BindValue::Bool(value) => arguments.add(value),
                    BindValue::Int(value) => arguments.add(value),
                    BindValue::Float(value) => arguments.add(value),
                    BindValue::Text(value) => arguments.add(value),
                    BindValue::Label(value) => arguments.add(value),
                    BindValue::Bytes(value) => arguments.add(value),
                    BindValue::Ints(value) => arguments.add(json_list(&value)),
                    BindValue::Texts(value) => arguments.add(json_list(&value)),
                }
                .map_err(sqlx::Error::Encode)?;
            }
            Ok(arguments)
        }

        fn cell(row: &Self::Row, at: usize, kind: Kind) -> Result<Cell<'_>, RowError> {
            super::$module::cell(row, at, kind)
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
    };
}

impl Driver for MySql {
    type Connector = MysqlConnector;

    /// A snapshot needs this isolation, whatever the server's default is.
    const SNAPSHOT: &'static str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                                    START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

    through_sqlx!(mysql);

    fn inner(connection: &mut MysqlConnection) -> &mut Self::Connection {
        &mut connection.inner
    }

    fn silence_limit(timeout: Duration) -> Option<Duration> {
        Some(timeout + GRACE)
    }

    /// The server enforces the time limit itself; it was set when the connection was opened.
    ///
    /// All prepared statements are dropped at once before the cache is full. The driver would otherwise close one for
    /// each new one, and send the next message only after the server has acknowledged that, which takes 40 ms.
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

    through_sqlx!(sqlite);

    fn inner(connection: &mut SqliteConnection) -> &mut Self::Connection {
        &mut connection.inner
    }

    fn silence_limit(_: Duration) -> Option<Duration> {
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

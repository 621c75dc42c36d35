//! A connection pool to one of the three databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{MySql, MySqlPool, Sqlite, SqlitePool};

use super::postgres::PostgresPool;
use super::{BindValue, ExecuteError, PostgresError, RowSecurity};
use crate::sql::Dialect;
use tokio::sync::Semaphore;

/// Prepared statements kept on each connection.
const STATEMENTS: usize = 256;

/// How long a statement may run, unless the program says otherwise.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// A database to answer from. Clones share the pool.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) pool: Pool,
    statements: Arc<AtomicU64>,
    pub(super) statement_timeout: Duration,
    /// How many transactions there may be at once: one on `SQLite`, which has one writer; elsewhere one less than there
    /// are connections, so that what is read beside a transaction finds one.
    pub(super) turns: Arc<Semaphore>,
    pub(super) row_security: Option<Arc<RowSecurity>>,
}

/// The pool of one driver.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    Postgres(Arc<PostgresPool>),
    Mysql(MySqlPool),
    Sqlite(SqlitePool),
}

/// What the executor needs of a driver.
pub(super) trait Driver: sqlx::Database {
    /// Begins a transaction whose reads all see the same moment.
    const SNAPSHOT: &'static str;

    /// Values in the order of the placeholders.
    fn arguments(values: Vec<BindValue>) -> Result<Self::Arguments, sqlx::Error>;

    /// Lets the connection's statements end after a time, and when the guard is dropped.
    fn limit(
        connection: &mut Self::Connection,
        timeout: Duration,
    ) -> impl Future<Output = Result<Option<Running>, sqlx::Error>> + Send;
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
    const SNAPSHOT: &'static str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

    fn arguments(values: Vec<BindValue>) -> Result<Self::Arguments, sqlx::Error> {
        super::mysql::arguments(values)
    }

    /// The server counts the time itself, since the connection was made.
    async fn limit(_: &mut sqlx::MySqlConnection, _: Duration) -> Result<Option<Running>, sqlx::Error> {
        Ok(None)
    }
}

impl Driver for Sqlite {
    const SNAPSHOT: &'static str = "BEGIN";

    fn arguments(values: Vec<BindValue>) -> Result<Self::Arguments, sqlx::Error> {
        super::sqlite::arguments(values)
    }

    async fn limit(connection: &mut sqlx::SqliteConnection, timeout: Duration) -> Result<Option<Running>, sqlx::Error> {
        let gone = Arc::new(AtomicBool::new(false));
        let (asked, deadline) = (Arc::clone(&gone), Instant::now() + timeout);
        let mut handle = connection.lock_handle().await?;
        handle.set_progress_handler(INSTRUCTIONS, move || !asked.load(Ordering::Relaxed) && Instant::now() < deadline);
        Ok(Some(Running(gone)))
    }
}

/// Why a database could not be reached. The text holds no password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL's scheme is none of the three.
    #[error("`{0}:` is no database this program knows; use postgres://, mysql:// or sqlite://")]
    Scheme(String),
    /// The URL does not parse.
    #[error("the database URL does not parse")]
    Malformed(#[source] sqlx::Error),
    /// No connection.
    #[error("cannot connect to the database")]
    Connect(#[source] sqlx::Error),
    /// A `PostgreSQL` URL that does not parse.
    #[error("the database URL does not parse")]
    PostgresUrl(#[source] tokio_postgres::Error),
    /// No connection to `PostgreSQL`.
    #[error("cannot connect to the database")]
    Postgres(#[source] PostgresError),
}

impl Database {
    /// Connects to `postgres://`, `mysql://`, `mariadb://` or `sqlite://`; one connection is made at once, so that a
    /// mistake shows here.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        Self::connect_with(url, max_connections, STATEMENT_TIMEOUT).await
    }

    /// The same, with the time after which the database ends a statement.
    pub async fn connect_with(
        url: &str,
        max_connections: u32,
        statement_timeout: Duration,
    ) -> Result<Self, ConnectError> {
        let scheme = url.split(':').next().unwrap_or_default();
        let pool = match scheme {
            "postgres" | "postgresql" => {
                // The driver knows one mode with TLS, and its certificate is always checked.
                let url = url
                    .replace("sslmode=verify-full", "sslmode=require")
                    .replace("sslmode=verify-ca", "sslmode=require");
                let config: tokio_postgres::Config = url.parse().map_err(ConnectError::PostgresUrl)?;
                let pool = PostgresPool::connect(config, max_connections as usize, statement_timeout).await;
                Pool::Postgres(Arc::new(pool.map_err(ConnectError::Postgres)?))
            }
            "mysql" | "mariadb" => {
                let url = url.replacen("mariadb:", "mysql:", 1);
                let options: MySqlConnectOptions = url.parse().map_err(ConnectError::Malformed)?;
                let pool = MySqlPoolOptions::new()
                    .max_connections(max_connections)
                    .acquire_timeout(Duration::from_secs(10))
                    .test_before_acquire(false)
                    .after_connect(move |connection, _| Box::pin(limit_statements(connection, statement_timeout)))
                    .connect_with(options.statement_cache_capacity(STATEMENTS));
                Pool::Mysql(pool.await.map_err(ConnectError::Connect)?)
            }
            "sqlite" => {
                let options: SqliteConnectOptions = url.parse().map_err(ConnectError::Malformed)?;
                let options = options
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(5))
                    .statement_cache_capacity(STATEMENTS)
                    .with_regexp();
                let in_memory = url.contains(":memory:") || url.contains("mode=memory");
                let options = if in_memory { options } else { options.journal_mode(SqliteJournalMode::Wal) };
                let pool = SqlitePoolOptions::new()
                    .max_connections(if in_memory { 1 } else { max_connections })
                    .acquire_timeout(Duration::from_secs(10))
                    .test_before_acquire(false)
                    .connect_with(options);
                Pool::Sqlite(pool.await.map_err(ConnectError::Connect)?)
            }
            other => return Err(ConnectError::Scheme(other.chars().take(40).collect())),
        };
        let turns = match pool {
            Pool::Sqlite(_) => 1,
            _ => (max_connections as usize).saturating_sub(1).max(1),
        };
        Ok(Self {
            pool,
            statements: Arc::default(),
            statement_timeout,
            turns: Arc::new(Semaphore::new(turns)),
            row_security: None,
        })
    }

    /// Lets `PostgreSQL`'s row-level security decide who sees what: each request runs as one of these roles. The other
    /// databases have none, and take no notice.
    #[must_use]
    pub fn with_row_security(self, security: RowSecurity) -> Self {
        Self { row_security: Some(Arc::new(security)), ..self }
    }

    /// How the database spells SQL.
    pub fn dialect(&self) -> &'static Dialect {
        match self.pool {
            Pool::Postgres(_) => &Dialect::POSTGRES,
            Pool::Mysql(_) => &Dialect::MYSQL,
            Pool::Sqlite(_) => &Dialect::SQLITE,
        }
    }

    /// The number of statements that were sent for rows since the pool was made.
    pub fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Connections there are, those of them that are idle, and the most there may be.
    pub fn pool_usage(&self) -> (usize, usize, usize) {
        match &self.pool {
            Pool::Postgres(pool) => pool.usage(),
            Pool::Mysql(pool) => (pool.size() as usize, pool.num_idle(), pool.options().get_max_connections() as usize),
            Pool::Sqlite(pool) => {
                (pool.size() as usize, pool.num_idle(), pool.options().get_max_connections() as usize)
            }
        }
    }

    /// Asks the database for nothing; an error if it does not answer.
    pub async fn ping(&self) -> Result<(), ExecuteError> {
        match &self.pool {
            Pool::Postgres(pool) => pool.ping().await,
            Pool::Mysql(pool) => Ok(sqlx::query("SELECT 1").execute(pool).await.map(drop)?),
            Pool::Sqlite(pool) => Ok(sqlx::query("SELECT 1").execute(pool).await.map(drop)?),
        }
    }

    /// Closes all connections after their last answer.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Postgres(pool) => pool.close(),
            Pool::Mysql(pool) => pool.close().await,
            Pool::Sqlite(pool) => pool.close().await,
        }
    }

    pub(super) fn count_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }
}

/// Lets the server end statements that run for too long: `MariaDB` counts seconds, `MySQL` milliseconds.
async fn limit_statements(connection: &mut sqlx::MySqlConnection, timeout: Duration) -> Result<(), sqlx::Error> {
    let seconds = format!("SET SESSION max_statement_time = {}", timeout.as_secs_f64());
    if sqlx::raw_sql(sqlx::AssertSqlSafe(seconds)).execute(&mut *connection).await.is_ok() {
        return Ok(());
    }
    let seconds = timeout.as_secs().max(1);
    let lock = format!("SET SESSION innodb_lock_wait_timeout = {seconds}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut *connection).await?;
    let milliseconds = format!("SET SESSION max_execution_time = {}", timeout.as_millis());
    sqlx::raw_sql(sqlx::AssertSqlSafe(milliseconds)).execute(connection).await.map(drop)
}

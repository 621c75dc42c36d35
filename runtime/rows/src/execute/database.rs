//! A connection pool to one of the three databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{MySql, Sqlite};
use tokio::sync::Semaphore;

use super::driver::Driver;
use super::mysql::MysqlConnector;
use super::pool::{Pool, PoolSettings, PoolUsage};
use super::postgres::PostgresConnector;
use super::sqlite::SqliteConnector;
use super::{ConnectSettings, ExecuteError, GRACE, PostgresError, RowSecurity, postgres};
use crate::connect::{Environment, Target, TargetError, mysql_options};
use plan::dialect::Dialect;

/// A database, with a pool of connections to it. Clones share the pool.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) pools: Pools,
    place: Arc<str>,
    user: Arc<str>,
    statements: Arc<AtomicU64>,
    pub(super) statement_timeout: Duration,
    /// Permits for transactions: one on SQLite, which has one writer; elsewhere one less than the maximum number of
    /// connections, so that reads beside a transaction find one.
    pub(super) transaction_permits: Arc<Semaphore>,
    /// Permits for heavy requests: an eighth of the maximum number of connections, so that other requests find one.
    pub(super) heavy: Arc<Semaphore>,
    pub(super) row_security: Option<Arc<RowSecurity>>,
}

/// The pool of one driver.
#[derive(Debug, Clone)]
pub(super) enum Pools {
    Postgres(Arc<Pool<PostgresConnector>>),
    Mysql(Arc<Pool<MysqlConnector>>),
    Sqlite(Arc<Pool<SqliteConnector>>),
}

/// Why connecting to a database failed. The text contains no password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is not valid.
    #[error("{0}; {hint}", hint = .0.hint())]
    Url(#[from] TargetError),
    /// TLS cannot be set up as the URL requires.
    #[error("cannot connect to the database at {target}: {cause}")]
    Tls {
        /// Where the database is.
        target: String,
        /// What is wrong.
        cause: PostgresError,
    },
    /// The connection failed.
    #[error("cannot connect to the database at {target}: {}", .cause.cause())]
    Connect {
        /// Where the database is.
        target: String,
        /// The error of the database or of the operating system.
        cause: Box<ExecuteError>,
    },
}

impl Database {
    /// Connects to `postgres://`, `mysql://`, `mariadb://` or `sqlite://`. The first connection is opened at once, so
    /// that a wrong URL fails here.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        let pool = PoolSettings {
            max_connections,
            ..PoolSettings::default()
        };

        Self::connect_with(
            url,
            ConnectSettings {
                pool,
                ..ConnectSettings::default()
            },
        )
        .await
    }

    /// Like [`Database::connect`], with all settings.
    pub async fn connect_with(url: &str, settings: ConnectSettings) -> Result<Self, ConnectError> {
        let target = Target::parse(url, &Environment::of_process())?;
        Self::connect_to(&target, settings).await
    }

    /// Like [`Database::connect_with`], for a URL that is already parsed.
    pub async fn connect_to(target: &Target, settings: ConnectSettings) -> Result<Self, ConnectError> {
        let failed = |cause: ExecuteError| ConnectError::Connect {
            target: target.redacted(),
            cause: Box::new(cause),
        };

        let ConnectSettings {
            mut pool,
            statement_timeout,
            prepared_statements,
        } = settings;

        // A database that accepts no connection counts as unreachable no later than one that does not answer.
        pool.connect_timeout = pool.connect_timeout.min(statement_timeout + GRACE);

        let pools = match target {
            Target::Postgres(server) => {
                let connector = PostgresConnector::new((**server).clone(), statement_timeout, prepared_statements)
                    .map_err(|cause| ConnectError::Tls {
                        target: target.redacted(),
                        cause,
                    })?;
                Pools::Postgres(Pool::connect(connector, pool).await.map_err(failed)?)
            }
            Target::Mysql(server) => {
                let connector = MysqlConnector::new(mysql_options(server), statement_timeout);
                pool.connect_timeout = server.connect_timeout.unwrap_or(pool.connect_timeout);
                Pools::Mysql(Pool::connect(connector, pool).await.map_err(failed)?)
            }
            Target::Sqlite(file) => {
                if file.is_in_memory() {
                    pool.max_connections = 1;
                }
                let connector = SqliteConnector::new(file);
                connector.warn_if_frozen();
                Pools::Sqlite(Pool::connect(connector, pool).await.map_err(failed)?)
            }
        };

        let turns = match pools {
            Pools::Sqlite(_) => 1,
            _ => (pool.max_connections as usize).saturating_sub(1).max(1),
        };

        Ok(Self {
            pools,
            place: target.identity().into(),
            user: target.user().into(),
            statements: Arc::default(),
            statement_timeout,
            transaction_permits: Arc::new(Semaphore::new(turns)),
            heavy: Arc::new(Semaphore::new((pool.max_connections as usize / 8).max(1))),
            row_security: None,
        })
    }

    /// Identifies the database, the same for all programs that use it: hosts, ports and name, or this machine and the
    /// file.
    pub fn identity(&self) -> &str {
        &self.place
    }

    /// The database user that signed in; empty for a file.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Lets PostgreSQL's row-level security decide who sees what: each request runs as one of these roles. Other
    /// databases have no row-level security and ignore it.
    #[must_use]
    pub fn with_row_security(self, security: RowSecurity) -> Self {
        Self {
            row_security: Some(Arc::new(security)),
            ..self
        }
    }

    /// The SQL dialect of the database.
    pub fn dialect(&self) -> &'static Dialect {
        match self.pools {
            Pools::Postgres(_) => &Dialect::POSTGRES,
            Pools::Mysql(_) => &Dialect::MYSQL,
            Pools::Sqlite(_) => &Dialect::SQLITE,
        }
    }

    /// The number of statements that read or wrote rows since the pool was made.
    pub fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The current usage of the connection pool.
    pub fn pool_usage(&self) -> PoolUsage {
        match &self.pools {
            Pools::Postgres(pool) => pool.usage(),
            Pools::Mysql(pool) => pool.usage(),
            Pools::Sqlite(pool) => pool.usage(),
        }
    }

    /// The maximum number of bytes of values in one statement: half of `max_allowed_packet` on MySQL, so that there
    /// is room for the rest of the statement; 8 MiB elsewhere, to bound memory.
    pub fn statement_bytes(&self) -> usize {
        match &self.pools {
            Pools::Mysql(pool) => pool.connector().packet_bytes() / 2,
            Pools::Postgres(_) | Pools::Sqlite(_) => 8 * 1024 * 1024,
        }
    }

    /// Checks that the database answers; an error if it does not.
    pub async fn ping(&self) -> Result<(), ExecuteError> {
        match &self.pools {
            Pools::Postgres(pool) => postgres::ping(pool).await,
            Pools::Mysql(pool) => ping::<MySql>(pool).await,
            Pools::Sqlite(pool) => ping::<Sqlite>(pool).await,
        }
    }

    /// Closes all connections: idle ones at once, the others after their current request.
    pub fn close(&self) {
        match &self.pools {
            Pools::Postgres(pool) => pool.close(),
            Pools::Mysql(pool) => pool.close(),
            Pools::Sqlite(pool) => pool.close(),
        }
    }

    pub(super) fn count_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }
}

async fn ping<D>(pool: &Arc<Pool<D::Connector>>) -> Result<(), ExecuteError>
where
    D: Driver,
    for<'c> &'c mut D::Connection: sqlx::Executor<'c, Database = D>,
{
    use sqlx::Executor as _;
    let mut loan = pool.acquire().await?;
    loan.mark_in_use();
    D::inner(&mut loan).execute(sqlx::raw_sql("SELECT 1")).await?;
    loan.mark_clean();
    Ok(())
}

//! Opens connections for the pool, and sets up their sessions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use crate::connect::MYSQL_SESSION;
use crate::execute::ExecuteError;
use crate::execute::pool::{Connector, Pool};

/// How long ending another connection's statement may take.
const CANCELLATION: Duration = Duration::from_secs(5);

/// Opens connections to one server.
#[derive(Debug)]
pub(in crate::execute) struct MysqlConnector {
    options: MySqlConnectOptions,
    statement_timeout: Duration,
    /// The server's `max_allowed_packet` in bytes, as the newest connection read it.
    packet_bytes: AtomicUsize,
}

/// A connection whose session is set up.
#[derive(Debug)]
pub(in crate::execute) struct MysqlConnection {
    pub(in crate::execute) inner: MySqlConnection,
    /// The server's number of the connection, for `KILL`.
    id: u64,
    /// The SQL that begins a transaction that may write.
    pub(in crate::execute) begin: &'static str,
}

/// Begins a transaction that may write. The first command applies only to the next transaction, so both are sent
/// together. They set no access mode: the database's owner decides whether it may write.
const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";
/// The same for a server whose binary log holds statements: it refuses changes under `READ COMMITTED`.
const BEGIN_LOGGED: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION";

impl MysqlConnector {
    pub(in crate::execute) fn new(options: MySqlConnectOptions, statement_timeout: Duration) -> Self {
        Self {
            options,
            statement_timeout,
            packet_bytes: AtomicUsize::new(1024 * 1024),
        }
    }

    /// The maximum number of bytes that the server accepts at once.
    pub(in crate::execute) fn packet_bytes(&self) -> usize {
        self.packet_bytes.load(Ordering::Relaxed)
    }
}

impl Connector for MysqlConnector {
    type Connection = MysqlConnection;

    async fn connect(&self) -> Result<MysqlConnection, ExecuteError> {
        let mut inner = MySqlConnection::connect_with(&self.options).await?;
        inner.execute(MYSQL_SESSION).await?;
        limit_statements(&mut inner, self.statement_timeout).await?;

        let row = inner
            .fetch_one("SELECT CONNECTION_ID(), CAST(@@max_allowed_packet AS UNSIGNED)")
            .await?;
        let id: u64 = row.try_get(0)?;
        self.packet_bytes
            .store(row.try_get::<u64, _>(1)? as usize, Ordering::Relaxed);

        let logs_statements = inner
            .fetch_one("SELECT @@log_bin = 1 AND @@binlog_format = 'STATEMENT'")
            .await
            .and_then(|row| row.try_get::<i64, _>(0))
            .is_ok_and(|on| on == 1);

        Ok(MysqlConnection {
            inner,
            id,
            begin: if logs_statements { BEGIN_LOGGED } else { BEGIN },
        })
    }

    fn is_open(&self, _: &mut MysqlConnection) -> bool {
        true
    }

    fn abandon(self: Arc<Self>, _: Weak<Pool<Self>>, connection: MysqlConnection) {
        let Ok(handle) = tokio::runtime::Handle::try_current() else {
            return;
        };
        handle.spawn(async move {
            let ended = async {
                let mut other = MySqlConnection::connect_with(&self.options).await?;
                // An error is ignored: the connection may have ended by itself.
                let kill = format!("KILL {}", connection.id);
                let _ = other.execute(sqlx::raw_sql(AssertSqlSafe(kill))).await;
                other.close().await
            };
            // If it cannot be ended, the server's own time limit ends it.
            let _ = tokio::time::timeout(CANCELLATION, ended).await;
            drop(connection);
        });
    }
}

/// Makes the server end statements that run too long, and waits for locks after a third of that time. MariaDB takes
/// seconds, MySQL milliseconds. A tighter limit that the owner has set stays in force.
async fn limit_statements(connection: &mut MySqlConnection, timeout: Duration) -> Result<(), sqlx::Error> {
    let lock = (timeout.as_secs() / 3).max(1);
    let lock = format!("SET SESSION innodb_lock_wait_timeout = LEAST(@@innodb_lock_wait_timeout, {lock})");
    connection.execute(sqlx::raw_sql(AssertSqlSafe(lock))).await?;

    let tighter = |name: &str, limit: String| {
        format!("SET SESSION {name} = IF(@@{name} = 0 OR @@{name} > {limit}, {limit}, @@{name})")
    };
    let seconds = tighter("max_statement_time", timeout.as_secs_f64().to_string());
    if connection.execute(sqlx::raw_sql(AssertSqlSafe(seconds))).await.is_ok() {
        return Ok(());
    }

    let milliseconds = tighter("max_execution_time", timeout.as_millis().to_string());
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(milliseconds)))
        .await
        .map(drop)
}

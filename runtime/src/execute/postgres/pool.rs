//! What a pool makes connections with.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::connection::Connection;
use super::opening::{cancel, limit_sql, open, session_sql};
use super::{PostgresError, tls};
use crate::connect::{PostgresTarget, SslMode};
use crate::execute::pool::{Connector, Pool};
use crate::execute::{ExecuteError, GRACE, PreparedStatements};

/// How long a cancellation may take.
const CANCELLATION: Duration = Duration::from_secs(5);

/// Makes connections to one target.
#[derive(Debug)]
pub(in crate::execute) struct PostgresConnector {
    pub(super) target: PostgresTarget,
    pub(super) tls: Option<Arc<rustls::ClientConfig>>,
    pub(super) statement_timeout: Duration,
    /// Sets what the program relies on in a session of its own.
    pub(super) session_sql: String,
    /// Sets the time limit in a transaction behind a pooler.
    pub(super) limit_sql: Arc<str>,
    prepared: PreparedStatements,
}

impl PostgresConnector {
    /// Reads the files that TLS needs.
    pub(in crate::execute) fn new(
        target: PostgresTarget,
        statement_timeout: Duration,
        prepared: PreparedStatements,
    ) -> Result<Self, PostgresError> {
        let tls = match target.tls.mode {
            SslMode::Disable => None,
            _ => Some(tls::client_config(&target.tls)?),
        };
        Ok(Self {
            target,
            tls,
            statement_timeout,
            session_sql: session_sql(statement_timeout),
            limit_sql: limit_sql(statement_timeout, true).into(),
            prepared,
        })
    }
}

impl Connector for PostgresConnector {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, ExecuteError> {
        let opened = open(self).await?;
        let is_named = match self.prepared {
            PreparedStatements::Named => true,
            PreparedStatements::Unnamed => false,
            PreparedStatements::Auto => !opened.is_pooled,
        };
        Ok(Connection::new(opened, is_named, self.statement_timeout + GRACE))
    }

    fn is_open(&self, connection: &mut Connection) -> bool {
        connection.is_open()
    }

    fn abandon(self: Arc<Self>, _: Weak<Pool<Self>>, connection: Connection) {
        let Ok(handle) = tokio::runtime::Handle::try_current() else { return };
        handle.spawn(async move {
            let (host, session, is_encrypted) = connection.origin();
            let cancelled = cancel(&self.target, self.tls.as_ref(), host, session, is_encrypted);
            // If it cannot be cancelled, closing the connection ends it all the same, only later.
            let _ = tokio::time::timeout(CANCELLATION, cancelled).await;
            drop(connection);
        });
    }
}

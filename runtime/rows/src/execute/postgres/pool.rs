//! Opens connections for the pool.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::cancel::Canceller;
use super::connection::Connection;
use super::opening::{open, session_sql};
use super::tls;
use crate::connect::{PostgresTarget, SslMode};
use crate::execute::PostgresError;
use crate::execute::pool::{Connector, Pool};
use crate::execute::{ExecuteError, PreparedStatements};

/// Opens connections to one target.
#[derive(Debug)]
pub(in crate::execute) struct PostgresConnector {
    pub(super) target: Arc<PostgresTarget>,
    pub(super) tls: Option<Arc<rustls::ClientConfig>>,
    pub(super) statement_timeout: Duration,
    /// The SQL that sets up a session that belongs to the program alone.
    pub(super) session_sql: String,
    prepared: PreparedStatements,
}

impl PostgresConnector {
    /// A connector for a target. Reads the files that TLS needs, and returns an error if one is not valid.
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
            target: Arc::new(target),
            tls,
            statement_timeout,
            session_sql: session_sql(statement_timeout),
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

        let canceller = Canceller {
            target: Arc::clone(&self.target),
            tls: self.tls.clone(),
            host: opened.host,
            session: opened.session,
            is_encrypted: opened.stream.server_certificate().is_some(),
        };

        Ok(Connection::new(opened, is_named, canceller, self.statement_timeout))
    }

    fn is_open(&self, connection: &mut Connection) -> bool {
        connection.is_open()
    }

    fn abandon(self: Arc<Self>, _: Weak<Pool<Self>>, connection: Connection) {
        let Ok(handle) = tokio::runtime::Handle::try_current() else {
            return;
        };
        handle.spawn(async move {
            // If the statement cannot be cancelled, closing the connection still ends it, only later.
            connection.canceller().cancel().await;
            drop(connection);
        });
    }
}

/// Checks that the database answers.
pub(in crate::execute) async fn ping(pool: &Arc<Pool<PostgresConnector>>) -> Result<(), ExecuteError> {
    let mut loan = pool.acquire().await?;
    loan.mark_in_use();
    loan.command("").await?;
    loan.mark_clean();
    Ok(())
}

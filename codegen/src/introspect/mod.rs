//! Reads a live database into a [`crate::catalog::Catalog`] with a few set-based queries.

mod mysql;
mod postgres;
mod sqlite;
mod sqlite_ddl;

use std::time::Duration;

use crate::catalog::Catalog;

use rows::connect::{mysql_options, sqlite_options, tls_hint};

pub use rows::connect::{Target as DatabaseUrl, TargetError as UrlError};

/// How long a connection may take before the run gives up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IntrospectError {
    /// The URL is not that of a supported database.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The connection failed.
    #[error("cannot connect to `{url}`: {reason}")]
    Connect {
        /// The URL without its password.
        url: String,
        /// The driver's error.
        reason: String,
        /// What to try next.
        hint: &'static str,
    },
    /// A catalog query failed.
    #[error("cannot read the catalog of `{url}`: {source}")]
    Query {
        /// The URL without its password.
        url: String,
        /// The driver's error.
        source: sqlx::Error,
    },
}

impl IntrospectError {
    /// The next step for the reader of the message.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Url(error) => Some(error.hint()),
            Self::Connect { hint, .. } => Some((*hint).to_owned()),
            Self::Query { .. } => Some("the user must be allowed to read the system catalog".into()),
        }
    }
}

/// Reads all namespaces of the database at `url`, except the system's own (MySQL: the connected database).
pub async fn introspect(url: &DatabaseUrl) -> Result<Catalog, IntrospectError> {
    if let Some((parameter, path)) = url.missing_file() {
        return Err(IntrospectError::Connect {
            url: url.redacted(),
            reason: format!("`{parameter}` names the file {}, which does not exist", path.display()),
            hint: "correct the file's path",
        });
    }

    let read = async {
        match url {
            DatabaseUrl::Postgres(target) => postgres::read(target).await,
            DatabaseUrl::Mysql(target) => mysql::read(&mysql_options(target)).await,
            DatabaseUrl::Sqlite(target) => sqlite::read(&sqlite_options(target)).await,
        }
    };

    match tokio::time::timeout(CONNECT_TIMEOUT * 6, read).await {
        Ok(Ok(catalog)) => Ok(catalog.sorted()),
        Ok(Err(Failure::Connect(error))) => Err(connect_error(url, &error)),
        Ok(Err(Failure::Query(source))) => Err(IntrospectError::Query {
            url: url.redacted(),
            source,
        }),
        Err(_) => Err(IntrospectError::Connect {
            url: url.redacted(),
            reason: "no answer within a minute".into(),
            hint: "check whether the server is overloaded, or the address is that of another service",
        }),
    }
}

/// The step of reading that failed; each has its own message.
enum Failure {
    Connect(sqlx::Error),
    Query(sqlx::Error),
}

/// A connection attempt that gives up after [`CONNECT_TIMEOUT`].
async fn connect<C, F>(attempt: F) -> Result<C, Failure>
where
    F: Future<Output = Result<C, sqlx::Error>>,
{
    match tokio::time::timeout(CONNECT_TIMEOUT, attempt).await {
        Ok(result) => result.map_err(Failure::Connect),
        Err(_) => Err(Failure::Connect(sqlx::Error::PoolTimedOut)),
    }
}

fn connect_error(url: &DatabaseUrl, error: &sqlx::Error) -> IntrospectError {
    let (reason, hint) = match error {
        sqlx::Error::PoolTimedOut => (
            "no answer within 10 s".to_owned(),
            "check host and port, and that no firewall blocks the connection",
        ),
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => (
            "connection refused".to_owned(),
            "check that the server is running and the port is right",
        ),
        sqlx::Error::Io(error) => {
            let text = error.to_string();
            let hint = tls_hint(&text).unwrap_or("check the host's name and the network");
            (text, hint)
        }
        sqlx::Error::Database(error) => {
            let mysql_number = error
                .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
                .map(sqlx::mysql::MySqlDatabaseError::number);
            let hint = match error.code().as_deref() {
                Some("28P01" | "28000") => "check user and password in the URL",
                _ if matches!(mysql_number, Some(1044 | 1049)) => "check the database's name, the last part of the URL",
                Some("3D000") => "check the database's name, the last part of the URL",
                Some("14") => "check the file's path; `sqlite://shop.sqlite` is relative to this folder",
                Some("26") => "the file is not an SQLite database",
                _ => "see the server's log for more",
            };
            (error.message().to_owned(), hint)
        }
        other => {
            let text = other.to_string();
            let hint = tls_hint(&text).unwrap_or("see the server's log for more");
            (text, hint)
        }
    };

    IntrospectError::Connect {
        url: url.redacted(),
        reason,
        hint,
    }
}

//! Failures of a statement: one text for the client, the whole for the log.

use sqlx::mysql::MySqlDatabaseError;

use super::PostgresError;
use crate::plan::PlanError;

/// Why a plan could not be run. Its text is for clients; [`ExecuteError::cause`] is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The request's values do not fit.
    #[error(transparent)]
    Input(#[from] PlanError),
    /// The database failed.
    #[error("{}", self.client_message())]
    Database(#[from] sqlx::Error),
    /// `PostgreSQL` failed.
    #[error("{}", self.client_message())]
    Postgres(#[from] PostgresError),
    /// A row that is no value of its Rust type.
    #[error(transparent)]
    Read(crate::rows::ReadError),
    /// The transaction is over, or a statement of it failed.
    #[error("the transaction has ended")]
    Ended,
    /// All connections are busy.
    #[error("no connection to the database was free in time")]
    NoConnection,
    /// A row that does not have the planned form.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// A value that its driver hands over in a form that its kind does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value in place {slot} has not the form of its column's type; generate the code again")]
pub struct RowError {
    /// The place in the row.
    pub slot: usize,
}

const UNAVAILABLE: &str = "DATABASE_UNAVAILABLE";
const TIMEOUT: &str = "TIMEOUT";
const INTERNAL: &str = "INTERNAL_SERVER_ERROR";
const FORBIDDEN: &str = "FORBIDDEN";
const CONFLICT: &str = "CONFLICT";

impl ExecuteError {
    /// `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(error) => error.code,
            Self::Postgres(error) if error.code() == Some("57014") => TIMEOUT,
            // What a role may not do, and rows that row-level security refuses.
            Self::Postgres(error) if error.code() == Some("42501") => FORBIDDEN,
            Self::Postgres(PostgresError::Server(_)) if self.is_conflict() && !self.is_stopping() => CONFLICT,
            Self::Postgres(error) => match error.code().and_then(|code| code.get(..2)) {
                // Data exceptions: a value that the database refuses is the client's.
                Some("22") => "BAD_USER_INPUT",
                // Connection exceptions, and a server that is stopping or starting.
                Some("08" | "57") | None => UNAVAILABLE,
                Some(_) => INTERNAL,
            },
            Self::NoConnection
            | Self::Database(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)) => UNAVAILABLE,
            // `max_statement_time` of MariaDB, `max_execution_time` of MySQL, and SQLite's interruption.
            Self::Database(sqlx::Error::Database(error))
                if matches!(error.code().as_deref(), Some("70100" | "9"))
                    || error.try_downcast_ref::<MySqlDatabaseError>().is_some_and(|error| error.number() == 1205)
                    || error.message().contains("max_statement_time")
                    || error.message().contains("maximum statement execution time") =>
            {
                TIMEOUT
            }
            Self::Database(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code.starts_with("22")) => {
                "BAD_USER_INPUT"
            }
            _ if self.is_conflict() => CONFLICT,
            Self::Row(_) | Self::Read(_) | Self::Database(_) | Self::Ended => INTERNAL,
        }
    }

    /// What the database itself said, for the log.
    pub fn cause(&self) -> String {
        match self {
            Self::Database(error) => error.to_string(),
            Self::Postgres(error) => error.to_string(),
            other => other.to_string(),
        }
    }

    /// Whether the server is going down.
    fn is_stopping(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code().is_some_and(|code| code.starts_with("57")))
    }

    /// The text for the client: nothing of the database's own.
    pub fn client_message(&self) -> String {
        match self.code() {
            UNAVAILABLE => "The database is not available; try again later".into(),
            CONFLICT => "Other requests wrote the same rows again and again; try again".into(),
            FORBIDDEN => "You may not do this".into(),
            TIMEOUT => "The request took longer than the database is allowed to; ask for less".into(),
            INTERNAL => "The request failed on the server; its log has the cause".into(),
            _ => match self {
                Self::Input(error) => error.message.clone(),
                _ => "A value does not fit the type of its column".into(),
            },
        }
    }
}

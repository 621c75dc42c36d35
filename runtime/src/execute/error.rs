//! Failures of a statement: one text for the client, the whole for the log.

use crate::plan::PlanError;

/// Why a plan could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The request's values do not fit.
    #[error(transparent)]
    Input(#[from] PlanError),
    /// The database failed.
    #[error("the database could not answer")]
    Database(#[from] sqlx::Error),
}

impl ExecuteError {
    /// `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(error) => error.code,
            Self::Database(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)) => {
                "DATABASE_UNAVAILABLE"
            }
            // A value that the database refuses is the client's: data exceptions have the SQLSTATE class 22.
            Self::Database(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code.starts_with("22")) => {
                "BAD_USER_INPUT"
            }
            Self::Database(_) => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The text for the client: nothing of the database's own.
    pub fn client_message(&self) -> String {
        match self.code() {
            "DATABASE_UNAVAILABLE" => "The database is not available; try again later".into(),
            "INTERNAL_SERVER_ERROR" => "The request failed on the server; its log has the cause".into(),
            _ => match self {
                Self::Input(error) => error.message.clone(),
                Self::Database(_) => "A value does not fit the type of its column".into(),
            },
        }
    }
}

//! Failures of a statement: a short text for the client, the full cause for the log.

use sqlx::mysql::MySqlDatabaseError;

use super::PostgresError;
use crate::connect::tls_hint;
use meta::Table;
use plan::PlanError;
use plan::answer::TooLarge;
use plan::value::RowError;

/// Why a plan could not be run. Its text is for clients; [`ExecuteError::cause`] is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A value of the request is not valid.
    #[error(transparent)]
    Input(#[from] PlanError),
    /// The database failed.
    #[error("{}", self.client_message())]
    Database(#[from] sqlx::Error),
    /// PostgreSQL failed.
    #[error("{}", self.client_message())]
    Postgres(#[from] PostgresError),
    /// A row that cannot be read as its Rust type.
    #[error(transparent)]
    Read(plan::value::ReadError),
    /// The transaction has ended, or one of its statements failed.
    #[error("the transaction has ended")]
    Ended,
    /// All connections are busy.
    #[error("no connection to the database was free in time")]
    NoConnection,
    /// The database did not answer in time.
    #[error("{}", self.client_message())]
    Silent,
    /// The database is known to be unreachable.
    #[error("{}", self.client_message())]
    Down,
    /// The connection was lost during the commit.
    #[error("{}", self.client_message())]
    OutcomeUnknown(Box<ExecuteError>),
    /// A table differs from the one that the code was generated for.
    #[error("{}", self.client_message())]
    Changed {
        /// The GraphQL type of its rows.
        type_name: &'static str,
        /// What the database said.
        cause: Box<ExecuteError>,
    },
    /// The answer has more than this number of bytes, the most that an answer may have.
    #[error("{}", self.client_message())]
    TooLarge(usize),
    /// A row that does not have the planned form.
    #[error(transparent)]
    Row(#[from] RowError),
}

const UNAVAILABLE: &str = "DATABASE_UNAVAILABLE";
const TIMEOUT: &str = "TIMEOUT";
const INTERNAL: &str = "INTERNAL_SERVER_ERROR";
const FORBIDDEN: &str = "FORBIDDEN";
const CONFLICT: &str = "CONFLICT";
const LIMIT: &str = "LIMIT_EXCEEDED";
const READ_ONLY: &str = "READ_ONLY";
const FULL: &str = "DATABASE_FULL";
const CHANGED: &str = "DATABASE_CHANGED";
const UNKNOWN: &str = "OUTCOME_UNKNOWN";
const BAD_INPUT: &str = "BAD_USER_INPUT";

impl From<TooLarge> for ExecuteError {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error.0)
    }
}

impl ExecuteError {
    /// The value of `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(error) => error.code,
            Self::TooLarge(_) => LIMIT,
            Self::OutcomeUnknown(_) => UNKNOWN,
            Self::Changed { .. } => CHANGED,
            Self::Row(_) | Self::Read(_) | Self::Ended => INTERNAL,
            Self::Postgres(PostgresError::Server(message)) => postgres_code(&message.code, self),
            Self::Postgres(_) | Self::NoConnection | Self::Silent | Self::Down => UNAVAILABLE,
            Self::Database(error) => self.sqlx_code(error),
        }
    }

    fn sqlx_code(&self, error: &sqlx::Error) -> &'static str {
        let sqlx::Error::Database(found) = error else {
            return if self.is_lost_connection() {
                UNAVAILABLE
            } else {
                INTERNAL
            };
        };

        match found.try_downcast_ref::<MySqlDatabaseError>() {
            // A value that the database refuses is the client's error.
            Some(_) if found.code().is_some_and(|state| state.starts_with("22")) => BAD_INPUT,
            Some(known) => mysql_code(known.number(), found.message(), self),
            None => sqlite_code(&found.code().unwrap_or_default(), self),
        }
    }

    /// The database's own message, for the log.
    pub fn cause(&self) -> String {
        match self {
            Self::Database(error) => {
                let text = error.to_string();
                match tls_hint(&text) {
                    Some(hint) => format!("{text}; {hint}"),
                    None => text,
                }
            }
            Self::Postgres(error) => error.to_string(),
            Self::OutcomeUnknown(cause) => cause.cause(),
            Self::Changed { cause, .. } => {
                format!(
                    "{}; run `codegen --db URL` again, then rebuild and restart",
                    cause.cause()
                )
            }
            Self::Silent => "the database did not answer in time".into(),
            Self::Down => "the database is known to be unreachable".into(),
            other => other.to_string(),
        }
    }

    /// The text for the client, without any of the database's own messages.
    pub fn client_message(&self) -> String {
        match self.code() {
            UNAVAILABLE => "The database is not available; try again later".into(),
            CONFLICT => "Other requests kept changing the same rows; try again".into(),
            FORBIDDEN => "You may not do this".into(),
            TIMEOUT => "The request exceeded the database's time limit; ask for less".into(),
            READ_ONLY => "The database is read-only".into(),
            FULL => "The database is out of storage space".into(),
            UNKNOWN => "The connection to the database was lost during the commit: the changes may or may not have \
                        been saved. Read the rows before you send the changes again"
                .into(),
            INTERNAL => "The request failed on the server; its log has the cause".into(),
            _ => match self {
                Self::Input(error) => error.message.clone(),
                Self::TooLarge(most) => {
                    format!("The answer has more than {most} bytes (`max_answer`); ask for fewer rows or fields")
                }
                Self::Changed { type_name, .. } => {
                    format!("The table of `{type_name}` has changed; the server's code must be generated again")
                }
                _ if self.code() == LIMIT => "The request has more bytes than the database accepts at once".into(),
                _ => "A value does not fit the type of its column".into(),
            },
        }
    }

    /// Turns an error about a table that has changed into [`ExecuteError::Changed`], with the table's type.
    pub(super) fn in_table(self, table: &Table) -> Self {
        if self.is_about_tables() {
            Self::Changed {
                type_name: table.type_name,
                cause: Box::new(self),
            }
        } else {
            self
        }
    }

    fn is_about_tables(&self) -> bool {
        match self {
            Self::Row(_) => true,
            // Undefined column, table, function, and object.
            Self::Postgres(error) => matches!(error.code(), Some("42703" | "42P01" | "42883" | "42704")),
            Self::Database(sqlx::Error::Database(error)) => match error.try_downcast_ref::<MySqlDatabaseError>() {
                Some(known) => matches!(known.number(), 1054 | 1146),
                None => error.message().starts_with("no such "),
            },
            _ => false,
        }
    }

    /// Whether the connection was lost, and with it the running statement or transaction.
    pub(super) fn is_lost_connection(&self) -> bool {
        match self {
            Self::Silent
            | Self::Postgres(PostgresError::Io(_) | PostgresError::Timeout)
            | Self::Database(sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed) => true,
            // The server ends the connection: an administrator, a crash, a stop, a time limit on idle ones.
            Self::Postgres(error) => matches!(error.code(), Some("57P01" | "57P02" | "57P05" | "25P03" | "08006")),
            Self::Database(sqlx::Error::Database(error)) => {
                error.try_downcast_ref::<MySqlDatabaseError>().is_some_and(|known| {
                    matches!(
                        known.number(),
                        1053 | 1077 | 1079 | 1080 | 1152 | 1158..=1161 | 1184 | 1927 | 4031
                    )
                })
            }
            _ => false,
        }
    }

    /// Whether the database was silent for too long.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self, Self::Silent | Self::Postgres(PostgresError::Timeout))
    }

    /// Whether the database cannot be reached at the moment.
    pub(super) fn is_unreachable(&self) -> bool {
        match self {
            Self::Silent
            | Self::Postgres(PostgresError::Io(_) | PostgresError::Timeout)
            | Self::Database(sqlx::Error::Io(_)) => true,
            // The server is starting or stopping.
            Self::Postgres(error) => error.code() == Some("57P03"),
            _ => false,
        }
    }

    /// Whether the server accepts no further connection.
    pub(super) fn is_out_of_connections(&self) -> bool {
        match self {
            Self::Postgres(error) => error.code() == Some("53300"),
            Self::Database(sqlx::Error::Database(error)) => error
                .try_downcast_ref::<MySqlDatabaseError>()
                .is_some_and(|known| matches!(known.number(), 1040 | 1203 | 1226)),
            _ => false,
        }
    }

    /// Whether a prepared statement is no longer valid, but may work if it is prepared again.
    pub(super) fn is_stale_statement(&self) -> bool {
        match self {
            Self::Postgres(PostgresError::Server(message)) => message.is_stale_statement(),
            Self::Database(sqlx::Error::Database(error)) => error
                .try_downcast_ref::<MySqlDatabaseError>()
                .is_some_and(|known| matches!(known.number(), 1243 | 1615 | 1412)),
            _ => false,
        }
    }

    /// Whether the same request may succeed if it is run again at once.
    pub(super) fn is_transient(&self) -> bool {
        self.is_stale_statement() || self.is_serialization_failure()
    }

    /// Whether the failed statement left the connection in its previous state.
    pub(super) fn keeps_connection_usable(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(_)) | Self::Input(_)) && !self.is_stale_statement()
    }
}

/// See "PostgreSQL Error Codes" in its documentation.
fn postgres_code(code: &str, error: &ExecuteError) -> &'static str {
    match code {
        "57014" => TIMEOUT,
        // What a role may not do, and rows that row-level security refuses.
        "42501" => FORBIDDEN,
        // A transaction, a standby or a role that only reads.
        "25006" => READ_ONLY,
        "53100" => FULL,
        "53300" | "53200" | "53400" => UNAVAILABLE,
        _ if error.is_conflict() && !code.starts_with("57") => CONFLICT,
        // Data exceptions: a value that the database refuses is the client's error.
        _ if code.starts_with("22") => BAD_INPUT,
        // Connection exceptions, and a server that is stopping or starting.
        _ if code.starts_with("08") || code.starts_with("57") => UNAVAILABLE,
        _ => INTERNAL,
    }
}

/// See "Server Error Message Reference" of MySQL and "MariaDB Error Codes".
fn mysql_code(number: u16, message: &str, error: &ExecuteError) -> &'static str {
    match number {
        // `max_statement_time` of MariaDB, `max_execution_time` of MySQL, and a query that was killed.
        1969 | 3024 | 1317 => TIMEOUT,
        _ if message.contains("max_statement_time") => TIMEOUT,
        1290 | 1792 | 1836 | 3100 => READ_ONLY,
        1021 | 1114 => FULL,
        1040 | 1203 | 1226 | 1461 => UNAVAILABLE,
        1044 | 1142 | 1143 | 1227 | 1356 | 1370 => FORBIDDEN,
        1153 | 1301 => LIMIT,
        // An invalid regular expression.
        1139 | 3685..=3700 => BAD_INPUT,
        _ if error.is_conflict() => CONFLICT,
        _ if error.is_lost_connection() => UNAVAILABLE,
        _ if error.violation().is_some() => BAD_INPUT,
        _ => INTERNAL,
    }
}

/// See "Result and Error Codes" of SQLite; the lowest byte is the primary code.
fn sqlite_code(code: &str, error: &ExecuteError) -> &'static str {
    let code = code.parse::<u32>().unwrap_or(0);
    // A function refused its arguments. Only `REGEXP` does so, for an invalid expression.
    if code == 1043 {
        return BAD_INPUT;
    }

    match code & 0xff {
        9 => TIMEOUT,
        8 => READ_ONLY,
        13 => FULL,
        // A file that cannot be read or opened, is damaged, or is not a database.
        10 | 11 | 14 | 26 => UNAVAILABLE,
        _ if error.is_conflict() => CONFLICT,
        _ => INTERNAL,
    }
}

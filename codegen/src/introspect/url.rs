//! A database URL, parsed once, printed without its password.

use std::str::FromStr;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

/// Where a database is. Its text form hides the password.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// `postgres://` or `postgresql://`
    Postgres(PgConnectOptions),
    /// `mysql://` or `mariadb://`
    Mysql(MySqlConnectOptions),
    /// `sqlite://`
    Sqlite(SqliteConnectOptions),
}

/// Why a text is no database URL.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// No known scheme before `:`.
    #[error("`{0}` is no database this program knows")]
    Scheme(String),
    /// The rest of the URL does not parse.
    #[error("the database URL does not parse: {0}")]
    Malformed(String),
}

impl UrlError {
    /// The next step for the reader of the message.
    pub fn hint(&self) -> &'static str {
        "use postgres://user:password@host:5432/database, mysql://user:password@host:3306/database or sqlite://file.sqlite"
    }
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(url: &str) -> Result<Self, UrlError> {
        let scheme = url.split(':').next().unwrap_or_default();
        let malformed = |error: sqlx::Error| UrlError::Malformed(error.to_string());
        match scheme {
            "postgres" | "postgresql" => url.parse().map(Self::Postgres).map_err(malformed),
            "mysql" => url.parse().map(Self::Mysql).map_err(malformed),
            "mariadb" => url.replacen("mariadb", "mysql", 1).parse().map(Self::Mysql).map_err(malformed),
            "sqlite" => url.parse().map(Self::Sqlite).map_err(malformed),
            other => Err(UrlError::Scheme(other.chars().take(40).collect())),
        }
    }
}

impl DatabaseUrl {
    /// The URL for messages: without user and password.
    pub fn redacted(&self) -> String {
        match self {
            Self::Postgres(options) => format!(
                "postgres://{}:{}/{}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
            Self::Mysql(options) => format!(
                "mysql://{}:{}/{}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
            Self::Sqlite(options) => format!("sqlite://{}", options.get_filename().display()),
        }
    }
}

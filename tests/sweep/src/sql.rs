//! A direct connection to the database, without the tested engine.

use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection, SqliteConnection};

/// A connection of the driver for the database's kind.
pub(crate) enum Sql {
    Postgres(PgConnection),
    Mysql(MySqlConnection),
    Sqlite(SqliteConnection),
}

impl Sql {
    /// Connects; the error is the driver's.
    pub(crate) async fn connect(url: &str) -> Result<Self, String> {
        let connected = match url.split(':').next() {
            Some("sqlite") => SqliteConnection::connect(url).await.map(Self::Sqlite),
            Some("postgres" | "postgresql") => PgConnection::connect(url).await.map(Self::Postgres),
            _ => MySqlConnection::connect(url).await.map(Self::Mysql),
        };
        connected.map_err(|error| format!("connecting: {error}"))
    }

    /// Returns the number that a statement selects; `None` if the database rejects the statement.
    pub(crate) async fn count(&mut self, sql: &str) -> Option<i64> {
        let query = AssertSqlSafe(sql.to_owned());
        let counted = match self {
            Self::Postgres(connection) => sqlx::query_scalar(query).fetch_one(connection).await,
            Self::Mysql(connection) => sqlx::query_scalar(query).fetch_one(connection).await,
            Self::Sqlite(connection) => sqlx::query_scalar(query).fetch_one(connection).await,
        };
        counted.ok()
    }
}

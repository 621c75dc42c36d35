//! The shop's tables and rows: the same rows on every database and in every run.

mod rows;

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Executor};

pub use rows::{Counts, insert_statements};

/// Whether the URL names an SQLite file that does not exist.
pub fn is_missing_file(url: &str) -> bool {
    url.strip_prefix("sqlite://")
        .map(|path| path.split('?').next().unwrap_or(path))
        .is_some_and(|path| !path.contains(":memory:") && !Path::new(path).exists())
}

/// Creates tables and rows in an empty database, all or nothing if the database supports that. An SQLite file that
/// could not be completed is removed.
pub async fn create(url: &str, scale: u32) -> Result<(), sqlx::Error> {
    let counts = Counts::new(scale);
    match url.split(':').next().unwrap_or_default() {
        "postgres" | "postgresql" => {
            let mut connection = sqlx::PgConnection::connect(url).await?;
            let mut transaction = connection.begin().await?;
            transaction.execute("SET LOCAL TIME ZONE 'UTC'").await?;
            transaction
                .execute(sqlx::raw_sql(include_str!("../ddl/postgres.sql")))
                .await?;

            for sql in insert_statements(counts) {
                transaction.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            }
            for table in rows::NUMBERED {
                let sql =
                    format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))");
                transaction.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            }

            transaction.commit().await?;
            connection.execute("ANALYZE").await?;
            connection.close().await
        }
        "mysql" | "mariadb" => {
            let mut connection = sqlx::MySqlConnection::connect(&url.replacen("mariadb:", "mysql:", 1)).await?;
            connection
                .execute(sqlx::raw_sql(include_str!("../ddl/mysql.sql")))
                .await?;
            let mut transaction = connection.begin().await?;
            for sql in insert_statements(counts) {
                transaction.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            }
            transaction.commit().await?;
            connection.close().await
        }
        _ => create_sqlite(url, counts).await,
    }
}

async fn create_sqlite(url: &str, counts: Counts) -> Result<(), sqlx::Error> {
    let options: sqlx::sqlite::SqliteConnectOptions = url.parse()?;

    // In WAL mode readers do not wait for a writer. The file stores the mode.
    let options = options.journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);

    let is_new = is_missing_file(url);
    let path = options.get_filename().to_owned();
    let result = async {
        let mut connection = sqlx::SqliteConnection::connect_with(&options.create_if_missing(true)).await?;
        let mut transaction = connection.begin().await?;
        transaction
            .execute(sqlx::raw_sql(include_str!("../ddl/sqlite.sql")))
            .await?;
        for sql in insert_statements(counts) {
            transaction.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
        }

        transaction.commit().await?;
        connection.execute("ANALYZE").await?;
        connection.close().await
    }
    .await;

    if result.is_err() && is_new {
        // The incomplete file is useless. If it cannot be removed, the error to report is still the first one.
        let _ = std::fs::remove_file(path);
    }

    result
}

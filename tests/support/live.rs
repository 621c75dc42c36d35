//! Databases of a test's own, served as `codegen serve` does.

use codegen::config::ConfigFile;
use codegen::definitions::definitions;
use codegen::introspect::{DatabaseUrl, introspect};
use codegen::metadata::Metadata;
use codegen::{schema, verify};
use runtime::{Database, Registry};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

/// The API of a database, all tables in the schema `main`.
pub async fn live_registry(url: &str) -> Registry {
    live_registry_with(url, "").await
}

/// The same, with the text of a `codegen.toml`.
pub async fn live_registry_with(url: &str, config: &str) -> Registry {
    let database = Database::connect(url, 2).await.expect("the database");
    over(url, config, database).await
}

/// The same, over connections that the test made.
pub async fn live_registry_over(url: &str, database: Database) -> Registry {
    over(url, "", database).await
}

/// The same with both.
pub async fn live_registry_over_with(url: &str, database: Database, config: &str) -> Registry {
    over(url, config, database).await
}

async fn over(url: &str, config: &str, database: Database) -> Registry {
    let parsed: DatabaseUrl = url.parse().expect("a URL");
    let catalog = introspect(&parsed).await.expect("a catalog");
    let settings = ConfigFile::parse(config)
        .and_then(|file| file.settings())
        .expect("settings");
    let model = verify::verify(schema::build(&catalog, &settings)).expect("a model");
    let registry = Registry::with_apps(database, Metadata::of(&model).apps(&model));
    for definition in definitions(&model) {
        registry.register(definition).expect("a schema");
    }
    registry
}

/// Runs statements on a database.
pub async fn execute(url: &str, sql: &str) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    let outcome = match url.split(':').next() {
        Some("sqlite") => sqlx::SqliteConnection::connect(url)
            .await
            .expect("the file")
            .execute(sql)
            .await
            .map(drop),
        Some("postgres") => sqlx::PgConnection::connect(url)
            .await
            .expect("the server")
            .execute(sql)
            .await
            .map(drop),
        _ => sqlx::MySqlConnection::connect(url)
            .await
            .expect("the server")
            .execute(sql)
            .await
            .map(drop),
    };
    outcome.expect("the statements");
}

/// The number that a query of PostgreSQL answers.
pub async fn number(url: &str, sql: &str) -> i64 {
    let mut connection = sqlx::PgConnection::connect(url).await.expect("the server");
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(&mut connection)
        .await
        .expect("a number")
}

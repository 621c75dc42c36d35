//! The shop on each database.

use std::fmt;
use std::sync::Arc;

use runtime::{Database, Registry};
use sqlx::{AssertSqlSafe, Connection, Executor};
use tokio::sync::OnceCell;

use crate::process::start;
use crate::{mariadb, postgres};

/// The databases of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server of the tests.
    Postgres,
    /// A server of the tests.
    Mariadb,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A shop's database with its rows.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Where it is.
    pub engine: Engine,
    /// Its URL.
    pub url: String,
}

impl Shop {
    /// A registry of its own with every schema of the program, and so a statement counter of its own.
    pub async fn registry(&self) -> Arc<Registry> {
        let url = match (self.engine, mariadb::SOCKET.get()) {
            (Engine::Mariadb, Some(socket)) => format!("mysql://root@localhost/shop?socket={}", socket.display()),
            _ => self.url.clone(),
        };
        let database = Database::connect(&url, 4).await.expect("the shop's database");
        Arc::new(Registry::discover(database).expect("the shop's schemas"))
    }
}

/// The shop on every database that is installed; the rows are made once per test program.
pub async fn shops() -> Vec<Shop> {
    let mut shops = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::Mariadb] {
        shops.extend(shop(engine).await);
    }
    shops
}

/// The shop on one database, if it is installed.
pub async fn shop(engine: Engine) -> Option<Shop> {
    static SHOPS: [OnceCell<Option<Shop>>; 3] = [const { OnceCell::const_new() }; 3];
    SHOPS[engine as usize]
        .get_or_init(|| async move {
            let url = empty_database(engine, "shop").await?;
            shop_data::create(&url, 1).await.expect("the shop's rows");
            Some(Shop { engine, url })
        })
        .await
        .clone()
}

/// A folder that is removed when the test program ends.
pub fn temporary_folder() -> std::path::PathBuf {
    static WATCHERS: std::sync::Mutex<Vec<std::process::Child>> = std::sync::Mutex::new(Vec::new());
    let folder = tempfile::tempdir().expect("a temporary folder").keep();
    let watcher = start(
        "echo ready; cat >/dev/null; rm -rf \"$1\"",
        &[&folder.to_string_lossy()],
        &folder,
    );
    WATCHERS.lock().expect("no panic while it is held").push(watcher);
    folder
}

/// The URL of a new and empty database of that name, if the server is installed.
pub async fn empty_database(engine: Engine, name: &str) -> Option<String> {
    let server = match engine {
        Engine::Sqlite => {
            let folder = temporary_folder();
            let file = folder.join(format!("{name}.sqlite"));
            std::fs::write(&file, b"").expect("an empty file");
            return Some(format!("sqlite://{}", file.display()));
        }
        // The first call starts a server, which takes a moment of this thread.
        Engine::Postgres => tokio::task::spawn_blocking(|| postgres::SERVER.clone())
            .await
            .expect("no panic"),
        Engine::Mariadb => tokio::task::spawn_blocking(|| mariadb::SERVER.clone())
            .await
            .expect("no panic"),
    };
    let server = match server {
        Ok(server) => server,
        Err(missing) => {
            missing.skip_or_panic();
            return None;
        }
    };
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    if engine == Engine::Postgres {
        let mut connection = sqlx::PgConnection::connect(&format!("{server}/postgres"))
            .await
            .expect("the server");
        connection.execute(sqlx::raw_sql(create)).await.expect("a new database");
    } else {
        let mut connection = sqlx::MySqlConnection::connect(&server).await.expect("the server");
        connection.execute(sqlx::raw_sql(create)).await.expect("a new database");
    }
    Some(format!("{server}/{name}"))
}

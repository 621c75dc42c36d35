//! One connection that makes and removes databases.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection, SqliteConnection};
use tests::{Engine, OwnPostgres, empty_database};

use super::generate::RandomDatabase;

/// Where databases are made.
pub(super) struct Server {
    engine: Engine,
    /// An empty database of this test.
    url: String,
    /// The server, where it is one of this test's own.
    _own: Option<OwnPostgres>,
    /// Words in the declarations of types that it does not have.
    lacks: &'static [&'static str],
}

impl Server {
    /// Starts the server, if it is installed.
    pub(super) async fn start(engine: Engine) -> Option<Self> {
        Some(Self {
            engine,
            url: empty_database(engine, "laws").await?,
            _own: None,
            lacks: &[],
        })
    }

    /// A PostgreSQL of another version than the system's.
    pub(super) async fn of(own: OwnPostgres, lacks: &'static [&'static str]) -> Self {
        let url = own.create("laws").await;
        Self {
            engine: Engine::Postgres,
            url,
            _own: Some(own),
            lacks,
        }
    }

    /// Words in the declarations of types that it does not have.
    pub(super) fn lacks(&self) -> &'static [&'static str] {
        self.lacks
    }

    /// Whose databases they are.
    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// The URL of a database with these tables. Rows that the database refuses are left out: they are random.
    pub(super) async fn make(&self, database: &RandomDatabase) -> String {
        let (base, _) = self.url.rsplit_once('/').expect("a URL with a database");
        let name = format!("law_{}", database.seed);
        let url = match self.engine {
            Engine::Sqlite => format!("{base}/{name}.sqlite?mode=rwc"),
            _ => format!("{base}/{name}"),
        };
        if self.engine != Engine::Sqlite {
            run(
                &self.url,
                &[
                    format!("DROP DATABASE IF EXISTS {name}"),
                    format!("CREATE DATABASE {name}"),
                ],
            )
            .await;
        }
        run(&url, &database.statements).await;
        url
    }

    /// Removes what was made.
    pub(super) async fn remove(&self, url: &str) {
        let (_, name) = url.rsplit_once('/').expect("a URL with a database");
        match self.engine {
            Engine::Sqlite => {
                let path = url.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc");
                std::fs::remove_file(path).expect("the file");
            }
            Engine::Postgres => run(&self.url, &[format!("DROP DATABASE {name} WITH (FORCE)")]).await,
            Engine::Mariadb => run(&self.url, &[format!("DROP DATABASE {name}")]).await,
        }
    }
}

/// Runs statements one by one; those that the database refuses are shown where `RANDOM_REFUSED` is set.
async fn run(url: &str, statements: &[String]) {
    macro_rules! each {
        ($connection:ty) => {{
            let mut connection = <$connection>::connect(url).await.expect("the database");
            for statement in statements {
                let done = connection
                    .execute(sqlx::raw_sql(AssertSqlSafe(statement.clone())))
                    .await;
                if let Err(error) = done
                    && std::env::var_os("RANDOM_REFUSED").is_some()
                {
                    eprintln!("{statement}: {error}");
                }
            }
        }};
    }

    match url.split(':').next() {
        Some("sqlite") => each!(SqliteConnection),
        Some("postgres") => each!(PgConnection),
        _ => each!(MySqlConnection),
    }
}

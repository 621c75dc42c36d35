//! The laws of the API over random databases.
//!
//! `RANDOM_DATABASES` sets how many are made on each server (60 if it is not set), `RANDOM_SEED` where they begin. A
//! database is made by its seed alone; a failure prints it with the statements that make it.

mod generate;
mod mysql;
mod names;
mod postgres;
mod schemas;
mod server;
mod sqlite;
mod stable;

use tests::{Engine, OwnPostgres};

use generate::Generator;
use schemas::Schemas;
use server::Server;

fn number(variable: &str, default: u64) -> u64 {
    std::env::vars()
        .find(|(name, _)| name == variable)
        .map_or(default, |(_, text)| text.parse().expect("a number"))
}

/// Makes the databases one after the other and applies the laws to each.
async fn hold_over_random_databases(engine: Engine) {
    if let Some(server) = Server::start(engine).await {
        hold_on(&server, number("RANDOM_DATABASES", 60)).await;
    }
}

async fn hold_on(server: &Server, count: u64) {
    let engine = server.engine();
    if std::env::var_os("RUST_LOG").is_some() {
        // What the server's log says of a failed request. Other tests read the log, so that this is for runs of its own.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(std::io::stderr)
            .try_init();
    }
    let first = number("RANDOM_SEED", 1);
    let (mut checks, mut broken) = (0, Vec::new());
    let mut schemas = Schemas::new();

    for seed in first..first + count {
        let database = Generator::new(engine, seed, server.lacks()).database();
        let url = server.make(&database).await;
        let catalog = crate::databases::catalog(&url).await;
        let changed = stable::changed_names(&catalog);
        if !changed.is_empty() {
            broken.push(format!(
                "seed {seed} on {engine}\n{}\nnames: {}",
                database.sql(),
                changed.join("\n")
            ));
        }
        match sweep::read_and_write(&url, &database.config).await {
            Ok(report) => {
                checks += report.checks;
                if !report.faults.is_empty() {
                    broken.push(format!("seed {seed} on {engine}\n{}\n{report}", database.sql()));
                }
            }
            Err(error) => broken.push(format!("seed {seed} on {engine}\n{}\n{error}", database.sql())),
        }
        schemas.add(seed, &url, &database.config).await;
        server.remove(&url).await;
    }

    if let Some(invalid) = schemas.invalid() {
        broken.push(invalid);
    }
    eprintln!(
        "{engine}: {count} random databases from seed {first}, {checks} checks, {} broken",
        broken.len()
    );
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_the_laws() {
    hold_over_random_databases(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_and_the_newest_postgres_keep_the_laws() {
    // Of types that came later, and of collations by a library that these builds may be without.
    let later: &'static [&'static str] = &["multirange", "xid8", "pg_snapshot", "COLLATE loose"];
    for (own, lacks) in [(OwnPostgres::oldest(), later), (OwnPostgres::newest(), &later[3..])] {
        let Some(own) = own else { continue };
        hold_on(
            &Server::of(own, lacks).await,
            number("RANDOM_DATABASES", 60).div_ceil(4),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_keeps_the_laws() {
    hold_over_random_databases(Engine::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_the_laws() {
    hold_over_random_databases(Engine::Sqlite).await;
}

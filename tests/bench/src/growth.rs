//! How time and memory grow: planning with the number of tables, answering with the number of rows.

use std::fmt::Write as _;
use std::time::Instant;

use runtime::testing::Request;
use runtime::{Database, Registry, SchemaDefinition};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::print_stdout, reason = "the figures are the program's result")]
pub(crate) async fn run() -> Result<(), Failure> {
    println!("{:<40} {:>12}", "planning, tables in the schema", "us/plan");
    for tables in [10, 100, 1000] {
        println!("{tables:<40} {:>12.0}", planning(tables).await?);
    }

    let url = tests::empty_database(tests::Engine::Postgres, "growth")
        .await
        .ok_or("PostgreSQL is not installed")?;
    sample::data::create(&url, 500).await?;

    let registry = Registry::discover(Database::connect(&url, 4).await?).map_err(|errors| format!("{errors:?}"))?;
    let large = SchemaDefinition::new("large").apps(["products"]);
    registry.register(
        large
            .setting("max_page_size", 200_000)
            .setting("max_query_complexity", 1_000_000),
    )?;
    let schema = registry.find("large").ok_or("it was registered a moment ago")?;

    let ask = async |rows: u32| {
        let query =
            format!("{{ products(limit: {rows}) {{ id sku name description price stock isFeatured createdAt }} }}");
        schema
            .engine()
            .execute(Request {
                query,
                ..Request::default()
            })
            .await
    };

    println!("{:<40} {:>12} {:>12}", "answering, rows", "us/answer", "us/row");
    for rows in [10, 100, 1000, 10_000] {
        ask(rows).await;
        let (started, rounds) = (Instant::now(), 200_000 / rows.max(100));
        for _ in 0..rounds {
            ask(rows).await;
        }
        let micros = started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
        println!("{rows:<40} {micros:>12.0} {:>12.2}", micros / f64::from(rows));
    }

    let before = peak_memory(true);
    let answer = ask(100_000).await;
    let grown = peak_memory(false).saturating_sub(before);
    let bytes = answer.body.len() as u64 / 1024;
    println!(
        "100,000 rows: an answer of {bytes} KiB, memory grew by {grown} KiB, {:.2} times",
        grown as f64 / bytes as f64
    );
    Ok(())
}

/// Measures planning: microseconds per operation that was not sent before, in a schema with `tables` tables.
async fn planning(tables: u32) -> Result<f64, Failure> {
    let url = tests::empty_database(tests::Engine::Sqlite, "planning")
        .await
        .ok_or("SQLite needs no server")?;

    let mut connection = sqlx::SqliteConnection::connect(&url).await?;
    let mut ddl = String::new();
    for at in 0..tables {
        let parent = at / 2;
        let _ = write!(
            ddl,
            "CREATE TABLE thing{at} (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES thing{parent} (id), name TEXT, size REAL);"
        );
    }
    connection.execute(sqlx::raw_sql(AssertSqlSafe(ddl))).await?;

    let registry = tests::live_registry(&url).await;
    let schema = registry.find("main").ok_or("the schema")?;
    let query = |round: u32| {
        format!(
            "{{ thing1s(limit: {}, filters: {{name: {{contains: \"{round}\"}}}}) {{ id name parent {{ name }} thing2s {{ id size }} }} }}",
            round % 1000
        )
    };

    for round in 0..20 {
        schema
            .engine()
            .explain(Request {
                query: query(round),
                ..Request::default()
            })
            .await?;
    }

    let started = Instant::now();
    let rounds = 500;
    for round in 0..rounds {
        schema
            .engine()
            .explain(Request {
                query: query(1000 + round),
                ..Request::default()
            })
            .await?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds))
}

/// Returns the peak memory of this process in KiB; with `reset`, the measurement starts again now.
fn peak_memory(reset: bool) -> u64 {
    if reset {
        // 5 resets the peak, see `proc_pid_clear_refs(5)`.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

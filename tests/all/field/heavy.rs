//! Requests for thousands of rows leave connections to the others.

use std::fmt::Write as _;
use std::sync::Arc;

use runtime::Database;
use sqlx::{Connection as _, Executor as _};
use tests::{Engine, empty_database, execute, number};

use super::served::{CONFIG, Served, tables};

/// The statements that wait for a lock.
const BLOCKED: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";

#[tokio::test(flavor = "multi_thread")]
async fn heavy_requests_take_a_quarter_of_the_connections() {
    let Some(url) = empty_database(Engine::Postgres, "heavy").await else {
        return;
    };
    execute(&url, &tables(Engine::Postgres)).await;
    let database = Database::connect(&url, 4).await.expect("the database");
    let served = Arc::new(Served::over(&url, database, CONFIG).await);

    let mut holder = sqlx::PgConnection::connect(&url).await.expect("the server");
    holder
        .execute("BEGIN; LOCK TABLE parts IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("the lock");

    // More of them than there are connections.
    let roots = (0..6).fold(String::new(), |mut roots, at| {
        let _ = write!(roots, "r{at}: parts(limit: 1000) {{ __typename }} ");
        roots
    });
    let query = format!("{{ {roots}}}");
    let heavy: Vec<_> = (0..8)
        .map(|_| {
            let (served, query) = (Arc::clone(&served), query.clone());
            tokio::spawn(async move { served.data(&query).await })
        })
        .collect();
    while number(&url, BLOCKED).await == 0 {}

    for answer in served.ask_at_once(50, "{ products(limit: 1) { __typename } }").await {
        assert!(answer["data"]["products"].is_array(), "{answer}");
    }
    assert_eq!(number(&url, BLOCKED).await, 1, "one of four connections");

    holder.execute("ROLLBACK").await.expect("the end");
    for one in heavy {
        assert!(one.await.expect("no panic")["r5"].is_array());
    }
}

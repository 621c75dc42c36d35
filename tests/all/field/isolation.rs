//! Snapshots and transactions under every isolation that a server may be set to.

use super::served::{Served, code, tables};
use super::settings::{LEVELS, app, mariadb_number};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tests::{Engine, OwnMariadb, OwnPostgres, execute};

/// Four readers ask 75 times each while a transaction after the other changes all three levels; returns what was torn or
/// refused, and how many states were seen.
async fn read_while_written(api: &Arc<Served>, write: impl AsyncFn(i32)) -> (Vec<Value>, usize) {
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for _ in 0..4 {
        let api = Arc::clone(api);
        readers.push(tokio::spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..75 {
                answers.push(
                    api.ask("{ customer(id: 1) { balance orders { total items { price } } } }")
                        .await,
                );
            }
            answers
        }));
    }
    let watch = Arc::clone(&done);
    let all = tokio::spawn(async move {
        let mut all = Vec::new();
        for reader in readers {
            all.extend(reader.await.expect("no panic"));
        }
        watch.store(true, Ordering::Relaxed);
        all
    });
    let mut state = 0;
    while !done.load(Ordering::Relaxed) {
        state += 1;
        write(state).await;
    }
    let (mut torn, mut states) = (Vec::new(), std::collections::BTreeSet::new());
    for answer in all.await.expect("no panic") {
        let customer = &answer["data"]["customer"];
        let order = &customer["orders"][0];
        let numbers = [&customer["balance"], &order["total"], &order["items"][0]["price"]].map(Value::as_i64);
        states.insert(numbers[0]);
        if numbers[0].is_none() || numbers.iter().any(|number| *number != numbers[0]) {
            torn.push(answer);
        }
    }
    (torn, states.len())
}

fn change(state: i32) -> String {
    format!(
        "UPDATE customers SET balance = {state}; UPDATE orders SET total = {state}; UPDATE items SET price = {state}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_torn_under_any_isolation() {
    if let Some(server) = OwnMariadb::start(&[]) {
        for (at, level) in ["REPEATABLE-READ", "READ-COMMITTED", "READ-UNCOMMITTED", "SERIALIZABLE"]
            .iter()
            .enumerate()
        {
            let url = server.create(&format!("torn{at}")).await;
            execute(&url, LEVELS).await;
            execute(&server.server(), &format!("SET GLOBAL tx_isolation = '{level}'")).await;
            let api = Arc::new(Served::new(&url, 6, "").await);
            let mut writer = sqlx::MySqlConnection::connect(&url).await.expect("the server");
            writer
                .execute("SET SESSION tx_isolation = 'READ-COMMITTED'")
                .await
                .expect("a setting");
            let writer = tokio::sync::Mutex::new(writer);
            let (torn, states) = read_while_written(&api, async |state| {
                let sql = AssertSqlSafe(format!("START TRANSACTION; {}; COMMIT", change(state)));
                writer.lock().await.execute(sqlx::raw_sql(sql)).await.expect("a write");
            })
            .await;
            assert!(torn.is_empty(), "{level}: {} of 300, such as {}", torn.len(), torn[0]);
            assert!(states > 1, "{level}: nothing was written meanwhile");
        }
    }
    if let Some(server) = OwnPostgres::start() {
        for (at, level) in ["read committed", "serializable"].iter().enumerate() {
            let url = server.create(&format!("torn{at}")).await;
            execute(&url, LEVELS).await;
            execute(
                &url,
                &format!("ALTER DATABASE torn{at} SET default_transaction_isolation = '{level}'"),
            )
            .await;
            let api = Arc::new(Served::new(&url, 6, "").await);
            let writer = sqlx::PgConnection::connect(&url).await.expect("the server");
            let writer = tokio::sync::Mutex::new(writer);
            let (torn, states) = read_while_written(&api, async |state| {
                let sql = AssertSqlSafe(format!(
                    "BEGIN ISOLATION LEVEL READ COMMITTED; {}; COMMIT",
                    change(state)
                ));
                writer.lock().await.execute(sqlx::raw_sql(sql)).await.expect("a write");
            })
            .await;
            assert!(torn.is_empty(), "{level}: {} of 300, such as {}", torn.len(), torn[0]);
            assert!(states > 1, "{level}: nothing was written meanwhile");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_leaves_a_transaction_open() {
    let Some(server) = OwnMariadb::start(&[]) else { return };
    for (at, set) in [
        "autocommit = 0",
        "init_connect = 'SET autocommit = 0'",
        "completion_type = 'CHAIN'",
    ]
    .iter()
    .enumerate()
    {
        let url = server.create(&format!("open{at}")).await;
        execute(&url, &tables(Engine::Mariadb)).await;
        let own = app(&server, &format!("open{at}")).await;
        execute(&server.server(), &format!("SET GLOBAL {set}")).await;
        let api = Served::tables(&own, 4).await;
        api.warm("{ makers { name } }").await;
        execute(
            &server.server(),
            "SET GLOBAL autocommit = 1, GLOBAL init_connect = '', GLOBAL completion_type = 'NO_CHAIN'",
        )
        .await;
        api.ask_at_once(8, "{ makers { products { name } } }").await;
        // What others keep is seen by each connection, and nothing waits for a lock that a reader left.
        execute(&url, "INSERT INTO makers (name) VALUES ('later')").await;
        for answer in api.ask_at_once(16, "{ makersAggregate { count } }").await {
            assert_eq!(answer["data"]["makersAggregate"]["count"], 4, "{set}: {answer}");
        }
        let open = "SELECT COUNT(*) FROM information_schema.INNODB_TRX";
        assert_eq!(mariadb_number(&url, open).await, 0, "{set}");
        execute(
            &url,
            "SET lock_wait_timeout = 2; ALTER TABLE makers ADD COLUMN note INT",
        )
        .await;
        let answer = api
            .ask("mutation { createMaker(input: {name: \"x\"}) { success } }")
            .await;
        assert_eq!(
            (answer["data"]["createMaker"]["success"].as_bool(), code(&answer)),
            (Some(true), String::new()),
            "{set}: {answer}"
        );
    }
}

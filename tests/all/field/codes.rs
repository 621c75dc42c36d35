//! What a server refuses has a code that says what to do.
//! Assumed of the product, and not so at fa6e98c: `READ_ONLY`; `CONFLICT` for a lock that was not free in time;
//! `LIMIT_EXCEEDED` for what is larger than `max_allowed_packet`; a violation, or `BAD_USER_INPUT`, for a missing partition.

use serde_json::Value;
use sqlx::{Connection as _, Executor as _};
use tests::{Engine, OwnMariadb, OwnPostgres, execute};

use super::served::{Served, code, tables};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_says_so_and_is_read() {
    let write = "mutation { createMaker(input: {name: \"x\"}) { success } }";
    let check = async |api: &Served, why: &str| {
        for request in [
            write,
            "mutation { updateMaker(id: 1, input: {country: \"x\"}) { success } }",
            "mutation { deletePart(id: 1) { success } }",
        ] {
            assert_eq!(api.code(request).await, "READ_ONLY", "{why}: {request}");
        }
        let read = api
            .data("{ makers { products { parts { name } } } makersAggregate { count } }")
            .await;
        assert_eq!(read["makersAggregate"]["count"], 3, "{why}: {read}");
    };
    if let Some(server) = OwnMariadb::start(&[]) {
        let url = server.create("closed").await;
        execute(&url, &tables(Engine::Mariadb)).await;
        execute(
            &url,
            "CREATE USER app@localhost; GRANT ALL ON closed.* TO app@localhost",
        )
        .await;
        let api = Served::tables(&url.replacen("//root@", "//app@", 1), 2).await;
        execute(&url, "SET GLOBAL read_only = 1").await;
        check(&api, "read_only").await;
        execute(&url, "SET GLOBAL read_only = 0").await;
        assert_eq!(api.data(write).await["createMaker"]["success"], true);
    }
    if let Some(server) = OwnPostgres::start() {
        let url = server.create("closed").await;
        execute(&url, &tables(Engine::Postgres)).await;
        server.stand_by();
        let api = Served::tables(&url, 2).await;
        check(&api, "a standby").await;
        // It becomes the primary while it is served.
        assert_eq!(tests::number(&url, "SELECT pg_promote(true, 30)::int::bigint").await, 1);
        assert_eq!(api.data(write).await["createMaker"]["success"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_no_partition_takes_is_the_inputs_fault() {
    let mut api = Vec::new();
    let (mariadb, postgres) = (OwnMariadb::start(&[]), OwnPostgres::start());
    let config = "[tables.points]\nactions = [\"create\", \"update\"]";
    if let Some(server) = &mariadb {
        let url = server.create("parted").await;
        execute(&url, "CREATE TABLE points (id INT PRIMARY KEY, word VARCHAR(9)) PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10))").await;
        api.push(("1526", Served::new(&url, 2, config).await));
    }
    if let Some(server) = &postgres {
        let url = server.create("parted").await;
        execute(
            &url,
            "CREATE TABLE points (id INT PRIMARY KEY, word VARCHAR(9)) PARTITION BY RANGE (id);
            CREATE TABLE low PARTITION OF points FOR VALUES FROM (0) TO (10)",
        )
        .await;
        api.push(("23514", Served::new(&url, 2, config).await));
    }
    for (why, api) in api {
        let answer = api
            .ask("mutation { createPoint(input: {id: 99, word: \"x\"}) { success errors { code } } }")
            .await;
        let refused = answer["data"]["createPoint"]["errors"][0]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            ["CHECK", "INVALID"].contains(&&*refused) || code(&answer) == "BAD_USER_INPUT",
            "{why}: {answer}"
        );
        let made = api
            .data("mutation { createPoint(input: {id: 9, word: \"x\"}) { success } }")
            .await;
        assert_eq!(made["createPoint"]["success"], true, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_another_keeps_locked_is_a_conflict() {
    let Some(server) = OwnMariadb::start(&["--innodb-lock-wait-timeout=1"]) else {
        return;
    };
    let url = server.create("locked").await;
    execute(&url, &tables(Engine::Mariadb)).await;
    let api = Served::tables(&url, 2).await;
    let mut other = sqlx::MySqlConnection::connect(&url).await.expect("the server");
    other
        .execute(sqlx::raw_sql(
            "START TRANSACTION; UPDATE makers SET country = 'x' WHERE id = 1",
        ))
        .await
        .expect("a lock");
    let write = "mutation { updateMaker(id: 1, input: {country: \"y\"}) { success } }";
    assert_eq!(api.code(write).await, "CONFLICT");
    // While it waits the lock comes free: it is done.
    let (answer, _) = tokio::join!(api.ask(write), other.execute(sqlx::raw_sql("DO SLEEP(1.5); ROLLBACK")));
    assert_eq!(answer["data"]["updateMaker"]["success"], Value::Bool(true), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_larger_than_the_server_takes_is_a_limit() {
    let Some(server) = OwnMariadb::start(&["--max-allowed-packet=1M"]) else {
        return;
    };
    let url = server.create("packets").await;
    execute(
        &url,
        "CREATE TABLE texts (id INT AUTO_INCREMENT PRIMARY KEY, body LONGTEXT)",
    )
    .await;
    let api = Served::new(&url, 2, "[tables.texts]\nactions = [\"create\"]").await;
    let create = |length: usize| {
        format!(
            "mutation {{ createText(input: {{body: \"{}\"}}) {{ success }} }}",
            "x".repeat(length)
        )
    };
    assert_eq!(api.data(&create(30_000)).await["createText"]["success"], true);
    // Many rows are split by their bytes as well as by their number.
    let request = runtime::testing::Request {
        query: "mutation($rows: [TextCreateInput!]!) { createTexts(inputs: $rows) { success affectedCount } }".into(),
        variables: async_graphql::Variables::from_json(serde_json::json!({
            "rows": (0..1_000).map(|_| serde_json::json!({"body": "x".repeat(1_500)})).collect::<Vec<_>>(),
        })),
        viewer: runtime::Viewer::known("1"),
        ..runtime::testing::Request::default()
    };
    let schema = api.registry.find("main").expect("the schema");
    let answer: Value = serde_json::from_slice(&schema.engine().execute(request).await.body).expect("JSON");
    assert_eq!(
        answer["data"]["createTexts"]["affectedCount"], 1_000,
        "{}",
        answer["errors"]
    );
    let request = runtime::testing::Request {
        query: "mutation($body: String!) { createText(input: {body: $body}) { success } }".into(),
        variables: async_graphql::Variables::from_json(serde_json::json!({"body": "x".repeat(1_200_000)})),
        viewer: runtime::Viewer::known("1"),
        ..runtime::testing::Request::default()
    };
    let answer: Value = serde_json::from_slice(&schema.engine().execute(request).await.body).expect("JSON");
    assert_eq!(code(&answer), "LIMIT_EXCEEDED", "{answer}");
    assert_eq!(
        api.data("{ textsAggregate { count } }").await["textsAggregate"]["count"],
        1_001
    );
}

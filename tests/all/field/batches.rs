//! Statements that are sent together, larger than any socket's buffer in both directions.

use std::sync::Arc;
use std::time::Duration;

use runtime::testing::Request;
use serde_json::{Value, json};
use tests::{OwnPostgres, execute};

use super::served::{Served, code};

/// Keys of 1,952 bytes, and two lists of wide rows below each: what is asked for and what comes back are both larger
/// than what a socket holds.
const WIDE: &str = "
    CREATE TABLE pars (k text PRIMARY KEY, n int NOT NULL);
    CREATE TABLE cas (id serial PRIMARY KEY, par text NOT NULL REFERENCES pars (k), wide text NOT NULL);
    CREATE TABLE cbs (id serial PRIMARY KEY, par text NOT NULL REFERENCES pars (k), wide text NOT NULL);
    INSERT INTO pars SELECT repeat(md5(g::text), 61), g FROM generate_series(1, 1000) g;
    INSERT INTO cas (par, wide) SELECT k, repeat('a', 2000) FROM pars, generate_series(1, 3);
    INSERT INTO cbs (par, wide) SELECT k, repeat('b', 2000) FROM pars, generate_series(1, 3);
    CREATE INDEX ON cas (par); CREATE INDEX ON cbs (par); ANALYZE;";

/// Longer than any of it takes, and shorter than a statement may hang.
const LONG: Duration = Duration::from_secs(25);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_waits_for_a_server_that_waits_itself() {
    let Some(server) = OwnPostgres::start() else { return };
    let url = server.create("wide").await;
    execute(&url, WIDE).await;
    for through in [url.clone(), server.socket_url("wide")] {
        let api = Served::new(&through, 4, "").await;
        let query = "{ pars(limit: 1000) { n cas(limit: 3) { wide } cbs(limit: 3) { wide } } }";
        let large = tokio::time::timeout(LONG, api.ask_at_once(6, query));
        let small = async {
            for _ in 0..20 {
                assert!(api.data("{ pars(limit: 1) { n } }").await["pars"][0]["n"].is_number());
            }
        };
        let (answers, ()) = tokio::join!(large, small);
        for answer in answers.expect("no answer: both sides wait") {
            let rows = answer["data"]["pars"].as_array().map(Vec::len);
            assert_eq!(rows, Some(1000), "{}", answer["errors"]);
            assert_eq!(answer["data"]["pars"][999]["cbs"].as_array().map(Vec::len), Some(3));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_shared_by_all_statements_that_take_it() {
    let Some(server) = OwnPostgres::start() else { return };
    let url = server.create("shared").await;
    execute(
        &url,
        "CREATE TABLE things (id int PRIMARY KEY, sku text NOT NULL, body text NOT NULL); CREATE INDEX ON things (sku);
        INSERT INTO things SELECT g, 'sku' || g, repeat('x', 200) FROM generate_series(1, 2000) g; ANALYZE",
    )
    .await;
    let api = Arc::new(Served::new(&server.socket_url("shared"), 4, "").await);
    let roots: Vec<String> = (0..50)
        .map(|at| format!("p{at}: things(filters: {{sku: {{in: $l}}}}, limit: 1000) {{ id sku body }} "))
        .collect();
    let roots = roots.join(" ");
    let list: Vec<String> = (0..60_000)
        .map(|at| format!("sku{at:>20}"))
        .chain((1..=1000).map(|at| format!("sku{at}")))
        .collect();
    let request = Request {
        query: format!("query($l: [String!]!) {{ {roots} }}"),
        variables: async_graphql::Variables::from_json(json!({ "l": list })),
        ..Request::default()
    };
    let schema = api.registry.find("main").expect("the schema");
    let answer = tokio::time::timeout(LONG, schema.engine().execute(request))
        .await
        .expect("no answer");
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(code(&answer), "", "{}", answer["errors"]);
    assert_eq!(answer["data"]["p49"].as_array().map(Vec::len), Some(1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_a_largest_size() {
    let Some(server) = OwnPostgres::start() else { return };
    let url = server.create("large").await;
    execute(&url, "CREATE TABLE texts (id int PRIMARY KEY, body text NOT NULL); INSERT INTO texts SELECT g, repeat('x', 4000) FROM generate_series(1, 1000) g").await;
    let api = Served::new(&url, 2, "").await;
    let roots: Vec<String> = (0..50)
        .map(|at| format!("p{at}: texts(limit: 1000) {{ body }} "))
        .collect();
    let roots = roots.join(" ");
    let answer = api.ask(&format!("{{ {roots} }}")).await;
    assert_eq!(code(&answer), "LIMIT_EXCEEDED", "{}", answer["errors"]);
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("max_answer")),
        "{answer}"
    );
    let rows = api.data("{ texts(limit: 1000) { body } }").await;
    assert_eq!(rows["texts"].as_array().map(Vec::len), Some(1000));
}

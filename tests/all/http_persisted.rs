//! Persisted queries, as the clients of Apollo and urql ask for them.

use reqwest::header::ACCEPT;
use runtime::ServerConfig;
use serde_json::{Value, json};
use tests::{Client, Engine, serve_with, shop};

const QUERY: &str = "{ users(limit: 1) { id } }";
/// `printf %s QUERY | sha256sum`
const HASH: &str = "f5b4ef6da82e6ec07b04dbdab426c6689682ccc11872d66e2cb4646e1bf488db";

async fn client(config: ServerConfig) -> Client {
    serve_with(
        shop(Engine::Sqlite)
            .await
            .expect("SQLite needs no server")
            .registry()
            .await,
        config,
    )
    .await
}

fn extensions(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

fn told(message: &str, code: &str) -> Value {
    json!({"errors": [{"message": message, "extensions": {"code": code}}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_sent_once_and_asked_for_by_its_hash() {
    let client = client(ServerConfig::new()).await;
    let by_hash = json!({ "extensions": extensions(HASH) });
    let unknown = told("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND");
    let users = json!({"data": {"users": [{"id": "1"}]}});
    assert_eq!(client.post("shop", by_hash.clone()).await, (200, unknown.clone()));
    let request = client
        .http
        .post(format!("{}/graphql/shop/", client.base))
        .json(&by_hash);
    let response = request
        .header(ACCEPT, "application/graphql-response+json")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "application/graphql-response+json; charset=utf-8"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    let with_text = json!({ "query": QUERY, "extensions": extensions(HASH) });
    assert_eq!(client.post("shop", with_text).await, (200, users.clone()));
    assert_eq!(client.post("shop", by_hash.clone()).await, (200, users.clone()));
    assert_eq!(
        client
            .post(
                "shop",
                json!({"query": null, "extensions": extensions(&HASH.to_uppercase())})
            )
            .await
            .1,
        users
    );
    let url = format!("{}/graphql/shop/?extensions={}", client.base, extensions(HASH));
    assert_eq!(
        client
            .http
            .get(url)
            .send()
            .await
            .expect("it")
            .json::<Value>()
            .await
            .expect("JSON"),
        users
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_must_be_that_of_the_text() {
    let client = client(ServerConfig::new().max_batch(2)).await;
    let other = json!({ "query": "{ __typename }", "extensions": extensions(HASH) });
    let (status, answer) = client.post("shop", other.clone()).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (400, &json!("PERSISTED_QUERY_HASH_MISMATCH"))
    );
    let unknown = told("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(
        client.post("shop", json!({ "extensions": extensions(HASH) })).await.1,
        unknown,
        "nothing was kept"
    );
    for (extensions, message) in [
        (
            json!({"persistedQuery": {"version": 2, "sha256Hash": HASH}}),
            "`extensions.persistedQuery.version` must be 1",
        ),
        (
            extensions("12"),
            "`extensions.persistedQuery.sha256Hash` must have 64 hexadecimal digits",
        ),
        (json!({}), "`query` is missing"),
    ] {
        let (status, answer) = client.post("shop", json!({ "extensions": extensions })).await;
        assert_eq!((status, &answer["errors"][0]["message"]), (400, &json!(message)));
    }
    // A text that the schema refuses is not worth its place, and a list holds answers of its own.
    let hash = "a0276661df3f6318da2313fd98fbe50f1e2be566dbf8092c5e0530cf0ca232d9";
    let (_, answer) = client
        .post("shop", json!({"query": "{ nope }", "extensions": extensions(hash)}))
        .await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    let list = json!([{ "extensions": extensions(hash) }, {"query": "{ __typename }"}]);
    assert_eq!(
        client.post("shop", list).await.1,
        json!([unknown, {"data": {"__typename": "Query"}}])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_room_for_texts_says_so() {
    let client = client(ServerConfig::new().persisted_queries(0)).await;
    let unsupported = told("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(
        client.post("shop", json!({ "extensions": extensions(HASH) })).await,
        (200, unsupported.clone())
    );
    let with_text = json!({ "query": QUERY, "extensions": extensions(HASH) });
    assert_eq!(
        client.post("shop", with_text).await.1,
        json!({"data": {"users": [{"id": "1"}]}})
    );
    assert_eq!(
        client.post("shop", json!({ "extensions": extensions(HASH) })).await.1,
        unsupported
    );
}

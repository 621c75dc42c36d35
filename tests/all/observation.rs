//! What the log says, and what it does not; requests under way while schemas change.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use runtime::{Database, SchemaDefinition, ServerConfig};
use serde_json::json;
use tests::{Engine, serve, serve_with, shop};
use tokio::sync::Notify;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic")).into_owned()
    }
}

/// The log of all tests, which have one program and so one subscriber.
fn log() -> Lines {
    static LOG: OnceLock<Lines> = OnceLock::new();
    let made = LOG.get_or_init(|| {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
            .with_writer(move || writer.clone())
            .init();
        lines
    });
    made.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_request_has_its_id_and_its_trace() {
    let lines = log();
    let url = tests::empty_database(Engine::Sqlite, "traced")
        .await
        .expect("SQLite needs no server");
    tests::execute(&url, "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)").await;
    let client = serve(Arc::new(tests::live_registry(&url).await)).await;
    tests::execute(&url, "DROP TABLE notes").await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = client
        .http
        .post(format!("{}/graphql/main/", client.base))
        .header("x-request-id", "traced-1");
    let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let response = request
        .json(&json!({"query": "query Traced { notes { body } }"}))
        .send()
        .await
        .expect("it");
    let answer: serde_json::Value = response.json().await.expect("JSON");
    assert_eq!(answer["errors"][0]["extensions"]["requestId"], "traced-1", "{answer}");
    let log = lines.text();
    for event in ["a statement failed", "answered"] {
        let line = log
            .lines()
            .find(|line| line.contains(event) && line.contains("traced-1"))
            .expect(event);
        for part in [trace, "schema=\"main\"", "operation=\"Traced\"", "method=\"POST\""] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    // A trace of its own where the client has none, or nonsense.
    let request = client
        .http
        .get(format!("{}/livez", client.base))
        .header("x-request-id", "traced-2");
    request.header("traceparent", "nonsense").send().await.expect("it");
    let log = lines.text();
    let line = log
        .lines()
        .find(|line| line.contains("traced-2") && line.contains("answered"))
        .expect("a line");
    assert!(
        line.contains("status=200") && line.contains("trace=\"") && !line.contains("nonsense"),
        "{line}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_queries_are_logged_and_secrets_never() {
    let lines = log();
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let slow = ServerConfig {
        slow_query: Duration::ZERO,
        ..ServerConfig::new().api_key("hunter2-key", runtime::Scope::Admin)
    };
    let printed = format!("{slow:?}");
    let client = serve_with(registry, slow).await;
    let query = "query Cheap($sku: String!) { products(filters: {sku: {eq: $sku}}) { id reviews { rating } } }";
    let request = client
        .http
        .post(format!("{}/graphql/shop/", client.base))
        .bearer_auth("hunter2-token");
    let body = json!({"query": query, "variables": {"sku": "hunter2-value"}});
    let response = request
        .header("x-request-id", "request-77")
        .json(&body)
        .send()
        .await
        .expect("it");
    assert_eq!(response.headers()["x-request-id"], "request-77");
    let rest = client
        .http
        .get(format!("{}/api/v1/schemas/", client.base))
        .bearer_auth("hunter2-key");
    assert_eq!(rest.send().await.expect("it").status(), 200);
    for url in [
        "postgres://me:hunter2@127.0.0.1:1/x",
        "mysql://me:hunter2@127.0.0.1:1/x",
        "nonsense://me:hunter2@x",
    ] {
        let error = Database::connect(url, 1).await.expect_err("nobody listens there");
        let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let log = lines.text();
    let line = log
        .lines()
        .find(|line| line.contains("slow query") && line.contains("Cheap"))
        .expect("a line");
    assert!(
        line.contains("schema=\"shop\"") && line.contains("statements=2") && line.contains("SELECT"),
        "{line}"
    );
    assert!(
        !log.contains("hunter2") && !printed.contains("hunter2"),
        "a secret is in the log"
    );
}

#[derive(Clone)]
struct Waiting {
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

#[async_graphql::Object]
impl Waiting {
    async fn waiting(&self) -> bool {
        self.begun.notify_one();
        self.go_on.notified().await;
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_finishes_on_the_schema_that_it_began_with() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let root = Waiting {
        begun: Arc::default(),
        go_on: Arc::default(),
    };
    registry
        .register(SchemaDefinition::new("long").apps(["users"]).query(root.clone()))
        .expect("a schema");
    let client = serve(Arc::clone(&registry)).await;
    let asking = client.clone();
    let query = json!({"query": "{ waiting users(limit: 1) { id } }"});
    let answer = tokio::spawn(async move { asking.post("long", query).await });
    root.begun.notified().await;
    registry
        .update("long", |definition| definition.apps = vec!["products".into()])
        .expect("a change");
    registry.remove("long").expect("it was there");
    assert_eq!(client.post("long", json!({"query": "{ __typename }"})).await.0, 404);
    root.go_on.notify_one();
    let (status, answer) = answer.await.expect("no panic");
    assert_eq!(
        (status, answer),
        (200, json!({"data": {"waiting": true, "users": [{"id": "1"}]}}))
    );
}

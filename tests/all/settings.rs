//! Each setting acts, seen through HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::async_trait::async_trait;
use runtime::cache::{AnswerCache, CacheError, Entry, RedisCache, RedisOptions};
use runtime::plugins::CachingPlugin;
use runtime::{Authenticate, AuthenticationError, Viewer};
use runtime::{Database, Registry, SchemaDefinition, ServerConfig};
use serde_json::{Value, json};
use tests::{Client, Engine, empty_database, execute, serve_with, shop};

/// `Authorization: Bearer ID`, and `staff` is staff.
struct ByName;

#[async_trait]
impl Authenticate for ByName {
    async fn viewer(&self, headers: &axum::http::HeaderMap) -> Result<Viewer, AuthenticationError> {
        let Some(value) = headers.get("authorization").and_then(|value| value.to_str().ok()) else {
            return Ok(Viewer::anonymous());
        };
        match value.strip_prefix("Bearer ") {
            Some("bad") | None => Err(AuthenticationError::new("The token is no good")),
            Some(id) => Ok(Viewer {
                is_staff: id == "staff",
                ..Viewer::known(id)
            }),
        }
    }
}

async fn client(definitions: Vec<SchemaDefinition>) -> Client {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    for definition in definitions {
        registry.register(definition.apps(["users"])).expect("a schema");
    }
    let proxy = "127.0.0.1/32".parse().expect("a network");
    serve_with(registry, ServerConfig::new().authenticator(ByName).trusted_proxy(proxy)).await
}

async fn ask(client: &Client, schema: &str, viewer: Option<&str>, query: &str) -> (u16, Value) {
    let mut request = client
        .http
        .post(format!("{}/graphql/{schema}/", client.base))
        .json(&json!({ "query": query }));
    if let Some(viewer) = viewer {
        request = request.bearer_auth(viewer);
    }
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn authentication_is_required_on_every_request() {
    let closed = |name: &str, setting: &str| SchemaDefinition::new(name).setting(setting, true);
    let client = client(vec![
        closed("closed", "require_authentication"),
        closed("closed2", "authentication_required"),
    ])
    .await;
    // The original forgot it after the first request.
    for schema in ["closed", "closed2"] {
        for _ in 0..3 {
            let (status, answer) = ask(&client, schema, None, "{ users(limit: 1) { id } }").await;
            assert_eq!((status, code(&answer)), (401, "AUTHENTICATION_REQUIRED"));
            assert_eq!(
                ask(&client, schema, Some("7"), "{ users(limit: 1) { id } }").await.0,
                200
            );
        }
    }
    let (status, answer) = ask(&client, "closed", Some("bad"), "{ __typename }").await;
    assert_eq!((status, code(&answer)), (401, "INVALID_CREDENTIALS"));
    let sdl = client
        .http
        .get(format!("{}/graphql/closed/schema.graphql", client.base))
        .send()
        .await
        .expect("it");
    assert_eq!(sdl.status(), 401);
    // And it is still there after a change over REST.
    let change = json!({"description": "changed"});
    assert_eq!(client.rest("PUT", "/schemas/closed/", Some(change)).await.0, 200);
    assert_eq!(ask(&client, "closed", None, "{ __typename }").await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_of_filters_types_pages_and_tls() {
    let off = |name: &str, setting: &str| SchemaDefinition::new(name).setting(setting, false);
    let client = client(vec![
        off("unfiltered", "enable_filtering"),
        off("silent", "enable_introspection"),
        off("pageless", "enable_graphiql"),
        off("reads", "enable_mutations").mutation(Touch),
        SchemaDefinition::new("writes").mutation(Touch),
        SchemaDefinition::new("secure").setting("requires_ssl", true),
    ])
    .await;
    let filtered = "{ users(filters: {id: {eq: 1}}) { id } }";
    assert_eq!(
        code(&ask(&client, "unfiltered", None, filtered).await.1),
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(
        ask(&client, "users", None, filtered).await.1["data"]["users"][0]["id"],
        "1"
    );
    let introspection = "{ __schema { types { name } } }";
    assert_eq!(
        code(&ask(&client, "silent", None, introspection).await.1),
        "INTROSPECTION_DISABLED"
    );
    assert_eq!(
        ask(&client, "silent", None, "{ users(limit: 1) { __typename } }")
            .await
            .0,
        200
    );
    let sdl = client
        .http
        .get(format!("{}/graphql/silent/schema.graphql", client.base))
        .send()
        .await
        .expect("it");
    assert_eq!(sdl.status(), 403);
    let page = async |schema: &str| {
        let request = client
            .http
            .get(format!("{}/graphql/{schema}/", client.base))
            .header("accept", "text/html,*/*");
        request.send().await.expect("it").text().await.expect("text")
    };
    assert!(page("users").await.contains("graphiql") && !page("pageless").await.contains("graphiql"));
    assert_eq!(
        ask(&client, "writes", None, "mutation { touch }").await.1,
        json!({"data": {"touch": true}})
    );
    assert_eq!(
        code(&ask(&client, "reads", None, "mutation { touch }").await.1),
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(
        code(&ask(&client, "secure", None, "{ __typename }").await.1),
        "SSL_REQUIRED"
    );
    let request = client
        .http
        .post(format!("{}/graphql/secure/", client.base))
        .header("x-forwarded-proto", "https");
    assert_eq!(
        request
            .json(&json!({"query": "{ __typename }"}))
            .send()
            .await
            .expect("it")
            .status(),
        200
    );
}

/// A write that writes nothing.
#[derive(Clone)]
pub(crate) struct Touch;

#[async_graphql::Object]
impl Touch {
    async fn touch(&self) -> bool {
        true
    }
}

#[derive(Clone)]
struct Slow;

#[async_graphql::Object]
impl Slow {
    async fn slow(&self) -> bool {
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_and_number_of_requests_are_limited() {
    let client = client(vec![
        SchemaDefinition::new("timed").setting("query_timeout", 1).query(Slow),
        SchemaDefinition::new("rare").setting("rate_limit", 3),
    ])
    .await;
    let (_, answer) = ask(&client, "timed", None, "{ slow }").await;
    assert_eq!(
        answer["errors"][0]["message"],
        "The request took longer than 1 s (setting `query_timeout`)"
    );
    // In the draft's media type the status says so, too; an error of the server's has the request's id.
    let request = client.http.post(format!("{}/graphql/timed/", client.base));
    let request = request
        .header("accept", "application/graphql-response+json")
        .json(&json!({"query": "{ slow }"}));
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 504);
    let id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
    let answer: Value = response.json().await.expect("JSON");
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({"code": "TIMEOUT", "requestId": id})
    );
    for _ in 0..3 {
        assert_eq!(ask(&client, "rare", Some("a"), "{ __typename }").await.0, 200);
    }
    let request = client
        .http
        .post(format!("{}/graphql/rare/", client.base))
        .bearer_auth("a");
    let response = request
        .json(&json!({"query": "{ __typename }"}))
        .send()
        .await
        .expect("it");
    assert_eq!(response.status(), 429);
    let wait: u64 = response.headers()["retry-after"]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(code(&response.json::<Value>().await.expect("JSON")), "RATE_LIMITED");
    assert_eq!(
        ask(&client, "rare", Some("b"), "{ __typename }").await.0,
        200,
        "another caller"
    );
}

async fn cached(cache: Option<Arc<dyn AnswerCache>>) -> (Client, String, Arc<Registry>) {
    let url = empty_database(Engine::Sqlite, "cached")
        .await
        .expect("SQLite needs no server");
    execute(
        &url,
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'old')",
    )
    .await;
    let registry = tests::live_registry(&url).await;
    if let Some(cache) = cache {
        registry.set_cache(cache);
    }
    registry.install(CachingPlugin::new()).expect("a plugin");
    let kept = |name: &str| {
        SchemaDefinition::new(name)
            .apps(["main"])
            .setting("enable_caching", true)
    };
    let prefix = format!("test{}:", std::process::id());
    registry
        .register(
            kept("kept")
                .setting("cache_key_prefix", prefix.as_str())
                .mutation(Touch),
        )
        .expect("a schema");
    registry
        .register(kept("short").setting("cache_timeout", 1))
        .expect("a schema");
    let registry = Arc::new(registry);
    let client = serve_with(Arc::clone(&registry), ServerConfig::new().authenticator(ByName)).await;
    (client, url, registry)
}

async fn answers_are_kept(cache: Option<Arc<dyn AnswerCache>>) {
    let (client, url, registry) = cached(cache).await;
    let query = "{ notes { body } }";
    let body = |answer: (u16, Value)| {
        answer.1["data"]["notes"][0]["body"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(body(ask(&client, "kept", None, query).await), "old");
    // Changed behind the server's back: the kept answer is given, to this viewer and from this schema.
    execute(&url, "UPDATE notes SET body = 'new'").await;
    let statements = registry.database().statement_count();
    assert_eq!(body(ask(&client, "kept", None, query).await), "old");
    assert_eq!(registry.database().statement_count(), statements, "nothing was asked");
    assert_eq!(
        body(ask(&client, "kept", Some("7"), query).await),
        "new",
        "another viewer"
    );
    assert_eq!(
        body(ask(&client, "main", None, query).await),
        "new",
        "a schema that keeps nothing"
    );
    assert_eq!(
        body(ask(&client, "kept", None, "query A { notes { body } }").await),
        "new",
        "another operation"
    );
    // A write through the server drops it.
    execute(&url, "UPDATE notes SET body = 'newest'").await;
    assert_eq!(ask(&client, "kept", None, "mutation { touch }").await.0, 200);
    assert_eq!(body(ask(&client, "kept", None, query).await), "newest");
    // Errors are not kept.
    let wrong = "query($i: ID!) { note(id: $i) { body } }";
    assert!(ask(&client, "kept", None, wrong).await.1["errors"].is_array());
    let (_, metrics) = client.rest("GET", "/metrics/", None).await;
    assert_eq!(metrics["data"]["plugin_metrics"]["plugins"]["caching"]["hits"], 1);
    assert_eq!(metrics["data"]["usage"]["kept"]["cached_count"], 1);
    // The time of the setting ends it.
    assert_eq!(body(ask(&client, "short", None, query).await), "newest");
    execute(&url, "UPDATE notes SET body = 'last'").await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while body(ask(&client, "short", None, query).await) != "last" {
        assert!(
            std::time::Instant::now() < deadline,
            "the answer is kept for longer than a second"
        );
    }
}

#[derive(Debug)]
struct Broken;

#[async_trait]
impl AnswerCache for Broken {
    async fn entry(&self, _: &str) -> Result<Option<Entry>, CacheError> {
        Ok(None)
    }
    async fn keep(&self, _: &str, _: Entry, _: std::time::Duration) -> Result<(), CacheError> {
        Err(CacheError::Failed("the disk is full".into()))
    }
    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError> {
        Ok(vec![0; tables.len()])
    }
    async fn raise(&self, _: &BTreeSet<String>) -> Result<(), CacheError> {
        Err(CacheError::Failed("the disk is full".into()))
    }
    fn size(&self) -> Option<(u64, u64)> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_fails_is_seen_and_fails_no_request() {
    let (client, _, registry) = cached(Some(Arc::new(Broken))).await;
    let (_, answer) = ask(&client, "kept", None, "{ notes { body } }").await;
    assert_eq!(answer, json!({"data": {"notes": [{"body": "old"}]}}));
    assert_eq!(
        ask(&client, "kept", None, "mutation { touch }").await.1,
        json!({"data": {"touch": true}})
    );
    assert_eq!(registry.observer().count("cache_failed"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_in_memory() {
    answers_are_kept(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_in_redis_for_several_servers() {
    let Some(url) = tests::redis().await else { return };
    let connect = async || {
        let options = RedisOptions::new("a database").patience(std::time::Duration::from_secs(5));
        Arc::new(RedisCache::connect(&url, &options).await.expect("Redis"))
    };
    answers_are_kept(Some(connect().await)).await;
    // Two servers over one cache: what one keeps the other gives, and what one writes drops the other's.
    let (first, database, _) = cached(Some(connect().await)).await;
    let registry = tests::live_registry_over(&database, Database::connect(&database, 2).await.expect("it")).await;
    registry.set_cache(connect().await);
    registry.install(CachingPlugin::new()).expect("a plugin");
    let prefix = format!("test{}:", std::process::id());
    let kept = SchemaDefinition::new("kept")
        .apps(["main"])
        .setting("enable_caching", true);
    registry
        .register(kept.setting("cache_key_prefix", prefix.as_str()).mutation(Touch))
        .expect("a schema");
    let second = serve_with(Arc::new(registry), ServerConfig::new()).await;
    let query = "query Shared { notes { id body } }";
    let (_, answer) = ask(&first, "kept", None, query).await;
    execute(&database, "UPDATE notes SET body = 'changed'").await;
    assert_eq!(ask(&second, "kept", None, query).await.1, answer);
    ask(&second, "kept", None, "mutation { touch }").await;
    assert_eq!(
        ask(&first, "kept", None, query).await.1["data"]["notes"][0]["body"],
        "changed"
    );
    // Without its cache a server starts and answers all the same.
    let away = RedisCache::connect("redis://127.0.0.1:1", &RedisOptions::new("a database"))
        .await
        .expect("a URL");
    assert_eq!(runtime::cache::fresh(&away, "key").await, Err(CacheError::Away));
    let wrong = RedisCache::connect("unix:/tmp/redis", &RedisOptions::new("a database"))
        .await
        .expect_err("no scheme");
    assert!(wrong.to_string().contains("redis+unix:"), "{wrong}");
}

#[test]
fn the_environment_configures_the_server() {
    let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    let given = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
    let config = ServerConfig::new()
        .with_variables(&given("GRAPHQL_LISTEN", "0.0.0.0:9000"))
        .expect("a configuration");
    assert_eq!(config.listen.to_string(), "0.0.0.0:9000");
    let keys = format!("admin:{hash}, read:{hash}");
    assert_eq!(
        ServerConfig::new()
            .with_variables(&given("GRAPHQL_API_KEYS", &keys))
            .expect("keys")
            .api_keys
            .len(),
        2
    );
    let wrong = ServerConfig::new()
        .with_variables(&given("GRAPHQL_API_KEYS", "admin:secret"))
        .expect_err("no hash");
    assert!(
        wrong.to_string().contains("sha256sum") && !wrong.to_string().contains("secret"),
        "{wrong}"
    );
    let wrong = ServerConfig::new()
        .with_variables(&given("GRAPHQL_LISTEN", "here"))
        .expect_err("no address");
    assert!(wrong.to_string().contains("`here` is not an address"), "{wrong}");
}

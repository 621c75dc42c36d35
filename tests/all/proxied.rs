//! The server behind a proxy that nobody configured for it.

use std::sync::Arc;

use runtime::SchemaDefinition;
use runtime::Scope;
use runtime::{Registry, ServerConfig};
use serde_json::{Value, json};
use tests::{Engine, Nginx, empty_database, execute, live_registry, serve_as_configured};

/// Two tables, of which the program serves one.
async fn registry() -> Registry {
    let url = empty_database(Engine::Sqlite, "proxied")
        .await
        .expect("SQLite needs no server");
    execute(&url, "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); CREATE TABLE secrets (id INTEGER PRIMARY KEY, word TEXT)").await;
    let registry = live_registry(&url).await;
    registry.clear();
    registry
}

async fn program() -> Arc<Registry> {
    let url = empty_database(Engine::Sqlite, "proxied")
        .await
        .expect("SQLite needs no server");
    execute(&url, "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); CREATE TABLE secrets (id INTEGER PRIMARY KEY, word TEXT)").await;
    Arc::new(live_registry(&url).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_proxy_opens_the_management_api_to_nobody() {
    let server = serve_as_configured(program().await, ServerConfig::new()).await;
    let port = server
        .base
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let Some(nginx) = Nginx::before(port) else { return };
    for base in [&server.base, &nginx.base] {
        for (method, path, body) in [
            ("POST", "/schemas/", json!({"name": "pwn", "apps": ["main"]})),
            ("POST", "/management/", json!({"action": "clear_all"})),
            ("POST", "/discovery/", json!({})),
            ("DELETE", "/schemas/main/", Value::Null),
            ("GET", "/schemas/", Value::Null),
            ("GET", "/metrics/", Value::Null),
        ] {
            let request = server
                .http
                .request(method.parse().expect("a method"), format!("{base}/api/v1{path}"));
            let request = if body.is_null() { request } else { request.json(&body) };
            let response = request
                .header("host", "shop.example.com")
                .send()
                .await
                .expect("an answer");
            assert_eq!(response.status(), 401, "{method} {base}{path}");
        }
        let health = server
            .http
            .get(format!("{base}/api/v1/health/"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(health.status(), 200);
    }
    // GraphQL goes through, also below a prefix.
    for path in ["/graphql/main/", "/below/graphql/main/"] {
        let request = server
            .http
            .post(format!("{}{path}", nginx.base))
            .json(&json!({"query": "{ notes { id } }"}));
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(answer, json!({"data": {"notes": []}}), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_it_from_everywhere() {
    let config = ServerConfig::new().api_key("the key", Scope::Admin);
    let server = serve_as_configured(program().await, config).await;
    let list = server
        .http
        .get(format!("{}/api/v1/schemas/", server.base))
        .bearer_auth("the key");
    assert_eq!(list.send().await.expect("an answer").status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_can_reach_is_never_open() {
    let config = ServerConfig::new().listen(([0, 0, 0, 0], 0).into()).open_management();
    let served = runtime::testing::serve_registry(config, program().await, std::future::pending()).await;
    let error = served.expect_err("others can reach it").to_string();
    assert!(
        error.contains("cannot be open") && error.contains("GRAPHQL_API_KEYS"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_over_rest_holds_what_the_program_serves() {
    let registry = registry().await;
    // `live_registry` served both tables once, so a registry of its own tells the difference.
    let apps = registry.apps().to_vec();
    let registry = Registry::with_apps(registry.database().clone(), apps);
    registry
        .register(SchemaDefinition::new("own").models(["Note"]))
        .expect("a schema");
    let made = registry
        .register_api(SchemaDefinition::new("made").apps(["main"]))
        .expect("a schema");
    let sdl = made.engine().sdl();
    assert!(sdl.contains("type Note ") && !sdl.contains("Secret"), "{sdl}");
    assert!(
        made.info.warnings.iter().any(|text| text.contains("'Secret'")),
        "{:?}",
        made.info.warnings
    );
    assert!(registry.expose("Secret"), "the program may say so");
    let made = registry
        .register_api(SchemaDefinition::new("more").apps(["main"]))
        .expect("a schema");
    assert!(made.engine().sdl().contains("type Secret "));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_begin_with_the_path_that_others_use() {
    let config = ServerConfig::new()
        .api_key("the key", Scope::Admin)
        .public_path("/below/");
    let server = serve_as_configured(program().await, config).await;
    let get = async |path: &str| -> Value {
        let request = server.http.get(format!("{}{path}", server.base)).bearer_auth("the key");
        request.send().await.expect("an answer").json().await.expect("JSON")
    };
    let listed = get("/schemas/").await;
    assert_eq!(listed["schemas"][0]["graphql_url"], "/below/graphql/main/");
    assert_eq!(listed["schemas"][0]["sdl_url"], "/below/graphql/main/schema.graphql");
    assert_eq!(
        get("/api/v1/schemas/main/").await["data"]["graphql_url"],
        "/below/graphql/main/"
    );
    assert_eq!(
        get("/api/v1/").await["data"]["endpoints"][0]
            .as_str()
            .map(|path| path.starts_with("/below/api/v1/")),
        Some(true)
    );
    assert_eq!(get("/api/v1/openapi.json").await["servers"], json!([{"url": "/below"}]));

    let made = server
        .http
        .post(format!("{}/api/v1/schemas/", server.base))
        .bearer_auth("the key");
    let made = made
        .json(&json!({"name": "made", "apps": ["main"]}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(made.headers()["location"], "/below/api/v1/schemas/made/");

    // Through the proxy that takes the path away, these addresses lead back.
    let port = server
        .base
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let Some(nginx) = Nginx::before(port) else { return };
    let address = format!(
        "{}{}",
        nginx.base,
        listed["schemas"][0]["graphql_url"].as_str().expect("an address")
    );
    let answer = server
        .http
        .post(address)
        .json(&json!({"query": "{ notes { id } }"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        answer.json::<Value>().await.expect("JSON"),
        json!({"data": {"notes": []}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_are_counted_by_address() {
    let proxy = "127.0.0.1/32".parse().expect("a network");
    let config = ServerConfig::new()
        .api_key("the key", Scope::Admin)
        .trusted_proxy(proxy);
    let server = serve_as_configured(program().await, config).await;
    let status = async |key: &str, from: &str| {
        let request = server
            .http
            .get(format!("{}/api/v1/schemas/", server.base))
            .bearer_auth(key);
        let response = request.header("x-forwarded-for", from).send().await.expect("an answer");
        let waits = response.headers().contains_key("retry-after");
        (response.status().as_u16(), waits)
    };
    for _ in 0..10 {
        assert_eq!(status("a guess", "192.0.2.1").await, (401, false));
    }
    assert_eq!(status("a guess", "192.0.2.1").await, (429, true));
    assert_eq!(status("a guess", "192.0.2.2").await, (401, false), "another address");
    assert_eq!(
        status("the key", "192.0.2.1").await,
        (200, false),
        "the right key is never refused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_api_is_open_to_programs_and_not_to_pages() {
    let variables = [("GRAPHQL_MANAGEMENT".to_owned(), "open".to_owned())].into();
    let config = ServerConfig::new().with_variables(&variables).expect("a configuration");
    let server = serve_as_configured(program().await, config).await;
    let list = server.http.get(format!("{}/api/v1/schemas/", server.base));
    assert_eq!(list.send().await.expect("an answer").status(), 200);
    let clear = server.http.post(format!("{}/api/v1/discovery/", server.base));
    assert_eq!(clear.send().await.expect("an answer").status(), 200);
    let page = server
        .http
        .post(format!("{}/api/v1/discovery/", server.base))
        .header("origin", "http://evil.example");
    assert_eq!(page.body("x").send().await.expect("an answer").status(), 403);
}

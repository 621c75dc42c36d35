//! Refusals: each in the media type that the client takes, with its status, and in words.

use async_graphql::async_trait::async_trait;
use reqwest::header::{ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, UPGRADE, VARY};
use reqwest::{Method, Response};
use runtime::{Authenticate, AuthenticationError, Viewer};
use runtime::{SchemaDefinition, ServerConfig};
use serde_json::{Value, json};
use tests::{Client, Engine, serve_with, shop};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NEW: &str = "application/graphql-response+json";

/// `Authorization: Bearer ID`; `bad` is nobody's.
struct ByName;

#[async_trait]
impl Authenticate for ByName {
    async fn viewer(&self, headers: &axum::http::HeaderMap) -> Result<Viewer, AuthenticationError> {
        match headers.get("authorization").and_then(|value| value.to_str().ok()) {
            None => Ok(Viewer::anonymous()),
            Some("Bearer bad") => Err(AuthenticationError::new("The token is no good")),
            Some(name) => Ok(Viewer::known(name)),
        }
    }
}

/// A server with a schema for each refusal.
async fn client() -> Client {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    for definition in [
        SchemaDefinition::new("closed").setting("require_authentication", true),
        SchemaDefinition::new("secure").setting("requires_ssl", true),
        SchemaDefinition::new("rare").setting("rate_limit", 1),
        SchemaDefinition::new("silent").setting("enable_introspection", false),
    ] {
        registry.register(definition.apps(["users"])).expect("a schema");
    }
    let config = ServerConfig::new().authenticator(ByName).max_batch(2);
    let client = serve_with(registry, config).await;
    let new = json!({"name": "off", "apps": ["users"], "enabled": false});
    assert_eq!(client.rest("POST", "/schemas/", Some(new)).await.0, 201);
    let new = json!({"name": "empty", "apps": ["nothing"]});
    assert_eq!(client.rest("POST", "/schemas/", Some(new)).await.0, 201);
    client
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn code(response: Response) -> String {
    let answer: Value = response.json().await.expect("JSON");
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_the_media_type_that_the_client_takes() {
    let client = client().await;
    let usual = r#"{"query": "{ __typename }"}"#;
    let large = format!("{{\"query\": \"{}\"}}", "x".repeat(3_000_000));
    let json = "application/json";
    let none: Option<&str> = None;
    for (schema, body, content_type, token, status, json_status, expected) in [
        ("shop", "{", json, none, 400, 400, "BAD_REQUEST"),
        ("shop", "{}", json, none, 400, 400, "BAD_REQUEST"),
        ("closed", usual, json, none, 401, 401, "AUTHENTICATION_REQUIRED"),
        ("shop", usual, json, Some("bad"), 401, 401, "INVALID_CREDENTIALS"),
        ("secure", usual, json, none, 403, 403, "SSL_REQUIRED"),
        ("nix", usual, json, none, 404, 404, "SCHEMA_NOT_FOUND"),
        ("shop", &large, json, none, 413, 413, "PAYLOAD_TOO_LARGE"),
        ("shop", usual, "text/plain", none, 415, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("rare", usual, json, none, 200, 200, ""),
        ("rare", usual, json, none, 429, 429, "RATE_LIMITED"),
        ("off", usual, json, none, 503, 503, "SCHEMA_DISABLED"),
        ("empty", usual, json, none, 503, 200, "SCHEMA_EMPTY"),
        (
            "shop",
            r#"[{"query": "{a}"}, {}, {}]"#,
            json,
            none,
            400,
            400,
            "BAD_REQUEST",
        ),
    ] {
        for (accept, status) in [(NEW, status), (json, json_status)] {
            let url = format!("{}/graphql/{schema}/", client.base);
            let mut request = client
                .http
                .post(url)
                .header(ACCEPT, accept)
                .header(CONTENT_TYPE, content_type);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.body(body.to_owned()).send().await.expect("an answer");
            if schema == "rare" && accept == json && status == 200 {
                // The first of the minute was asked for with the other type.
                assert_eq!(response.status(), 429);
                continue;
            }
            assert_eq!(response.status(), status, "{expected} as {accept}");
            assert_eq!(
                header(&response, "content-type"),
                format!("{accept}; charset=utf-8"),
                "{expected}"
            );
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            if matches!(status, 401 | 403) {
                assert_eq!(header(&response, "cache-control"), "no-store", "{expected}");
            }
            assert_eq!(code(response).await, expected);
        }
    }
    let response = client
        .http
        .get(format!("{}/graphql/silent/schema.graphql", client.base))
        .header(ACCEPT, NEW);
    let response = response.send().await.expect("an answer");
    assert_eq!(
        (response.status().as_u16(), header(&response, "content-type")),
        (403, &*format!("{NEW}; charset=utf-8"))
    );
}

/// A field without a value, for ever.
#[derive(Clone)]
struct Endless;

#[async_graphql::Object]
impl Endless {
    async fn end(&self) -> i32 {
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_refused_in_the_clients_media_type() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    registry
        .register(SchemaDefinition::new("endless").query(Endless))
        .expect("the schema");
    let config = ServerConfig {
        request_timeout: std::time::Duration::from_millis(20),
        ..ServerConfig::new()
    };
    let client = serve_with(registry, config).await;
    for accept in [NEW, "application/json"] {
        let request = client
            .http
            .post(format!("{}/graphql/endless/", client.base))
            .header(ACCEPT, accept);
        let response = request
            .json(&json!({"query": "{ end }"}))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 504);
        assert_eq!(header(&response, "content-type"), format!("{accept}; charset=utf-8"));
        assert_eq!(code(response).await, "TIMEOUT");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_are_compared_without_case_and_parameters_are_tolerated() {
    let client = client().await;
    let ask = async |content_type: &str, accept: &str| {
        let request = client.http.post(format!("{}/graphql/shop/", client.base));
        let request = request.header(CONTENT_TYPE, content_type).header(ACCEPT, accept);
        let response = request
            .body(r#"{"query": "{ __typename }"}"#)
            .send()
            .await
            .expect("an answer");
        (response.status().as_u16(), header(&response, "content-type").to_owned())
    };
    let json = "application/json; charset=utf-8".to_owned();
    let new = format!("{NEW}; charset=utf-8");
    for (content_type, accept, expected) in [
        ("Application/JSON", "application/json", &json),
        ("application/json ; Charset=\"UTF-8\"", "Application/JSON", &json),
        (
            "application/json; profile=x; charset=utf-8",
            "APPLICATION/GraphQL-Response+json; charset=utf-8",
            &new,
        ),
        (
            "application/json",
            "application/json; Q=0.1, application/graphql-response+json; q=0.2",
            &new,
        ),
    ] {
        assert_eq!(
            ask(content_type, accept).await,
            (200, expected.clone()),
            "{content_type}, {accept}"
        );
    }
    for content_type in [
        "application/json; charset=utf-16",
        "application/json; charset=latin1",
        "application/jsonp",
        "",
    ] {
        assert_eq!(ask(content_type, NEW).await, (415, new.clone()), "{content_type}");
    }
}

/// A body, and the same as gzip makes it.
fn packed(body: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut child = std::process::Command::new("gzip")
        .arg("-c")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("gzip");
    let mut input = child.stdin.take().expect("its input");
    let body = body.to_owned();
    let writer = std::thread::spawn(move || input.write_all(body.as_bytes()));
    let output = child.wait_with_output().expect("its output");
    writer.join().expect("no panic").expect("all of it");
    output.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_in_gzip_are_taken_and_bounded_by_what_they_hold() {
    let client = client().await;
    let send = async |path: &str, encoding: &str, body: Vec<u8>| {
        let request = client
            .http
            .post(format!("{}/{path}", client.base))
            .header(CONTENT_ENCODING, encoding);
        let response = request
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.expect("JSON"))
    };
    let query = packed(r#"{"query": "{ __typename }"}"#);
    assert_eq!(
        send("graphql/shop/", "gzip", query.clone()).await,
        (200, json!({"data": {"__typename": "Query"}}))
    );
    assert_eq!(send("graphql/shop/", "GZIP", query.clone()).await.0, 200);
    assert_eq!(
        send(
            "api/v1/schemas/",
            "gzip",
            packed(r#"{"name": "packed", "apps": ["users"]}"#)
        )
        .await
        .0,
        201
    );
    // 20 MB of blanks are 20 kB in gzip.
    let bomb = packed(&format!("{{\"query\": \"{}\"}}", " ".repeat(20_000_000)));
    assert!(bomb.len() < 100_000);
    assert_eq!(send("graphql/shop/", "gzip", bomb).await.0, 413);
    let (status, answer) = send("graphql/shop/", "gzip", query[..query.len() - 9].to_vec()).await;
    assert_eq!(
        (status, &answer["errors"][0]["message"]),
        (400, &json!("The body could not be read to its end"))
    );
    let (status, answer) = send("graphql/shop/", "br", query).await;
    assert_eq!(
        (status, &answer["errors"][0]["message"]),
        (415, &json!("The body may be compressed with gzip only"))
    );
}

/// Sends bytes as they are, and returns the answer as text.
async fn raw(client: &Client, request: &str) -> String {
    let address = client.base.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("the server");
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(std::time::Duration::from_secs(10), read)
        .await
        .expect("the server closes")
        .expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let client = client().await;
    let head = "POST /graphql/shop/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let broken = format!("{head}transfer-encoding: chunked\r\n\r\nZZ\r\n{{}}");
    let answer = raw(&client, &broken).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("The body could not be read to its end"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_refused_in_words_at_every_door() {
    let client = client().await;
    let url = format!("{}/graphql/shop/", client.base);
    let (_, answer) = client.post("shop", json!({"query": "subscription { x }"})).await;
    let error = json!({"message": "Subscriptions are not available yet",
                       "extensions": {"code": "SUBSCRIPTIONS_NOT_SUPPORTED"}});
    assert_eq!(answer, json!({"errors": [error]}));
    let socket = client
        .http
        .get(&url)
        .header(UPGRADE, "websocket")
        .header("connection", "Upgrade");
    let socket = socket
        .header("sec-websocket-protocol", "graphql-transport-ws")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (socket.status().as_u16(), code(socket).await.as_str()),
        (501, "SUBSCRIPTIONS_NOT_SUPPORTED")
    );
    let events = client
        .http
        .get(&url)
        .header(ACCEPT, "text/event-stream")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (events.status().as_u16(), code(events).await.as_str()),
        (406, "SUBSCRIPTIONS_NOT_SUPPORTED")
    );
    let events = client
        .http
        .post(&url)
        .header(ACCEPT, "text/event-stream")
        .json(&json!({"query": "{ __typename }"}));
    let events = events.send().await.expect("an answer");
    assert_eq!(
        (events.status().as_u16(), code(events).await.as_str()),
        (406, "SUBSCRIPTIONS_NOT_SUPPORTED")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn syntax_errors_take_one_line_and_say_where() {
    let client = client().await;
    for (query, message, line, column) in [
        ("{ users", "Syntax Error: expected", 1, 8),
        ("{ users { id }", "found the end of the document", 1, 15),
        (
            "{\n  users(limit: ) { id }\n}",
            "Syntax Error: expected a value, found \")\"",
            2,
            16,
        ),
        (
            "nonsense",
            "Syntax Error: expected an operation or a fragment, found \"nonsense\"",
            1,
            1,
        ),
    ] {
        let (_, answer) = client.post("shop", json!({ "query": query })).await;
        let error = &answer["errors"][0];
        let text = error["message"].as_str().expect("a text");
        assert!(text.contains(message) && !text.contains('\n'), "{query}: {text}");
        assert_eq!(error["locations"], json!([{"line": line, "column": column}]), "{query}");
        assert_eq!(error["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_an_address_does_not_take_is_refused_in_json() {
    let client = client().await;
    for (path, allowed) in [
        ("graphql/shop/", "GET,HEAD,POST"),
        ("graphql/shop/schema.graphql", "GET,HEAD"),
        ("schemas/", "GET,HEAD"),
        ("livez", "GET,HEAD"),
        ("metrics/", "GET,HEAD"),
    ] {
        let response = client
            .http
            .put(format!("{}/{path}", client.base))
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "allow")),
            (405, allowed),
            "{path}"
        );
        assert_eq!(code(response).await, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_headers_are_what_proxies_and_browsers_expect() {
    let client = client().await;
    for path in [
        "livez",
        "livez/",
        "readyz/",
        "metrics",
        "metrics/",
        "api/v1",
        "api/v1/",
        "api/v1/openapi.json",
        "api/v1/openapi.json/",
    ] {
        let response = client
            .http
            .get(format!("{}/{path}", client.base))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
    }
    let url = format!("{}/graphql/shop/?query={{__typename}}", client.base);
    for accept in ["text/html", "application/json"] {
        let response = client
            .http
            .get(&url)
            .header(ACCEPT, accept)
            .send()
            .await
            .expect("an answer");
        let vary: Vec<&str> = response
            .headers()
            .get_all(VARY)
            .iter()
            .filter_map(|vary| vary.to_str().ok())
            .collect();
        assert!(vary.contains(&"accept"), "{vary:?}");
        // A page is asked for anew, an answer says nothing.
        let kept = response
            .headers()
            .get(CACHE_CONTROL)
            .and_then(|value| value.to_str().ok());
        assert_eq!(kept, (accept == "text/html").then_some("no-cache"));
    }
    for request in [
        client.http.get(&url),
        client.http.post(&url).json(&json!({"query": "{ __typename }"})),
    ] {
        let response = request.bearer_auth("7").send().await.expect("an answer");
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
    let response = client
        .http
        .get(format!("{}/graphql/shop/?query=", client.base))
        .send()
        .await
        .expect("an answer");
    let answer: Value = response.json().await.expect("JSON");
    assert_eq!(answer["errors"][0]["message"], "The parameter `query` is missing");
    let response = client.http.request(Method::HEAD, &url).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
}

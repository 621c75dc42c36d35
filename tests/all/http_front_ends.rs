//! What pages of other origins and programs around the server need: CORS, request ids, routes of one's own.

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use reqwest::Method;
use reqwest::header::{HeaderMap, ORIGIN};
use runtime::ServerConfig;
use serde_json::json;
use tests::{Client, Engine, serve_with, shop};

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

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn preflight(client: &Client, path: &str, origin: &str) -> HeaderMap {
    let request = client
        .http
        .request(Method::OPTIONS, format!("{}/{path}", client.base))
        .header(ORIGIN, origin);
    let request = request.header("access-control-request-method", "POST");
    let request = request.header("access-control-request-headers", "content-type, traceparent, x-tenant");
    request.send().await.expect("an answer").headers().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn named_pages_may_send_every_header_and_cookies() {
    let client = client(ServerConfig::new().cors_origin("https://shop.example")).await;
    let headers = preflight(&client, "graphql/shop/", "https://shop.example").await;
    assert_eq!(header(&headers, "access-control-allow-origin"), "https://shop.example");
    assert_eq!(
        header(&headers, "access-control-allow-headers"),
        "content-type, traceparent, x-tenant"
    );
    assert_eq!(header(&headers, "access-control-allow-credentials"), "true");
    assert_eq!(header(&headers, "access-control-max-age"), "7200");
    let request = client
        .http
        .post(format!("{}/graphql/shop/", client.base))
        .header(ORIGIN, "https://shop.example");
    let response = request
        .json(&json!({"query": "{ __typename }"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(header(response.headers(), "access-control-allow-credentials"), "true");
    assert_eq!(
        header(response.headers(), "access-control-expose-headers"),
        "x-request-id,retry-after,etag"
    );
    let headers = preflight(&client, "graphql/shop/", "https://evil.example").await;
    assert_eq!(header(&headers, "access-control-allow-origin"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_nobody_named_send_no_cookies() {
    let client = client(ServerConfig::new().cors_origin("*")).await;
    let headers = preflight(&client, "graphql/shop/", "https://any.example").await;
    assert_eq!(header(&headers, "access-control-allow-origin"), "*");
    assert_eq!(
        header(&headers, "access-control-allow-headers"),
        "content-type, traceparent, x-tenant"
    );
    assert_eq!(header(&headers, "access-control-allow-credentials"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_never_covers_the_management_api() {
    for origin in ["*", "https://shop.example"] {
        let client = client(ServerConfig::new().cors_origin(origin)).await;
        for path in ["api/v1/schemas/", "api/v1/health/", "api/v1/openapi.json"] {
            let headers = preflight(&client, path, "https://shop.example").await;
            assert_eq!(header(&headers, "access-control-allow-origin"), "", "{path}");
            let request = client
                .http
                .get(format!("{}/{path}", client.base))
                .header(ORIGIN, "https://shop.example");
            let response = request.send().await.expect("an answer");
            assert_eq!(header(response.headers(), "access-control-allow-origin"), "", "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ids_are_taken_over_where_they_are_good() {
    let client = client(ServerConfig::new()).await;
    let ask = async |id: &str| {
        let request = client
            .http
            .get(format!("{}/livez", client.base))
            .header("x-request-id", id);
        header(request.send().await.expect("an answer").headers(), "x-request-id").to_owned()
    };
    let longest = "a".repeat(128);
    for good in ["request-77", "A_b.c-9", &longest] {
        assert_eq!(ask(good).await, good);
    }
    for bad in ["abc def<script>", "a/b", "", &"a".repeat(129)] {
        let made = ask(bad).await;
        assert!(made != bad && !made.is_empty() && made.len() < 64, "{bad}: {made}");
    }
}

/// Whether all bytes came, by the handler of a program of one's own.
async fn upload(body: Bytes) -> String {
    format!("{} {}", body.len(), body.ends_with(b"--end--\r\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_to_routes_of_ones_own_arrive_whole() {
    let routes = Router::new()
        .route("/upload", post(upload))
        .layer(DefaultBodyLimit::disable());
    let client = client(ServerConfig::new().routes(routes)).await;
    let content = "x".repeat(5 * 1024 * 1024);
    let head = "--end\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    let form = format!("{head}{content}\r\n--end--\r\n");
    for (content_type, body, ending) in [
        ("application/octet-stream", content.clone(), false),
        ("multipart/form-data; boundary=end", form, true),
    ] {
        let expected = format!("{} {ending}", body.len());
        let request = |body: reqwest::Body| {
            client
                .http
                .post(format!("{}/upload", client.base))
                .header("content-type", content_type)
                .body(body)
        };
        let whole = request(body.clone().into()).send().await.expect("an answer");
        assert_eq!(whole.text().await.expect("text"), expected);
        let parts = futures_util::stream::iter([Ok::<_, std::io::Error>(body)]);
        let parts = request(reqwest::Body::wrap_stream(parts))
            .send()
            .await
            .expect("an answer");
        assert_eq!(parts.text().await.expect("text"), expected, "of unknown length");
    }
}

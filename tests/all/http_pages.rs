//! The pages of the server: GraphiQL, and the list of schemas.

use super::http::sqlite_client;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};
use tests::{Engine, serve, shop};

/// A page, and the headers that came with it.
async fn page(url: &str) -> (reqwest::header::HeaderMap, String) {
    let request = reqwest::Client::new().get(url).header(ACCEPT, "text/html,*/*;q=0.8");
    let response = request.send().await.expect("it");
    assert_eq!(response.status(), 200, "{url}");
    (response.headers().clone(), response.text().await.expect("text"))
}

/// Where a page's links lead.
fn links(url: &str, html: &str) -> Vec<reqwest::Url> {
    let base = reqwest::Url::parse(url).expect("an address");
    let parts: Vec<_> = html.split('"').collect();
    let values = parts
        .windows(2)
        .filter(|pair| pair[0].ends_with("href=") || pair[0].ends_with("src="));
    values
        .filter(|pair| pair[1] != "data:,")
        .map(|pair| base.join(pair[1]).expect("an address"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_graphiql_from_the_program_itself() {
    let client = sqlite_client().await;
    let plain = reqwest::Client::builder().no_gzip().build().expect("a client");
    for path in ["/graphql/shop/", "/graphql/shop"] {
        let url = format!("{}{path}", client.base);
        let (headers, html) = page(&url).await;
        let policy = headers["content-security-policy"].to_str().expect("text");
        for part in ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(
            html.contains("data-schema=\"shop\"") && html.contains("data-authentication=\"false\""),
            "{html}"
        );
        // No address says where the server's root is, so the page also works below a prefix.
        assert!(
            !html.contains("=\"/") && !html.contains("//") && !html.contains('{'),
            "{html}"
        );
        let all = links(&url, &html);
        let assets: Vec<_> = all
            .into_iter()
            .filter(|url| url.path().starts_with("/graphiql/"))
            .collect();
        assert_eq!(assets.len(), 6, "{html}");
        for asset in assets {
            let ask = async |encoding: &str| {
                let response = plain
                    .get(asset.clone())
                    .header("accept-encoding", encoding)
                    .send()
                    .await
                    .expect("it");
                assert_eq!(response.status(), 200, "{asset}");
                assert_eq!(
                    response.headers()["cache-control"],
                    "public, max-age=31536000, immutable"
                );
                let packed = response.headers().contains_key("content-encoding");
                (packed, response.bytes().await.expect("bytes"))
            };
            let (packed, bytes) = ask("gzip").await;
            for encoding in ["identity", "gzip;q=0, *", "br"] {
                let (packed, plain) = ask(encoding).await;
                assert!(
                    !packed && std::str::from_utf8(&plain).is_ok() && plain.len() >= bytes.len(),
                    "{asset}"
                );
            }
            assert!(packed || bytes.len() < 10_000, "{asset}");
        }
    }
    // What a page of another version asks for is not kept.
    let old = plain
        .get(format!("{}/graphiql/0123456789abcdef/start.js", client.base))
        .send()
        .await
        .expect("it");
    assert_eq!(
        (
            old.status().as_u16(),
            old.headers()["cache-control"].to_str().expect("text")
        ),
        (200, "no-store")
    );
    let missing = plain
        .get(format!("{}/graphiql/0123456789abcdef/nope.js", client.base))
        .send()
        .await
        .expect("it");
    assert_eq!(missing.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_names_no_schema_gets_their_list() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let definition = runtime::SchemaDefinition::new("closed")
        .apps(["users"])
        .setting("require_authentication", true);
    registry
        .register(definition.description("<b>&{root}"))
        .expect("a schema");
    let definition = runtime::SchemaDefinition::new("bare")
        .apps(["users"])
        .setting("enable_graphiql", false);
    registry.register(definition).expect("a schema");
    registry.set_enabled("users", false).expect("it is there");
    let client = serve(registry).await;
    for path in ["/graphql", "/graphql/"] {
        let url = format!("{}{path}", client.base);
        let (headers, html) = page(&url).await;
        assert_eq!(headers["vary"], "Accept");
        assert!(
            html.contains("&lt;b>&amp;&#123;root}") && html.contains("needs authentication"),
            "{html}"
        );
        let all = links(&url, &html);
        let open = |name: &str| all.iter().any(|url| url.path() == format!("/graphql/{name}/"));
        assert_eq!(
            ["shop", "closed", "bare", "users"].map(open),
            [true, true, false, false],
            "{html}"
        );
        assert!(html.contains("<li class=\"disabled\"><h2>users</h2>"), "{html}");
    }
    let list = async |query: &str| {
        let url = format!("{}/schemas/{query}", client.base);
        client
            .http
            .get(url)
            .send()
            .await
            .expect("it")
            .json::<Value>()
            .await
            .expect("JSON")
    };
    let (enabled, all) = (list("").await, list("?disabled=true").await);
    assert_eq!((&enabled["count"], &all["count"]), (&json!(5), &json!(6)));
    let find = |name: &str| {
        let schema = all["schemas"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|schema| schema["name"] == name);
        let schema = schema.expect("a schema");
        ["enabled", "requires_authentication", "graphiql"].map(|member| schema[member] == json!(true))
    };
    assert_eq!(find("users"), [false, false, true]);
    assert_eq!(find("closed"), [true, true, true]);
    assert_eq!(find("bare"), [true, false, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_work_below_a_prefix() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let router = runtime::router(registry, runtime::ServerConfig::new());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let app = axum::Router::new().nest("/api", router);
    tokio::spawn(async move { axum::serve(listener, app).await });
    for path in ["/graphql", "/graphql/", "/graphql/shop", "/graphql/shop/"] {
        let url = format!("{base}/api{path}");
        let (_, html) = page(&url).await;
        for link in links(&url, &html) {
            assert!(link.path().starts_with("/api/"), "{link}");
            page(link.as_str()).await;
        }
    }
}

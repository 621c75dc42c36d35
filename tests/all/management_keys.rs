//! Who may call the management API, and changes at once.

use super::management::client;
use runtime::Scope;
use runtime::ServerConfig;
use runtime::testing::Origin;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tests::{Client, Engine, serve_with, shop};

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_scopes_decide_who_may_call() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let config = ServerConfig::new()
        .api_key("look-only", Scope::Read)
        .api_key("all-of-it", Scope::Admin);
    let client = serve_with(registry, config).await;
    let call = async |method: &str, path: &str, key: Option<&str>| {
        let mut request = client.http.request(
            method.parse().expect("a method"),
            format!("{}/api/v1{path}", client.base),
        );
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.expect("it");
        let challenge = response.headers().contains_key("www-authenticate");
        (response.status().as_u16(), challenge)
    };
    assert_eq!(call("GET", "/schemas/", None).await, (401, true));
    assert_eq!(call("GET", "/schemas/", Some("wrong")).await, (401, true));
    assert_eq!(call("GET", "/schemas/", Some("look-only")).await, (200, false));
    assert_eq!(call("POST", "/discovery/", Some("look-only")).await, (403, false));
    assert_eq!(call("POST", "/discovery/", Some("all-of-it")).await, (200, false));
    let (status, health) = client.rest("GET", "/health/", None).await;
    assert_eq!(
        (status, health["data"].clone()),
        (200, json!({"status": "healthy"})),
        "to a stranger the state alone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_only_this_machine_changes_anything() {
    let client = client().await;
    let send = async |header: (&str, &str)| {
        let url = format!("{}/api/v1/discovery/", client.base);
        let response = client
            .http
            .post(url)
            .header(header.0, header.1)
            .send()
            .await
            .expect("it");
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.expect("JSON"))
    };
    assert_eq!(send(("accept", "*/*")).await.0, 200);
    let (status, answer) = send(("x-forwarded-for", "203.0.113.7")).await;
    assert_eq!(
        (status, &answer["data"]["details"]["error_code"]),
        (403, &json!("FORBIDDEN"))
    );
    assert!(
        answer["message"]
            .as_str()
            .expect("a text")
            .contains("configure an API key")
    );
    assert_eq!(
        send(("host", "evil.example")).await.0,
        403,
        "a page that was led here by a foreign name"
    );
    assert_eq!(send(("host", "localhost:8000")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn web_pages_are_let_in_by_configuration_only() {
    let ask = async |client: &Client| {
        let request = client
            .http
            .get(format!("{}/schemas/", client.base))
            .header("origin", "https://shop.example");
        request
            .send()
            .await
            .expect("it")
            .headers()
            .get("access-control-allow-origin")
            .cloned()
    };
    assert_eq!(ask(&client().await).await, None);
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let open = serve_with(registry, ServerConfig::new().cors_origin("https://shop.example")).await;
    assert_eq!(ask(&open).await.expect("the header"), "https://shop.example");
}

/// 10,000 reads, registrations, switches and deletions from 16 threads: nothing is lost, and no reader waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_from_many_sides_lose_nothing() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let handles: Vec<_> = (0..16)
        .map(|thread| {
            let registry = Arc::clone(&registry);
            std::thread::spawn(move || {
                let mut kept = Vec::new();
                for round in 0..625 {
                    let name = format!("t{thread}_{round}");
                    match round % 25 {
                        0 => {
                            let definition = runtime::SchemaDefinition::new(&name).models(["Tag"]);
                            registry.register(definition).expect("a name of its own");
                            kept.push(name);
                        }
                        1 => {
                            registry
                                .set_enabled(&format!("t{thread}_{}", round - 1), false)
                                .expect("it is there");
                        }
                        2 if round % 50 == 2 => {
                            registry
                                .remove(&kept.pop().expect("one was registered"))
                                .expect("it is there");
                        }
                        3 => {
                            let renamed = registry.update("users", |d| d.description = format!("{thread}"));
                            assert_eq!(renamed.expect("it is there").info.origin, Origin::Derive);
                        }
                        _ => {
                            let snapshot = registry.schemas();
                            assert!(snapshot.len() >= 4 && registry.find("users").is_some());
                        }
                    }
                }
                kept
            })
        })
        .collect();
    let kept: BTreeSet<String> = handles
        .into_iter()
        .flat_map(|handle| handle.join().expect("no panic"))
        .collect();
    let found: BTreeSet<String> = registry
        .schemas()
        .iter()
        .map(|s| s.info.name.clone())
        .filter(|name| name.starts_with('t'))
        .collect();
    assert_eq!(found, kept);
    let revisions: BTreeSet<u64> = registry.schemas().iter().map(|schema| schema.info.revision).collect();
    assert_eq!(revisions.len(), registry.schemas().len());
}

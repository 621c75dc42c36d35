//! The management API over real HTTP, each rule of its contract.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Client, Engine, serve, shop};

pub(super) async fn client() -> Client {
    serve(
        shop(Engine::Sqlite)
            .await
            .expect("SQLite needs no server")
            .registry()
            .await,
    )
    .await
}

pub(super) fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_listed_as_the_contract_says() {
    let client = client().await;
    let (status, list) = client.rest("GET", "/schemas/", None).await;
    assert_eq!((status, &list["status"]), (200, &json!("success")));
    assert!(list.get("message").is_none());
    let time = list["timestamp"].as_str().expect("a time");
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    let data = &list["data"];
    assert_eq!(
        keys(data),
        set(&["schemas", "count", "total_count", "enabled_count", "disabled_count"])
    );
    assert_eq!(data["total_count"], 4);
    let names: Vec<&str> = data["schemas"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|s| s["name"].as_str())
        .collect();
    assert_eq!(names, ["orders", "products", "shop", "users"], "in registration order");
    let summary = [
        "name",
        "description",
        "version",
        "enabled",
        "apps",
        "models",
        "apps_count",
        "models_count",
    ];
    assert_eq!(keys(&data["schemas"][0]), set(&summary));
    let (_, detailed) = client
        .rest("GET", "/schemas/?format=detailed&app=users&enabled=YES", None)
        .await;
    assert_eq!(detailed["data"]["count"], 2, "users and shop");
    let whole = [
        "name",
        "description",
        "version",
        "apps",
        "models",
        "exclude_models",
        "settings",
        "auto_discover",
        "enabled",
        "origin",
        "registered_at",
        "updated_at",
        "graphql_url",
        "warnings",
    ];
    assert_eq!(keys(&detailed["data"]["schemas"][0]), set(&whole));
    assert_eq!(
        client.rest("GET", "/schemas/?enabled=0", None).await.1["data"]["count"],
        0
    );
    for query in ["enabled=maybe", "format=long"] {
        let (status, answer) = client.rest("GET", &format!("/schemas/?{query}"), None).await;
        assert_eq!(
            (status, &answer["data"]["details"]["error_code"]),
            (400, &json!("VALIDATION_ERROR")),
            "{query}"
        );
    }
    // The path without its slash answers the same, without a redirect.
    let bare = client
        .http
        .get(format!("{}/api/v1/schemas", client.base))
        .send()
        .await
        .expect("it");
    assert_eq!((bare.status().as_u16(), bare.url().path()), (200, "/api/v1/schemas"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_lives_from_registration_to_deletion() {
    let client = client().await;
    let body = json!({"name": "test_schema", "apps": ["users", "test_app"], "colour": "red", "settings": {"tags": ["a"], "unheard": 1}});
    let response = client
        .http
        .post(format!("{}/api/v1/schemas/", client.base))
        .json(&body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["location"], "/api/v1/schemas/test_schema/");
    let made: Value = response.json().await.expect("JSON");
    assert_eq!(made["message"], "Schema 'test_schema' registered successfully");
    let data = &made["data"];
    assert_eq!(data["description"], "Schema: test_schema");
    assert_eq!(
        (&data["version"], &data["origin"], &data["enabled"]),
        (&json!("1.0.0"), &json!("api"), &json!(true))
    );
    assert_eq!(data["schema"]["name"], "test_schema", "the fields once more");
    assert_eq!(
        data["settings"],
        json!({"tags": ["a"], "unheard": 1}),
        "free data is kept"
    );
    let warnings: Vec<&str> = data["warnings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        warnings,
        [
            "Unknown setting 'unheard' is kept and does nothing",
            "App 'test_app' is not part of this program",
            "Unknown field 'colour' is not used"
        ]
    );
    // It is served from the next request on, with what it does know.
    assert_eq!(
        client.data("test_schema", "{ users(limit: 1) { id } }").await["users"][0]["id"],
        "1"
    );
    let (status, again) = client.rest("POST", "/schemas/", Some(body)).await;
    assert_eq!(
        (status, &again["data"]["details"]["error_code"]),
        (409, &json!("SCHEMA_ALREADY_EXISTS"))
    );
    let (_, shown) = client.rest("GET", "/schemas/test_schema/", None).await;
    assert_eq!(
        shown["data"]["models"],
        json!(["User"]),
        "resolved to the tables it serves"
    );
    // PUT replaces the settings, PATCH merges them.
    let change = json!({"apps": ["products"], "version": "1.1.0", "settings": {"default_page_size": 2}});
    let (status, changed) = client.rest("PUT", "/schemas/test_schema/", Some(change)).await;
    assert_eq!(
        (status, &changed["message"]),
        (200, &json!("Schema 'test_schema' updated successfully"))
    );
    assert_eq!(changed["data"]["settings"], json!({"default_page_size": 2}));
    assert_eq!(
        client.data("test_schema", "{ products { id } }").await["products"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let (_, old) = client.post("test_schema", json!({"query": "{ users { id } }"})).await;
    assert!(
        old["errors"][0]["message"].as_str().expect("a text").contains("users"),
        "{old}"
    );
    let (_, merged) = client
        .rest(
            "PATCH",
            "/schemas/test_schema",
            Some(json!({"settings": {"domain": "x"}})),
        )
        .await;
    assert_eq!(
        merged["data"]["settings"],
        json!({"default_page_size": 2, "domain": "x"})
    );
    // Disabled: 503 from the next request on.
    let disable = json!({"action": " Disable ", "schema_name": "test_schema"});
    let (_, done) = client.rest("POST", "/management/", Some(disable)).await;
    assert_eq!(done["message"], "Schema 'test_schema' disabled successfully");
    let (status, refused) = client.post("test_schema", json!({"query": "{ __typename }"})).await;
    assert_eq!(
        (status, &refused["errors"][0]["extensions"]["code"]),
        (503, &json!("SCHEMA_DISABLED"))
    );
    assert_eq!(refused["errors"][0]["extensions"]["schema_name"], "test_schema");
    let enable = json!({"action": "enable", "schema_name": "test_schema"});
    assert_eq!(client.rest("POST", "/management/", Some(enable)).await.0, 200);
    assert_eq!(
        client.post("test_schema", json!({"query": "{ __typename }"})).await.0,
        200
    );
    let (_, deleted) = client.rest("DELETE", "/schemas/test_schema/", None).await;
    assert_eq!(deleted["message"], "Schema 'test_schema' deleted successfully");
    let (status, gone) = client.post("test_schema", json!({"query": "{ __typename }"})).await;
    assert_eq!(
        (status, &gone["errors"][0]["message"]),
        (404, &json!("Schema 'test_schema' not found"))
    );
    for (method, body) in [("GET", None), ("PUT", Some(json!({}))), ("DELETE", None)] {
        let (status, answer) = client.rest(method, "/schemas/test_schema/", body).await;
        assert_eq!(
            (status, &answer["data"]["details"]["error_code"]),
            (404, &json!("SCHEMA_NOT_FOUND")),
            "{method}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_without_anything_to_serve_says_so() {
    let client = client().await;
    let (status, made) = client
        .rest("POST", "/schemas/", Some(json!({"name": "empty", "apps": ["nothing"]})))
        .await;
    assert_eq!(status, 201, "{made}");
    let (status, answer) = client.post("empty", json!({"query": "{ __typename }"})).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (200, &json!("SCHEMA_EMPTY"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_and_changes_nothing() {
    let client = client().await;
    let long = "x".repeat(101);
    for (body, field, message) in [
        (json!([]), Value::Null, "Data must be a dictionary"),
        (json!({}), json!("name"), "Schema name is required"),
        (json!({"name": " "}), json!("name"), "Schema name is required"),
        (
            json!({"name": "a b"}),
            json!("name"),
            "Schema name must contain only alphanumeric characters, hyphens, and underscores",
        ),
        (
            json!({"name": long}),
            json!("name"),
            "Schema name must contain only alphanumeric characters, hyphens, and underscores",
        ),
        (
            json!({"name": "x", "apps": "users"}),
            json!("apps"),
            "apps must be a list",
        ),
        (
            json!({"name": "x", "apps": [1]}),
            json!("apps"),
            "All items in apps must be strings",
        ),
        (
            json!({"name": "x", "models": [" "]}),
            json!("models"),
            "Empty strings not allowed in models",
        ),
        (
            json!({"name": "x", "settings": []}),
            json!("settings"),
            "Settings must be a dictionary",
        ),
        (
            json!({"name": "x", "apps": ["users"], "settings": {"max_page_size": "many"}}),
            json!("settings"),
            "The setting `max_page_size` must be a whole number from 1, not `many`",
        ),
        (
            json!({"name": "x", "version": "1"}),
            json!("version"),
            "'1' is not a semantic version such as 1.2.3",
        ),
        (
            json!({"name": "x", "enabled": "yes"}),
            json!("enabled"),
            "enabled must be a boolean",
        ),
    ] {
        let (status, answer) = client.rest("POST", "/schemas/", Some(body.clone())).await;
        assert_eq!(
            (status, &answer["status"], &answer["message"]),
            (400, &json!("error"), &json!(message)),
            "{body}"
        );
        assert_eq!(
            (&answer["data"]["message"], &answer["data"]["details"]["field"]),
            (&json!(message), &field),
            "{body}"
        );
    }
    for (action, message) in [
        (
            json!({"action": "destroy"}),
            "Invalid action. Must be one of: enable, disable, clear_all",
        ),
        (
            json!({"action": "disable"}),
            "Schema name is required for 'disable' action",
        ),
    ] {
        let (status, answer) = client.rest("POST", "/management/", Some(action)).await;
        assert_eq!((status, &answer["message"]), (400, &json!(message)));
    }
    let unknown = json!({"action": "enable", "schema_name": "nobody"});
    assert_eq!(client.rest("POST", "/management/", Some(unknown)).await.0, 404);
    let (status, rename) = client
        .rest("PUT", "/schemas/users/", Some(json!({"name": "people"})))
        .await;
    assert_eq!((status, &rename["data"]["details"]["field"]), (400, &json!("name")));
    let url = format!("{}/api/v1/schemas/", client.base);
    let send = async |content_type: &str, body: String| {
        let sent = client
            .http
            .post(&url)
            .header("content-type", content_type)
            .body(body)
            .send()
            .await
            .expect("it");
        let status = sent.status().as_u16();
        (status, sent.json::<Value>().await.expect("JSON"))
    };
    let (status, answer) = send("application/json", "{".into()).await;
    assert_eq!((status, &answer["message"]), (400, &json!("Invalid JSON body")));
    assert_eq!(send("text/plain", "{}".into()).await.0, 415);
    assert_eq!(
        send(
            "application/json",
            format!("{{\"name\": \"{}\"}}", "x".repeat(3_000_000))
        )
        .await
        .0,
        413
    );
    let refused = client.http.delete(&url).send().await.expect("it");
    assert_eq!(
        (refused.status().as_u16(), refused.headers()["allow"].as_bytes()),
        (405, &b"GET, POST"[..])
    );
    assert_eq!(
        refused.json::<Value>().await.expect("JSON")["data"]["details"]["error_code"],
        "METHOD_NOT_ALLOWED"
    );
    assert_eq!(
        client.rest("GET", "/schemas/", None).await.1["data"]["total_count"],
        4,
        "nothing was changed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_brings_back_what_was_cleared() {
    let client = client().await;
    let (_, cleared) = client
        .rest("POST", "/management/", Some(json!({"action": "CLEAR_ALL"})))
        .await;
    assert_eq!(cleared["message"], "All schemas cleared successfully");
    let (status, health) = client.rest("GET", "/health/", None).await;
    assert_eq!((status, &health["data"]["status"]), (200, &json!("warning")));
    assert_eq!(health["data"]["issues"], json!(["No enabled schemas found"]));
    let (status, run) = client.rest("POST", "/discovery/", None).await;
    assert_eq!(
        (status, &run["message"]),
        (200, &json!("Discovery completed successfully"))
    );
    assert_eq!(
        run["data"]["new_schemas"],
        json!(["orders", "products", "shop", "users"])
    );
    assert_eq!(
        client.rest("POST", "/discovery/", Some(json!(["ignored"]))).await.1["data"]["new_schemas"],
        json!([])
    );
    let (_, state) = client.rest("GET", "/discovery/", None).await;
    let fields = [
        "auto_discovery_enabled",
        "discovery_enabled",
        "last_discovery",
        "discovered_schemas",
        "total_schemas",
        "auto_discover_schemas",
        "manual_schemas",
        "discovery_hooks_count",
    ];
    assert_eq!(keys(&state["data"]), set(&fields));
    assert_eq!(state["data"]["discovered_schemas"].as_array().map(Vec::len), Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_figures() {
    let client = client().await;
    let (status, health) = client.rest("GET", "/health", None).await;
    assert_eq!((status, &health["data"]["status"]), (200, &json!("healthy")));
    assert_eq!(health["data"]["database"]["status"], "connected");
    assert!(health["data"]["database"]["latency_ms"].is_number());
    for _ in 0..3 {
        client.data("users", "{ users(limit: 1) { id } }").await;
    }
    client.post("users", json!({"query": "{ nope }"})).await;
    let (_, metrics) = client.rest("GET", "/metrics/", None).await;
    let data = &metrics["data"];
    let sections = [
        "schema_metrics",
        "model_metrics",
        "app_metrics",
        "plugin_metrics",
        "usage",
        "cache",
        "pool",
    ];
    assert_eq!(keys(data), set(&sections));
    assert_eq!(
        data["model_metrics"],
        json!({"total_models": 10, "models_per_app": {"orders": 4, "products": 5, "users": 1}})
    );
    let users = &data["usage"]["users"];
    assert_eq!(
        (&users["query_count"], &users["error_count"], &users["mutation_count"]),
        (&json!(3), &json!(1), &json!(0))
    );
    assert!(users["latency_ms"]["p99"].as_f64().expect("a number") > 0.0);
    assert!(users["last_used"].as_str().expect("a time").ends_with('Z'));
    let prometheus = client
        .http
        .get(format!("{}/metrics", client.base))
        .send()
        .await
        .expect("it");
    let text = prometheus.text().await.expect("text");
    assert!(
        text.contains("graphql_requests_total{schema=\"users\",kind=\"query\",outcome=\"answered\"} 3"),
        "{text}"
    );
    assert!(
        text.contains("graphql_request_duration_seconds_bucket{le=\"0.0005\",schema=\"users\"}"),
        "{text}"
    );
}

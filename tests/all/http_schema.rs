//! What a schema and a server say of themselves: descriptions, specifications, tags for caches, and figures.

use reqwest::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use runtime::SchemaDefinition;
use serde_json::{Value, json};
use tests::{Client, Engine, serve, shop};

/// A root without a table.
#[derive(Clone)]
struct Prices;

#[async_graphql::Object]
impl Prices {
    async fn price(&self) -> rust_decimal::Decimal {
        rust_decimal::Decimal::ONE
    }
}

async fn client() -> Client {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let definition = SchemaDefinition::new("told")
        .apps(["users"])
        .description("People, and \"only\" they.");
    registry.register(definition).expect("a schema");
    registry
        .register(SchemaDefinition::new("by_hand").query(Prices))
        .expect("a schema");
    serve(registry).await
}

async fn sdl(client: &Client, schema: &str) -> String {
    let response = client
        .http
        .get(format!("{}/graphql/{schema}/schema.graphql", client.base))
        .send()
        .await;
    response.expect("an answer").text().await.expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_says_what_it_is_for() {
    let client = client().await;
    let query = "{ a: __schema { b: description description } __schema { queryType { name } } }";
    let told = "People, and \"only\" they.";
    let expected = json!({"a": {"b": told, "description": told}, "__schema": {"queryType": {"name": "Query"}}});
    assert_eq!(client.data("told", query).await, expected);
    assert!(
        sdl(&client, "told")
            .await
            .contains("\n\"People, and \\\"only\\\" they.\"\nschema {\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn scalars_name_their_specifications() {
    let client = client().await;
    for schema in ["shop", "by_hand"] {
        let text = sdl(&client, schema).await;
        let scalars: Vec<&str> = text.lines().filter(|line| line.starts_with("scalar ")).collect();
        assert!(!scalars.is_empty(), "{schema}");
        for scalar in scalars {
            assert!(scalar.contains("@specifiedBy(url: \"https://"), "{schema}: {scalar}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_fields_that_are_no_columns_have_descriptions() {
    let client = client().await;
    let query = "{ __schema { types { name description fields { name description args { name description } } \
                 inputFields { name description } } } }";
    let data = client.data("shop", query).await;
    let types = data["__schema"]["types"].as_array().expect("types");
    let of = |name: &str| {
        types
            .iter()
            .find(|ty| ty["name"] == name)
            .unwrap_or_else(|| panic!("{name}"))
    };
    for name in ["Query", "ProductConnection", "ProductEdge", "ProductSum"] {
        assert!(of(name)["description"].is_string(), "{name}");
    }
    let fields = |name: &str, list: &str| of(name)[list].as_array().expect("fields").clone();
    for (name, list) in [
        ("DecimalFilter", "inputFields"),
        ("StringFilter", "inputFields"),
        ("ReviewListFilter", "inputFields"),
        ("ProductConnection", "fields"),
        ("ProductEdge", "fields"),
        ("ProductAggregate", "fields"),
        ("PageInfo", "fields"),
    ] {
        for field in fields(name, list) {
            assert!(field["description"].is_string(), "{name}.{}", field["name"]);
        }
    }
    let products = fields("Query", "fields")
        .into_iter()
        .find(|field| field["name"] == "products")
        .expect("it");
    for argument in products["args"].as_array().expect("arguments") {
        assert!(argument["description"].is_string(), "{argument}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_keep_the_types_and_ask_whether_they_changed() {
    let client = client().await;
    for path in ["schema.graphql", "?query={__schema{types{name}}}"] {
        let url = format!("{}/graphql/shop/{path}", client.base);
        let first = client.http.get(&url).send().await.expect("an answer");
        let tag = first.headers()[ETAG].clone();
        assert!(tag.to_str().expect("text").starts_with("W/\""), "{tag:?}");
        assert_eq!(first.headers()[CACHE_CONTROL], "no-cache");
        assert!(!first.bytes().await.expect("bytes").is_empty());
        for known in [
            tag.to_str().expect("text").to_owned(),
            format!("\"x\", {}", tag.to_str().expect("text")),
        ] {
            let again = client
                .http
                .get(&url)
                .header(IF_NONE_MATCH, known)
                .send()
                .await
                .expect("an answer");
            assert_eq!((again.status().as_u16(), &again.headers()[ETAG]), (304, &tag));
            assert!(again.bytes().await.expect("bytes").is_empty());
        }
        let other = client
            .http
            .get(&url)
            .header(IF_NONE_MATCH, "W/\"x\"")
            .send()
            .await
            .expect("an answer");
        assert_eq!(other.status(), 200);
    }
    // Rows are tagged with nothing, and what is kept of one operation is not given to another.
    let rows = client
        .http
        .get(format!("{}/graphql/shop/?query={{users{{id}}}}", client.base))
        .send()
        .await;
    assert!(!rows.expect("an answer").headers().contains_key(ETAG));
    let query = "query A { a: __schema { queryType { name } } } query B { b: __schema { queryType { name } } }";
    for name in ["A", "B", "A"] {
        let (_, answer) = client
            .post("shop", json!({"query": query, "operationName": name}))
            .await;
        assert_eq!(
            answer,
            json!({"data": {name.to_lowercase(): {"queryType": {"name": "Query"}}}})
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_statuses_kinds_of_operations_and_the_process() {
    let client = client().await;
    client
        .post("users", json!({"query": "{ users(limit: 1) { id } }"}))
        .await;
    client.post("users", json!({"query": "{"})).await;
    client.post("nix", json!({"query": "{ a }"})).await;
    let response = client
        .http
        .get(format!("{}/metrics", client.base))
        .send()
        .await
        .expect("an answer");
    let text = response.text().await.expect("text");
    for part in [
        "graphql_requests_total{schema=\"users\",kind=\"query\",outcome=\"answered\"} 1",
        "graphql_requests_total{schema=\"users\",kind=\"unknown\",outcome=\"failed\"} 1",
        "graphql_requests_total{schema=\"users\",kind=\"mutation\",outcome=\"answered\"} 0",
        "http_responses_total{status=\"404\"} 1",
        "http_requests_in_flight 1",
        "build_info{version=\"",
        "le=\"2.5\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for figure in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_cpu_seconds_total",
        "process_start_time_seconds",
    ] {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{figure} ")))
            .unwrap_or_else(|| panic!("{figure}"));
        let value: f64 = line
            .rsplit(' ')
            .next()
            .and_then(|value| value.parse().ok())
            .expect("a number");
        assert!(value > 0.0, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_of_the_api_refuses_what_the_server_refuses() {
    let client = client().await;
    let document = client
        .http
        .get(format!("{}/api/v1/openapi.json", client.base))
        .send()
        .await;
    let document: Value = document.expect("an answer").json().await.expect("JSON");
    let schemas = &document["components"]["schemas"];
    assert!(schemas["NewSchema"]["properties"]["version"]["pattern"].is_string());
    assert_eq!(schemas["NewSchema"]["properties"]["apps"]["items"]["minLength"], 1);
    assert_eq!(
        schemas["Action"]["oneOf"][1]["required"],
        json!(["action", "schema_name"])
    );
    assert!(document["paths"]["/api/v1/"]["get"].is_object());
}

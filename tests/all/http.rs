//! The server as a client sees it, over real HTTP.

use reqwest::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tests::{Client, Engine, serve, shop, shops};

pub(super) async fn sqlite_client() -> Client {
    serve(
        shop(Engine::Sqlite)
            .await
            .expect("SQLite needs no server")
            .registry()
            .await,
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_written_field_stands_beside_planned_ones() {
    let query = "{ a: featuredProducts(limit: 3) { name price category { name } reviews(limit: 1) { rating user { username } } }
                   products(limit: 1) { id } __typename b: featuredProducts(limit: 1) { id } }";
    let mut answers = Vec::new();
    for shop in shops().await {
        let registry = shop.registry().await;
        let client = serve(registry.clone()).await;
        let before = registry.database().statement_count();
        let response = client
            .http
            .post(format!("{}/graphql/shop/", client.base))
            .json(&json!({ "query": query }))
            .send()
            .await
            .expect("an answer");
        let text = response.text().await.expect("text");
        // Featured products with their reviews, products, and the second selection of featured products.
        assert_eq!(registry.database().statement_count() - before, 4, "{}", shop.engine);
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer["data"]["a"].as_array().expect("a list").len(), 3, "{text}");
        assert!(answer["data"]["a"][0]["category"]["name"].is_string(), "{text}");
        let places: Vec<usize> = ["\"a\":", "\"products\":", "\"__typename\":\"Query\"", "\"b\":"]
            .iter()
            .map(|key| text.find(key).unwrap_or_else(|| panic!("{key} in {text}")))
            .collect();
        assert!(places.is_sorted(), "fields come in the order of the request: {text}");
        answers.push(text);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_schema_is_served_at_its_path() {
    let client = sqlite_client().await;
    for (schema, field) in [
        ("users", "users"),
        ("products", "categories"),
        ("orders", "carts"),
        ("shop", "users"),
    ] {
        let data = client.data(schema, &format!("{{ {field}(limit: 1) {{ id }} }}")).await;
        assert_eq!(data[field][0]["id"], "1");
    }
    let list: Value = client
        .http
        .get(format!("{}/schemas/", client.base))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(list["count"], 4);
    assert_eq!(list["schemas"][0]["graphql_url"], "/graphql/orders/");
    for path in ["/graphql/users", "/graphql/users/", "/graphql/", "/graphql"] {
        let response = client
            .http
            .get(format!("{}{path}?query={{__typename}}", client.base))
            .send()
            .await
            .expect("it");
        assert_eq!(response.status(), 200, "{path}");
    }
    let sdl = client
        .http
        .get(format!("{}/graphql/users/schema.graphql", client.base))
        .send()
        .await
        .expect("it");
    assert!(sdl.text().await.expect("text").contains("type User {"));
    for path in ["/livez", "/readyz"] {
        assert_eq!(
            client
                .http
                .get(format!("{}{path}", client.base))
                .send()
                .await
                .expect("it")
                .status(),
            200
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_answers() {
    let client = sqlite_client().await;
    let data = client
        .data(
            "users",
            "{ __schema { queryType { name } } __type(name: \"User\") { description fields { name } } }",
        )
        .await;
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
    assert_eq!(
        data["__type"]["description"],
        "People who buy, and those who run the shop."
    );
    assert_eq!(data["__type"]["fields"][1]["name"], "username");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_wrong_get_an_answer_that_says_so() {
    let client = sqlite_client().await;
    let url = format!("{}/graphql/shop/", client.base);
    let error = |body: &Value| {
        (
            body["errors"][0]["message"].as_str().unwrap_or_default().to_owned(),
            body["errors"][0]["extensions"]["code"].clone(),
        )
    };
    let raw = async |content_type: &str, body: &str| {
        let response = client
            .http
            .post(&url)
            .header(CONTENT_TYPE, content_type)
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        (
            response.status().as_u16(),
            response.json::<Value>().await.expect("JSON"),
        )
    };
    let (status, body) = raw("application/json", "no JSON").await;
    assert_eq!(status, 400);
    assert!(error(&body).0.starts_with("The body is not JSON"), "{body}");
    assert_eq!(raw("text/plain", "{}").await.0, 415);
    for (body, expected) in [
        ("{}", "`query` is missing"),
        (
            "[]",
            "The body must be one JSON object with `query`; a list of requests is not accepted",
        ),
        (r#"{"query": 1}"#, "`query` must be a string"),
        (
            r#"{"query": "{__typename}", "variables": []}"#,
            "`variables` must be an object",
        ),
        (
            r#"{"query": "{__typename}", "operationName": 1}"#,
            "`operationName` must be a string",
        ),
    ] {
        let (status, answer) = raw("application/json", body).await;
        assert_eq!((status, error(&answer).0.as_str()), (400, expected));
    }
    for (query, code, part) in [
        ("{ users(", "GRAPHQL_PARSE_FAILED", "expected"),
        ("{ users { nope } }", "GRAPHQL_VALIDATION_FAILED", "nope"),
        ("{ users }", "GRAPHQL_VALIDATION_FAILED", "User"),
        (
            "query A { __typename } query B { __typename }",
            "OPERATION_RESOLUTION_FAILURE",
            "operationName",
        ),
        (
            "{ users(limit: -1) { id } }",
            "BAD_USER_INPUT",
            "`limit` must be a whole number from 0, not -1",
        ),
        (
            "{ users(limit: 1001) { id } }",
            "LIMIT_EXCEEDED",
            "the largest page is 1000 rows (setting `max_page_size`)",
        ),
        (
            "{ user(id: \"abc\") { id } }",
            "BAD_USER_INPUT",
            "`id` must be a whole number",
        ),
        (
            "query($id: ID!) { user(id: $id) { id } }",
            "BAD_USER_INPUT",
            "Variable `$id` of type `ID!` needs a value",
        ),
    ] {
        let (status, answer) = client.post("shop", json!({ "query": query })).await;
        assert_eq!(
            status, 200,
            "application/json has no other status for a well-formed request"
        );
        let (message, found) = error(&answer);
        assert_eq!(found, code, "{query}: {answer}");
        assert!(message.contains(part), "{query}: {message}");
        assert_eq!(answer.get("data"), None, "nothing was executed: {answer}");
    }
    let (status, answer) = client.post("nix", json!({ "query": "{__typename}" })).await;
    assert_eq!(status, 404);
    assert_eq!(
        answer,
        json!({"errors": [{"message": "Schema 'nix' not found", "extensions": {"code": "SCHEMA_NOT_FOUND", "schema_name": "nix"}}]})
    );
    assert_eq!(
        client
            .http
            .get(format!("{}/nothing", client.base))
            .send()
            .await
            .expect("it")
            .status(),
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_and_statuses_follow_the_draft() {
    let client = sqlite_client().await;
    let url = format!("{}/graphql/shop/", client.base);
    let ask = async |accept: &str, query: &str| {
        client
            .http
            .post(&url)
            .header(ACCEPT, accept)
            .json(&json!({ "query": query }))
            .send()
            .await
            .expect("an answer")
    };
    let new = "application/graphql-response+json";
    let response = ask(new, "{ __typename }").await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()[CONTENT_TYPE],
        "application/graphql-response+json; charset=utf-8"
    );
    assert_eq!(ask(new, "{ nope }").await.status(), 400);
    assert_eq!(ask("application/json", "{ nope }").await.status(), 200);
    assert_eq!(ask("image/png", "{ __typename }").await.status(), 406);
    let best = format!("application/json;q=0.5, {new};q=0.9");
    assert_eq!(
        ask(&best, "{ nope }").await.status(),
        400,
        "the one that the client likes best"
    );
    assert_eq!(
        ask(&format!("{new};q=0, application/json"), "{ nope }").await.status(),
        200
    );
    let body =
        r#"{"query": "{ __typename }", "extensions": {"trace": true}, "operationName": null, "variables": null}"#;
    let post = client
        .http
        .post(&url)
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .body(body);
    assert_eq!(
        post.send().await.expect("it").json::<Value>().await.expect("JSON")["data"]["__typename"],
        "Query"
    );
    let get = client
        .http
        .get(format!("{url}?query={{users(limit:1){{id}}}}"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(get.json::<Value>().await.expect("JSON")["data"]["users"][0]["id"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_recovers_when_the_database_drops_its_connections() {
    let Some(shop) = shop(Engine::Postgres).await else {
        return;
    };
    // A database of its own: dropping connections would fail the other tests.
    let Some(url) = tests::empty_database(Engine::Postgres, "dropping").await else {
        return;
    };
    sample::data::create(&url, 1).await.expect("the shop's rows");
    let client = serve(
        tests::Shop {
            engine: shop.engine,
            url: url.clone(),
        }
        .registry()
        .await,
    )
    .await;
    let query = json!({ "query": "{ users(limit: 1) { id orders { id } } }" });
    assert_eq!(client.post("shop", query.clone()).await.1.get("errors"), None);
    let mut admin = sqlx::PgConnection::connect(&url).await.expect("the server");
    let drop_all =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'dropping' AND pid <> pg_backend_pid()";
    sqlx::query(drop_all)
        .execute(&mut admin)
        .await
        .expect("connections are dropped");
    // A request may meet a connection of which nobody has told the server yet: that is a clear error, and the last.
    let answers = [
        client.post("shop", query.clone()).await.1,
        client.post("shop", query).await.1,
    ];
    if let Some(errors) = answers[0].get("errors") {
        assert_eq!(errors[0]["extensions"]["code"], "DATABASE_UNAVAILABLE", "{errors}");
    }
    assert_eq!(answers[1].get("errors"), None, "{}", answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn mutations_are_answered_by_post_only() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let definition = runtime::SchemaDefinition::new("writes")
        .apps(["users"])
        .mutation(crate::settings::Touch);
    registry.register(definition).expect("a schema");
    let client = serve(registry).await;
    let get = client
        .http
        .get(format!("{}/graphql/writes/?query=mutation{{touch}}", client.base))
        .send()
        .await
        .expect("it");
    assert_eq!(get.status(), 405);
    assert_eq!(get.headers()[ALLOW], "POST");
    let body: Value = get.json().await.expect("JSON");
    assert_eq!(body["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED");
    let (_, answer) = client
        .post("writes", json!({ "query": "mutation { touch __typename }" }))
        .await;
    assert_eq!(answer, json!({"data": {"touch": true, "__typename": "Mutation"}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_requests_are_taken_only_where_they_are_switched_on() {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let ask = async |client: &Client, count: usize| {
        let list: Vec<Value> = (1..=count)
            .map(|at| json!({"query": format!("{{ user(id: {at}) {{ id }} }}")}))
            .collect();
        let request = client.http.post(format!("{}/graphql/shop/", client.base)).json(&list);
        let response = request.send().await.expect("it");
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.expect("JSON"))
    };
    let usual = serve(registry.clone()).await;
    let (status, answer) = ask(&usual, 2).await;
    assert_eq!(status, 400);
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .expect("a text")
            .contains("a list of requests is not accepted")
    );
    let batches = tests::serve_with(registry, runtime::ServerConfig::new().max_batch(2)).await;
    let (_, answer) = ask(&batches, 2).await;
    assert_eq!(
        answer,
        json!([{"data": {"user": {"id": "1"}}}, {"data": {"user": {"id": "2"}}}])
    );
    assert_eq!(
        ask(&batches, 3).await.1["errors"][0]["message"],
        "The body has 3 requests; 1 to 2 are allowed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_for_clients_that_say_so() {
    let client = sqlite_client().await;
    let ask = async |encoding: &str| {
        let url = format!("{}/graphql/shop/?query={{products{{name description}}}}", client.base);
        let plain = reqwest::Client::builder().no_gzip().build().expect("a client");
        plain
            .get(url)
            .header("accept-encoding", encoding)
            .send()
            .await
            .expect("it")
    };
    let (plain, packed) = (ask("identity").await, ask("gzip").await);
    assert!(!plain.headers().contains_key("content-encoding"));
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.expect("bytes").len() * 2 < plain.bytes().await.expect("bytes").len());
}

/// The client reads the refusal, and no broken pipe, however late it looks.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_over_the_limit_are_answered_and_not_cut_off() {
    let client = serve(
        shop(Engine::Sqlite)
            .await
            .expect("SQLite needs no server")
            .registry()
            .await,
    )
    .await;
    let body = format!("{{\"query\": \"{}\"}}", "x".repeat(6_000_000));
    for path in ["graphql/shop/", "api/v1/schemas/"] {
        for _ in 0..50 {
            let request = client
                .http
                .post(format!("{}/{path}", client.base))
                .header("content-type", "application/json");
            let answer = request.body(body.clone()).send().await.expect("an answer");
            assert_eq!(answer.status(), 413, "{path}");
            let parts = futures_util::stream::iter([Ok::<_, std::io::Error>(body.clone()), Ok("}".into())]);
            let request = client
                .http
                .post(format!("{}/{path}", client.base))
                .header("content-type", "application/json");
            let answer = request
                .body(reqwest::Body::wrap_stream(parts))
                .send()
                .await
                .expect("an answer");
            assert_eq!(answer.status(), 413, "{path}, of unknown length");
        }
    }
}

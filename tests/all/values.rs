//! Values at their edges, and what becomes of those that cannot be shown.

use async_graphql::Variables;
use runtime::ConnectSettings;
use runtime::SchemaDefinition;
use runtime::testing::Request;
use runtime::{Database, Registry};
use serde_json::{Value, json};
use tests::{Engine, empty_database, execute, live_registry, live_registry_with, shops};

pub(super) async fn ask(registry: &Registry, query: &str) -> Value {
    ask_with(registry, query, Value::Null).await
}

async fn ask_with(registry: &Registry, query: &str, variables: Value) -> Value {
    let schema = registry.find("main").expect("the schema");
    let request = || Request {
        query: query.into(),
        variables: Variables::from_json(variables.clone()),
        ..Request::default()
    };
    let answer = schema.engine().execute(request()).await;
    let second = schema.engine().execute_through_async_graphql(request()).await;
    assert_eq!(
        String::from_utf8_lossy(&answer.body),
        String::from_utf8_lossy(&second.body),
        "{query}"
    );
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// Two tables whose rows lack what their types and keys promise, as only SQLite without checks allows, and a configuration
/// that trusts them.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_value_empties_the_nearest_field_that_may_be_null() {
    let url = empty_database(Engine::Sqlite, "holes")
        .await
        .expect("SQLite needs no server");
    execute(
        &url,
        "PRAGMA foreign_keys = OFF;
         CREATE TABLE makers (id INTEGER PRIMARY KEY, size REAL NOT NULL);
         CREATE TABLE things (id INTEGER PRIMARY KEY, maker_id INTEGER NOT NULL REFERENCES makers (id),
           other_id INTEGER REFERENCES makers (id), kind TEXT NOT NULL CHECK (kind IN ('a', 'b')));
         CREATE TABLE parts (id INTEGER PRIMARY KEY, thing_id INTEGER NOT NULL REFERENCES things (id), size REAL NOT NULL);
         INSERT INTO makers VALUES (1, 1.5), (2, 9e999);
         INSERT INTO things VALUES (1, 1, 2, 'a'), (2, 7, NULL, 'b');
         INSERT INTO parts VALUES (1, 1, 2.5), (2, 1, 9e999);",
    )
    .await;
    let registry = live_registry_with(&url, "trust_data = true").await;
    // The object that may be null is null, and what stands beside it is shown.
    let answer = ask(&registry, "{ thing(id: 1) { id other { id size } maker { size } } }").await;
    assert_eq!(
        answer["data"],
        json!({"thing": {"id": "1", "other": null, "maker": {"size": 1.5}}})
    );
    assert_eq!(answer["errors"][0]["path"], json!(["thing", "other", "size"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNREADABLE_VALUE");
    // A row that is missing behind a key that promises it.
    let answer = ask(
        &registry,
        "{ bad: thing(id: 2) { maker { id } } good: thing(id: 1) { maker { id } } }",
    )
    .await;
    assert_eq!(answer["data"], json!({"bad": null, "good": {"maker": {"id": "1"}}}));
    assert_eq!(answer["errors"][0]["path"], json!(["bad", "maker"]));
    // Through a list, whose elements are promised, up to the row that may be null.
    let answer = ask(&registry, "{ thing(id: 1) { id parts { id size } } }").await;
    assert_eq!(answer["data"], json!({"thing": null}));
    assert_eq!(answer["errors"][0]["path"], json!(["thing", "parts", 1, "size"]));
    let answer = ask(&registry, "{ things { id parts { size } } makers(limit: 1) { id } }").await;
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"][0]["path"], json!(["things", 0, "parts", 1, "size"]));
    // A list inside an object that may be null.
    let answer = ask(
        &registry,
        "{ makers(limit: 2) { id thingsByOther { parts { size } } } }",
    )
    .await;
    assert_eq!(answer["data"], Value::Null);
    let connection = "{ makersConnection(last: 1) { edges { node { size } } } }";
    let answer = ask(&registry, connection).await;
    assert_eq!(
        answer["errors"][0]["path"],
        json!(["makersConnection", "edges", 0, "node", "size"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_carry_every_kind_that_has_an_order() {
    let tables = [
        (
            Engine::Postgres,
            "CREATE TYPE mood AS ENUM ('sad', 'fine', 'glad');
             CREATE TABLE rows (id int PRIMARY KEY, big bigint, exact numeric, small real, wide double precision, flag boolean,
               word text, code uuid, at timestamptz, day date, clock time, span interval, feeling mood, raw bytea);
             INSERT INTO rows VALUES
               (1, 9007199254740993, 1234567890123456789012345678901234567890.5, 0.1, 'NaN', true, 'é\"', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
                'infinity', '0001-01-01', '23:59:59.5', '1 mon', 'glad', '\\x00ff'),
               (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
               (3, -1, 'NaN', 0.2, '-Infinity', false, '', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '-infinity', '9999-12-31',
                '00:00', '2 days', 'sad', '\\x'),
               (4, 9007199254740992, 0.1, 0.1, 1e300, true, 'E', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '9999-12-31 23:59:59.999999+00',
                '2024-02-29', '12:00', '1 year', 'fine', '\\x01')",
            "big exact small wide flag word code at day clock span feeling raw",
        ),
        (
            Engine::Mariadb,
            "CREATE TABLE `rows` (id int PRIMARY KEY, big bigint, exact decimal(40, 10), wide double, flag boolean,
               word varchar(20), at datetime(6), day date, clock time(3), feeling enum('sad', 'fine', 'glad'));
             INSERT INTO `rows` VALUES
               (1, 9007199254740993, 0.0000000001, 1e300, true, 'é', '9999-12-31 23:59:59.999999', '1000-01-01', '23:59:59.5', 'glad'),
               (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
               (3, -1, 123456789012345678901234567890.5, -1e300, false, '', '1000-01-01', '9999-12-31', '00:00', 'sad'),
               (4, 9007199254740992, 0.1, 0.5, true, 'E', '2024-02-29 12:00:00', '2024-02-29', '12:00', 'fine')",
            "big exact wide flag word at day clock feeling",
        ),
        (
            Engine::Sqlite,
            "CREATE TABLE rows (id INTEGER PRIMARY KEY, big BIGINT, wide REAL, flag BOOLEAN, word TEXT, at DATETIME, day DATE,
               feeling TEXT CHECK (feeling IN ('sad', 'fine', 'glad')));
             INSERT INTO rows VALUES (1, 9007199254740993, 1e300, TRUE, 'é', '9999-12-31 23:59:59.999', '0001-01-01', 'glad'),
               (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, -1, -1e300, FALSE, '', '0001-01-01 00:00:00', '9999-12-31', 'sad'),
               (4, 9007199254740992, 0.5, TRUE, 'E', '2024-02-29 12:00:00', '2024-02-29', 'fine')",
            "big wide flag word at day feeling",
        ),
    ];
    for (engine, ddl, columns) in tables {
        let Some(url) = empty_database(engine, "cursors").await else {
            continue;
        };
        execute(&url, ddl).await;
        let registry = live_registry(&url).await;
        for column in columns.split(' ') {
            for direction in ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"] {
                let order = format!("orderBy: [{{{column}: {direction}}}]");
                let all = ask(&registry, &format!("{{ rows({order}) {{ id }} }}")).await;
                let expected = all["data"]["rows"].clone();
                assert_eq!(expected.as_array().map(Vec::len), Some(4), "{all}");
                let mut found = Vec::new();
                let mut after = Value::Null;
                while found.len() < 5 {
                    let query = format!(
                        "query($after: String) {{ rowsConnection(first: 1, after: $after, {order}) {{ nodes {{ id }} pageInfo {{ endCursor hasNextPage }} }} }}"
                    );
                    let page = ask_with(&registry, &query, json!({ "after": after })).await;
                    let page = &page["data"]["rowsConnection"];
                    found.extend(page["nodes"].as_array().cloned().unwrap_or_default());
                    if page["pageInfo"]["hasNextPage"] != json!(true) {
                        break;
                    }
                    after = page["pageInfo"]["endCursor"].clone();
                }
                assert_eq!(Value::from(found), expected, "{column} {direction} on {engine}");
            }
        }
        let wrong = ask(&registry, "{ rowsConnection(first: 1, after: \"x\") { nodes { id } } }").await;
        let message = wrong["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(
            message.starts_with("`after` is not a cursor of this list and order"),
            "{wrong}"
        );
        let other = ask(
            &registry,
            "{ rowsConnection(first: 1, orderBy: [{big: ASC}]) { pageInfo { endCursor } } }",
        )
        .await;
        let cursor = other["data"]["rowsConnection"]["pageInfo"]["endCursor"]
            .as_str()
            .expect("a cursor")
            .to_owned();
        let mixed = ask(
            &registry,
            &format!("{{ rowsConnection(first: 1, after: \"{cursor}\") {{ nodes {{ id }} }} }}"),
        )
        .await;
        assert!(
            mixed["errors"][0]["message"]
                .as_str()
                .unwrap_or_default()
                .contains("not a cursor of this list and order")
        );
        let both = ask(&registry, "{ rowsConnection(first: 1, last: 1) { nodes { id } } }").await;
        assert!(
            both["errors"][0]["message"]
                .as_str()
                .unwrap_or_default()
                .contains("takes `first` with `after`, or `last`")
        );
        let large = ask(&registry, "{ rowsConnection(first: 1001) { nodes { id } } }").await;
        let message = "`first` is 1001, the largest page is 1000 rows (setting `max_page_size`)";
        assert_eq!(large["errors"][0]["message"], message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_ten_megabytes_and_odd_characters() {
    let Some(url) = empty_database(Engine::Postgres, "texts").await else {
        return;
    };
    execute(
        &url,
        "CREATE TABLE texts (id int PRIMARY KEY, body text); INSERT INTO texts SELECT 1, repeat('ä\"\n', 3333333)",
    )
    .await;
    let registry = live_registry(&url).await;
    let answer = ask(&registry, "{ text(id: 1) { body } }").await;
    assert_eq!(answer["data"]["text"]["body"].as_str().map(str::len), Some(13_333_332));
    // A surrogate without its other half is no character: JSON that has one is refused before anything is asked.
    let client = tests::serve(std::sync::Arc::new(registry)).await;
    let url = format!("{}/graphql/main/", client.base);
    let body =
        r#"{"query": "query($b: String!) { texts(filters: {body: {eq: $b}}) { id } }", "variables": {"b": "\ud800"}}"#;
    let response = client
        .http
        .post(url)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .expect("it");
    assert_eq!(response.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_end_in_time() {
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::Mariadb] {
        let Some(url) = empty_database(engine, "slow").await else {
            continue;
        };
        let column = if engine == Engine::Sqlite {
            "INTEGER PRIMARY KEY"
        } else {
            "int PRIMARY KEY"
        };
        execute(&url, &format!("CREATE TABLE n (id {column}, w VARCHAR(20))")).await;
        let numbers: Vec<String> = (0..2000).map(|at| format!("({at}, 'x')")).collect();
        execute(&url, &format!("INSERT INTO n VALUES {}", numbers.join(","))).await;
        execute(
            &url,
            "CREATE VIEW slow AS SELECT a.id AS id, b.w AS w FROM n a, n b, n c WHERE a.w = b.w AND b.w = c.w",
        )
        .await;
        let settings = ConnectSettings {
            statement_timeout: std::time::Duration::from_millis(300),
            ..ConnectSettings::default()
        };
        let database = Database::connect_with(&url, settings).await.expect("the database");
        let registry = tests::live_registry_over(&url, database).await;
        let started = std::time::Instant::now();
        let schema = registry.find("main").expect("it");
        let request = || Request {
            query: "{ slowsAggregate { count } }".into(),
            ..Request::default()
        };
        let answer: Value = serde_json::from_slice(&schema.engine().execute(request()).await.body).expect("JSON");
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "TIMEOUT",
            "{engine}: {answer}"
        );
        assert!(started.elapsed().as_secs() < 20, "it was the database that ended it");
        // The connection is good for the next request.
        assert_eq!(
            ask(&registry, "{ nsAggregate { count } }").await["data"]["nsAggregate"]["count"],
            2000
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_dropped_ends_its_statement() {
    let Some(url) = empty_database(Engine::Postgres, "dropped").await else {
        return;
    };
    execute(&url, "CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(60)::text AS w").await;
    let registry = live_registry(&url).await;
    let schema = registry.find("main").expect("it");
    let query = "{ slows { w } }";
    let running = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = 'dropped' AND state = 'active' AND query LIKE '%slow%' AND pid <> pg_backend_pid()";
    {
        let request = Request {
            query: query.into(),
            ..Request::default()
        };
        let mut asked = Box::pin(schema.engine().execute(request));
        while tests::number(&url, running).await == 0 {
            assert!(futures_util::poll!(&mut asked).is_pending());
        }
    }
    // The server is told to end it; it takes a moment until it has.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while tests::number(&url, running).await > 0 {
        assert!(
            std::time::Instant::now() < deadline,
            "the statement goes on without its request"
        );
    }
    let definition = SchemaDefinition::new("after").apps(["main"]);
    registry.register(definition).expect("a schema");
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_shape_a_statement_have_one_of_their_own() {
    for shop in shops().await {
        let registry = shop.registry().await;
        let schema = registry.find("shop").expect("the schema");
        let ask = async |query: &str, variables: Value| {
            let request = Request {
                query: query.into(),
                variables: Variables::from_json(variables),
                ..Request::default()
            };
            let answer: Value = serde_json::from_slice(&schema.engine().execute(request).await.body).expect("JSON");
            answer
        };
        let count = async |query: &str, variables: Value| {
            let answer = ask(query, variables).await;
            answer["data"]["it"]["count"]
                .as_i64()
                .unwrap_or_else(|| panic!("{}: {answer}", shop.engine))
        };
        let query = "query($n: Boolean!) { it: ordersAggregate(filters: {note: {isNull: $n}}) { count } }";
        let (without, with) = (
            count(query, json!({"n": true})).await,
            count(query, json!({"n": false})).await,
        );
        assert!(
            without != with && without + with == 500,
            "{}: {without} and {with}",
            shop.engine
        );
        let query = "query($b: [Int!]) { it: productsAggregate(filters: {stock: {between: $b}}) { count } }";
        assert!(count(query, json!({"b": [0, 1000]})).await > 0);
        let three = ask(query, json!({"b": [0, 1, 2]})).await;
        assert_eq!(
            three["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{}: {three}",
            shop.engine
        );
        // Sums are compared as numbers, not as the texts that they travel as.
        let groups = async |operator: &str| {
            let query = format!(
                "{{ productsGroups(by: [categoryId], limit: 100, having: {{sum: {{price: {{{operator}: \"5000\"}}}}}}) {{ sum {{ price }} }} }}"
            );
            let answer = ask(&query, json!({})).await;
            answer["data"]["productsGroups"]
                .as_array()
                .unwrap_or_else(|| panic!("{answer}"))
                .len()
        };
        let (above, below) = (groups("gt").await, groups("lte").await);
        assert!(
            above > 0 && below > 0 && above + below == 16,
            "{}: {above} and {below}",
            shop.engine
        );
    }
}

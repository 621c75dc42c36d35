//! Kinds of value and comparisons of texts, on tables made for the purpose.

use codegen::config::Settings;
use codegen::definitions::definitions;
use codegen::introspect::{DatabaseUrl, introspect};
use codegen::metadata::Metadata;
use codegen::{schema, verify};
use runtime::testing::Request;
use runtime::{Database, Registry};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor};
use tests::{Engine, empty_database};

/// The API of a database as `codegen serve` makes it, all tables in the schema `main`.
async fn registry(url: &str) -> Registry {
    let parsed: DatabaseUrl = url.parse().expect("a URL");
    let catalog = introspect(&parsed).await.expect("a catalog");
    let model = verify::verify(schema::build(&catalog, &Settings::default())).expect("a model");
    let database = Database::connect(url, 2).await.expect("the database");
    let registry = Registry::with_apps(database, Metadata::of(&model).apps(&model));
    for definition in definitions(&model) {
        registry.register(definition).expect("a schema");
    }
    registry
}

async fn ask(registry: &Registry, query: &str) -> Value {
    let schema = registry.find("main").expect("the schema");
    let answer = schema
        .engine()
        .execute(Request {
            query: query.into(),
            ..Request::default()
        })
        .await;
    serde_json::from_slice(&answer.body).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_values_keep_their_digits_and_edges() {
    let Some(url) = empty_database(Engine::Postgres, "kinds").await else {
        return;
    };
    let mut connection = sqlx::PgConnection::connect(&url).await.expect("the server");
    connection
        .execute(sqlx::raw_sql(
            r#"CREATE TYPE mood AS ENUM ('sad', 'so-so');
               CREATE TABLE kinds (id int PRIMARY KEY, big bigint, whole numeric, fixed numeric(40, 10), small real,
                 wide double precision, flag boolean, words text, code uuid, at timestamptz, local timestamp, day date,
                 clock time, span interval, doc jsonb, raw bytea, list int[], grid int[][], feeling mood, address inet, padded char(4));
               INSERT INTO kinds VALUES (1, 9007199254740993, 1234567890123456789012345678901234567890, 0.0000000001, 0.1,
                 1e300, true, E'a"\\\n\u0001é', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '0001-01-01 00:00:00+00',
                 '9999-12-31 23:59:59.999999', '2024-02-29', '23:59:59.5', '1 year 2 mons -3 days 04:05:06.7',
                 '{"a": [1, null], "b": null}', '\x00ff', '{1,NULL,3}', '{{1,2},{3,4}}', 'so-so', '10.0.0.1/8', 'ab');
               INSERT INTO kinds (id, wide, at, day, doc, list) VALUES (2, 'NaN', 'infinity', '-infinity', 'null', '{}');"#,
        ))
        .await
        .expect("a table");
    let registry = registry(&url).await;
    let query = "{ kind(id: 1) { big whole fixed small wide flag words code at local day clock span doc raw list grid feeling address padded } }";
    assert_eq!(
        ask(&registry, query).await,
        json!({"data": {"kind": {
            "big": "9007199254740993", "whole": "1234567890123456789012345678901234567890", "fixed": "0.0000000001",
            "small": 0.1, "wide": 1e300, "flag": true, "words": "a\"\\\n\u{1}é",
            "code": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "at": "0001-01-01T00:00:00Z",
            "local": "9999-12-31T23:59:59.999999", "day": "2024-02-29", "clock": "23:59:59.500",
            "span": "P1Y2M-3DT4H5M6.7S", "doc": {"a": [1, null], "b": null}, "raw": "AP8=", "list": [1, null, 3],
            "grid": [[1, 2], [3, 4]], "feeling": "so_so", "address": "10.0.0.1/8", "padded": "ab  "
        }}})
    );
    let answer = ask(&registry, "{ kind(id: 2) { id wide at day doc list whole } }").await;
    let kind =
        json!({"id": "2", "wide": null, "at": "infinity", "day": "-infinity", "doc": null, "list": [], "whole": null});
    assert_eq!(answer["data"]["kind"], kind, "one bad value leaves its siblings");
    assert_eq!(
        answer["errors"][0]["message"],
        "`wide`: the value is not a finite number, so JSON cannot represent it"
    );
    for filter in [
        "big: {eq: \"9007199254740993\"}",
        "big: {eq: 9007199254740993}",
        "whole: {gt: \"1234567890123456789012345678901234567889\"}",
        "fixed: {in: [\"0.0000000001\", \"7\"]}",
        "at: {lt: \"0001-01-01T00:00:01Z\"}",
        "day: {between: [\"2024-02-29\", \"2024-02-29\"]}",
        "code: {eq: \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"}",
        "feeling: {in: [so_so]}",
        "words: {contains: \"\\\\\"}",
    ] {
        let answer = ask(&registry, &format!("{{ kinds(filters: {{{filter}}}) {{ id }} }}")).await;
        assert_eq!(answer, json!({"data": {"kinds": [{"id": "1"}]}}), "{filter}");
    }
    for (filter, message) in [
        ("words: {eq: \"a\\u0000\"}", "holds a NUL character"),
        ("code: {eq: \"x\"}", "must be of type UUID"),
        ("at: {eq: \"yesterday\"}", "must be of type DateTime"),
        ("fixed: {eq: \"1,5\"}", "must be of type Decimal"),
    ] {
        let answer = ask(&registry, &format!("{{ kinds(filters: {{{filter}}}) {{ id }} }}")).await;
        assert!(
            answer["errors"][0]["message"]
                .as_str()
                .unwrap_or_default()
                .contains(message),
            "{filter}: {answer}"
        );
    }
}

/// `%` and `_` are plain text except in `like`, and case matters except where the operator's name begins with `i`,
/// whatever the column's collation says.
#[tokio::test(flavor = "multi_thread")]
async fn texts_are_compared_exactly_on_every_database() {
    let tables = [
        (Engine::Sqlite, "CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT)"),
        (Engine::Postgres, "CREATE TABLE words (id int PRIMARY KEY, word text)"),
        (
            Engine::Mariadb,
            "CREATE TABLE words (id int PRIMARY KEY, word varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci)",
        ),
    ];
    let words = ["Ab", "ab", "ab ", "a%b", "a_b", "äb", "xAbx", ""];
    for (engine, table) in tables {
        let Some(url) = empty_database(engine, "words_test").await else {
            continue;
        };
        let rows: Vec<String> = words
            .iter()
            .enumerate()
            .map(|(at, word)| format!("({at}, '{word}')"))
            .collect();
        let insert = AssertSqlSafe(format!("INSERT INTO words VALUES {}", rows.join(", ")));
        match engine {
            Engine::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the file");
                connection.execute(table).await.expect("a table");
                connection.execute(sqlx::raw_sql(insert)).await.expect("rows");
            }
            Engine::Postgres => {
                let mut connection = sqlx::PgConnection::connect(&url).await.expect("the server");
                connection.execute(table).await.expect("a table");
                connection.execute(sqlx::raw_sql(insert)).await.expect("rows");
            }
            Engine::Mariadb => {
                let mut connection = sqlx::MySqlConnection::connect(&url).await.expect("the server");
                connection.execute(table).await.expect("a table");
                connection.execute(sqlx::raw_sql(insert)).await.expect("rows");
            }
        }
        let registry = registry(&url).await;
        for (filter, expected) in [
            ("eq: \"ab\"", vec!["ab"]),
            ("ne: \"ab\"", vec!["Ab", "ab ", "a%b", "a_b", "äb", "xAbx", ""]),
            ("in: [\"ab\", \"äb\"]", vec!["ab", "äb"]),
            ("notIn: [\"Ab\", \"ab \"]", vec!["ab", "a%b", "a_b", "äb", "xAbx", ""]),
            ("contains: \"%\"", vec!["a%b"]),
            ("contains: \"Ab\"", vec!["Ab", "xAbx"]),
            ("icontains: \"AB\"", vec!["Ab", "ab", "ab ", "xAbx"]),
            ("startsWith: \"a_\"", vec!["a_b"]),
            ("startsWith: \"a\"", vec!["ab", "ab ", "a%b", "a_b"]),
            ("istartsWith: \"A\"", vec!["Ab", "ab", "ab ", "a%b", "a_b"]),
            ("endsWith: \"b\"", vec!["Ab", "ab", "a%b", "a_b", "äb"]),
            ("iendsWith: \"ABX\"", vec!["xAbx"]),
            ("endsWith: \"\"", words.to_vec()),
            ("like: \"a_b\"", vec!["a%b", "a_b"]),
            ("like: \"a\\\\_b\"", vec!["a_b"]),
            ("ilike: \"A%\"", vec!["Ab", "ab", "ab ", "a%b", "a_b"]),
            ("regex: \"^[A-Z]b$\"", vec!["Ab"]),
            ("iregex: \"^[A-Z]b$\"", vec!["Ab", "ab"]),
        ] {
            let answer = ask(
                &registry,
                &format!("{{ words(filters: {{word: {{{filter}}}}}) {{ word }} }}"),
            )
            .await;
            let expected: Vec<Value> = expected.iter().map(|word| json!({ "word": word })).collect();
            assert_eq!(answer, json!({"data": {"words": expected}}), "{filter} on {engine}");
        }
    }
}

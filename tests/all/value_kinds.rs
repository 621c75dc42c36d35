//! Arrays, ranges, composite values, JSON and money.

use super::values::ask;
use runtime::testing::Request;
use serde_json::{Value, json};
use tests::{Engine, empty_database, execute, live_registry};

#[tokio::test(flavor = "multi_thread")]
async fn ranges_composites_and_money() {
    let Some(url) = empty_database(Engine::Postgres, "structures").await else {
        return;
    };
    execute(
        &url,
        "CREATE TYPE colour AS ENUM ('red', 'dark blue');
         CREATE TYPE point3 AS (x int, y double precision, shades colour[]);
         CREATE TYPE line3 AS (\"from\" point3, length numeric(6, 2));
         CREATE TABLE plans (id int PRIMARY KEY, seats int4range, big int8range, days daterange NOT NULL, at tstzrange,
           price money, line line3, corners point3[], address inet, doc xml);
         INSERT INTO plans VALUES
           (1, '[1,5)', '[9007199254740993,)', '[2026-01-01,2026-02-01)', '(2026-01-01 00:00+00,2026-01-02 12:30+00]', 1234.5,
            ROW(ROW(1, 2.5, '{red,\"dark blue\"}')::point3, 7.1)::line3, ARRAY[ROW(1, NULL, '{}')::point3, NULL, ROW(2, 0.5, NULL)::point3],
            '10.0.0.1', '<a/>'),
           (2, 'empty', NULL, '(,)', NULL, NULL, NULL, NULL, NULL, NULL)",
    )
    .await;
    let registry = live_registry(&url).await;
    let range = "{ lower upper lowerInclusive upperInclusive isEmpty }";
    let query = format!(
        "{{ plans {{ id seats {range} big {{ lower upper }} days {{ __typename from: lower upper }} at {range} price \
         line {{ from {{ x y shades }} length }} corners {{ x y shades }} address doc }} plansAggregate {{ sum {{ price }} max {{ price }} }} }}"
    );
    let answer = ask(&registry, &query).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let seats = |lower: Value, upper: Value, inclusive: bool, empty: bool| json!({"lower": lower, "upper": upper, "lowerInclusive": inclusive, "upperInclusive": false, "isEmpty": empty});
    assert_eq!(
        answer["data"]["plans"][0],
        json!({
            "id": "1", "seats": seats(json!(1), json!(5), true, false), "big": {"lower": "9007199254740993", "upper": null},
            "days": {"__typename": "DateRange", "from": "2026-01-01", "upper": "2026-02-01"},
            "at": {"lower": "2026-01-01T00:00:00Z", "upper": "2026-01-02T12:30:00Z", "lowerInclusive": false, "upperInclusive": true, "isEmpty": false},
            "price": "1234.50", "line": {"from": {"x": 1, "y": 2.5, "shades": ["red", "dark_blue"]}, "length": "7.10"},
            "corners": [{"x": 1, "y": null, "shades": []}, null, {"x": 2, "y": 0.5, "shades": null}],
            "address": "10.0.0.1/32", "doc": "<a/>"
        })
    );
    assert_eq!(
        answer["data"]["plans"][1]["seats"],
        seats(Value::Null, Value::Null, false, true)
    );
    assert_eq!(
        answer["data"]["plansAggregate"],
        json!({"sum": {"price": "1234.50"}, "max": {"price": "1234.50"}})
    );
    for (filter, expected) in [
        ("seats: {contains: 4}", vec!["1"]),
        ("seats: {contains: 5}", vec![]),
        ("seats: {eq: {lower: 1, upper: 4, upperInclusive: true}}", vec!["1"]),
        ("seats: {overlaps: {lower: 4}}", vec!["1"]),
        ("big: {contains: \"9007199254740993\"}", vec!["1"]),
        ("days: {contains: \"2026-01-31\"}", vec!["1", "2"]),
        (
            "at: {overlaps: {upper: \"2026-01-01T00:00:00Z\", upperInclusive: true}}",
            vec![],
        ),
        ("price: {gte: \"1234.50\"}", vec!["1"]),
        ("price: {in: [\"1234.5\", 2]}", vec!["1"]),
        ("line: {isNull: true}", vec!["2"]),
    ] {
        let answer = ask(&registry, &format!("{{ plans(filters: {{{filter}}}) {{ id }} }}")).await;
        let expected: Vec<Value> = expected.iter().map(|id| json!({ "id": id })).collect();
        assert_eq!(answer, json!({"data": {"plans": expected}}), "{filter}");
    }
    // The generated code of such a database is Rust.
    let parsed: codegen::introspect::DatabaseUrl = url.parse().expect("a URL");
    let catalog = codegen::introspect::introspect(&parsed).await.expect("a catalog");
    assert_eq!(
        codegen::catalog::Catalog::from_snapshot(&catalog.to_snapshot()).expect("it"),
        catalog
    );
    let model = codegen::schema::build(&catalog, &codegen::config::Settings::default());
    assert_eq!(model.diagnostics, []);
    let code = codegen::emit::single_file(&codegen::verify::verify(model).expect("a model")).text;
    for part in [
        "pub days: rt::Range<rt::NaiveDate>",
        "pub line: Option<rt::Json>",
        "rt::Kind::Composite(&POINT3)",
    ] {
        assert!(code.contains(part), "{part}\n{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_words_and_bytes() {
    let Some(url) = empty_database(Engine::Postgres, "arrays").await else {
        return;
    };
    execute(
        &url,
        "CREATE TABLE pages (id int PRIMARY KEY, tags text[], sizes int[], body text, raw bytea, span interval,
           words tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED);
         CREATE INDEX ON pages USING gin (words);
         INSERT INTO pages VALUES (1, '{a,\"b c\"}', '{1,2}', 'The quick brown foxes', '\\x00ff', '1 day'),
           (2, '{}', '{{1,2},{3,4}}', 'Lazy dogs', '\\x', '2 hours'), (3, NULL, NULL, NULL, NULL, NULL);",
    )
    .await;
    let registry = tests::live_registry_with(&url, "[tables.pages]\nsearch = [\"words\"]").await;
    for (arguments, expected) in [
        ("filters: {tags: {contains: [\"b c\"]}}", vec!["1"]),
        (
            "filters: {tags: {containedBy: [\"a\", \"b c\", \"d\"]}}",
            vec!["1", "2"],
        ),
        ("filters: {tags: {overlaps: [\"x\", \"a\"]}}", vec!["1"]),
        ("filters: {tags: {eq: []}}", vec!["2"]),
        ("filters: {sizes: {contains: [3]}}", vec!["2"]),
        ("filters: {tags: {isNull: true}}", vec!["3"]),
        ("filters: {raw: {eq: \"AP8=\"}}", vec!["1"]),
        ("filters: {raw: {in: [\"AP8=\", \"\"]}}", vec!["1", "2"]),
        ("filters: {span: {lt: \"PT3H\"}}", vec!["2"]),
        ("search: \"fox\"", vec!["1"]),
        ("search: \"dog lazy\"", vec!["2"]),
        ("search: \"cat\"", vec![]),
        ("search: \"\"", vec!["1", "2", "3"]),
    ] {
        let answer = ask(&registry, &format!("{{ pages({arguments}) {{ id }} }}")).await;
        let expected: Vec<Value> = expected.iter().map(|id| json!({ "id": id })).collect();
        assert_eq!(answer, json!({"data": {"pages": expected}}), "{arguments}");
    }
    let schema = registry.find("main").expect("it");
    let sql = schema.engine().explain(Request {
        query: "{ pages(search: \"fox\") { id } }".into(),
        ..Request::default()
    });
    assert!(
        sql.await.expect("SQL")[0].contains("@@ websearch_to_tsquery"),
        "the database's own search is used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn json_values_are_found_inside() {
    let tables = [
        (Engine::Postgres, "CREATE TABLE docs (id int PRIMARY KEY, doc jsonb)"),
        (Engine::Mariadb, "CREATE TABLE docs (id int PRIMARY KEY, doc json)"),
        (Engine::Sqlite, "CREATE TABLE docs (id INTEGER PRIMARY KEY, doc JSON)"),
    ];
    for (engine, ddl) in tables {
        let Some(url) = empty_database(engine, "json_test").await else {
            continue;
        };
        execute(&url, ddl).await;
        // MySQL takes a backslash in a text for an escape.
        let escape = if engine == Engine::Mariadb { r"\\" } else { r"\" };
        let rows = r#"INSERT INTO docs VALUES (1, '{"a": {"b": [1, "x", null]}, "c": true}'), (2, '{"a": null, "d\"e": 2.5}'),
            (3, NULL), (4, '[1, 2]'), (5, '"t"')"#;
        execute(&url, &rows.replace('\\', escape)).await;
        let registry = live_registry(&url).await;
        for (filter, expected) in [
            (r#"path: {at: ["a", "b", "1"], eq: "x"}"#, vec!["1"]),
            (r#"path: {at: ["a", "b", "0"], eq: 1}"#, vec!["1"]),
            (r#"path: {at: ["c"], eq: true}"#, vec!["1"]),
            (r#"path: {at: ["c"], ne: false}"#, vec!["1"]),
            (r#"path: {at: ["a"], isNull: false}"#, vec!["1"]),
            (r#"path: {at: ["a", "b"], eq: [1, "x", null]}"#, vec!["1"]),
            (r#"path: {at: ["d\"e"], eq: 2.5}"#, vec!["2"]),
            (r#"path: {at: ["1"], eq: 2}"#, vec!["4"]),
            (r#"path: {at: ["a"], hasKey: "b"}"#, vec!["1"]),
            (r#"hasKey: "a""#, vec!["1", "2"]),
            (r#"hasKey: "d\"e""#, vec!["2"]),
            ("eq: [1, 2]", vec!["4"]),
            (r#"eq: "t""#, vec!["5"]),
            ("isNull: true", vec!["3"]),
        ] {
            let answer = ask(
                &registry,
                &format!("{{ docs(filters: {{doc: {{{filter}}}}}) {{ id }} }}"),
            )
            .await;
            let expected: Vec<Value> = expected.iter().map(|id| json!({ "id": id })).collect();
            assert_eq!(answer, json!({"data": {"docs": expected}}), "{filter} on {engine}");
        }
        let query = "{ docs(filters: {doc: {contains: {a: {b: [\"x\"]}}}}) { id } }";
        let contains = ask(&registry, query).await;
        assert_eq!(contains, json!({"data": {"docs": [{"id": "1"}]}}), "{engine}");
    }
}

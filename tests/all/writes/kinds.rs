//! Values of every kind: what is written is what is read.

use std::sync::Arc;

use runtime::Database;
use runtime::Viewer;
use serde_json::{Value, json};
use tests::{Engine, empty_database, execute, live_registry_over_with};

use super::Bench;

const POSTGRES: &str = "
    CREATE TYPE mood AS ENUM ('happy', 'so-so');
    CREATE TABLE things (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      flag BOOLEAN, small SMALLINT, number INT, big BIGINT, real4 REAL, real8 DOUBLE PRECISION, exact NUMERIC(12, 3),
      cash MONEY, word VARCHAR(10), long TEXT, code UUID, moment TIMESTAMPTZ, local TIMESTAMP, day DATE, clock TIME,
      span INTERVAL, doc JSON, docb JSONB, raw BYTEA, mood mood, words TEXT[], numbers INT[], days DATE[],
      scope INT4RANGE, twice INT GENERATED ALWAYS AS (number * 2) STORED, address INET, shape POINT)";

const MARIADB: &str = "
    CREATE TABLE things (
      id BIGINT AUTO_INCREMENT PRIMARY KEY,
      flag BOOLEAN, small SMALLINT, number INT, big BIGINT, huge BIGINT UNSIGNED, real8 DOUBLE, exact DECIMAL(12, 3),
      word VARCHAR(10), `long` TEXT, moment TIMESTAMP(6) NULL, local DATETIME(6), day DATE, clock TIME(6), doc JSON,
      raw VARBINARY(20), mood ENUM('happy', 'so-so'), twice INT GENERATED ALWAYS AS (number * 2) STORED)";

const SQLITE: &str = "
    CREATE TABLE things (
      id INTEGER PRIMARY KEY,
      flag BOOLEAN, number INT, big BIGINT, real8 REAL, exact DECIMAL(12, 3), word VARCHAR(10), long TEXT,
      moment TIMESTAMPTZ, local TIMESTAMP, day DATE, clock TIME, doc JSON, raw BLOB,
      mood TEXT CHECK (mood IN ('happy', 'so-so')), twice INT GENERATED ALWAYS AS (number * 2) STORED)";

/// The values as a client sends them; each comes back the same.
fn values(engine: Engine) -> Vec<(&'static str, Value)> {
    let mut values = vec![
        ("flag", json!(true)),
        ("number", json!(-7)),
        ("big", json!("9007199254740993")),
        ("real8", json!(1.5e-3)),
        ("exact", json!("12.340")),
        ("word", json!("größer")),
        ("long", json!("a 'quoted' \"text\"\n\\ 日本")),
        ("moment", json!("2026-01-31T23:59:59.123456Z")),
        ("local", json!("2026-01-31T23:59:59")),
        ("day", json!("2024-02-29")),
        ("clock", json!("23:59:58")),
        ("doc", json!({"a": [1, null, {"b": "c"}]})),
        ("raw", json!("AP8Q")),
        ("mood", json!("so_so")),
    ];
    if engine == Engine::Postgres {
        values.extend([
            ("small", json!(-3)),
            ("real4", json!(0.25)),
            ("cash", json!("12.34")),
            ("code", json!("6f9619ff-8b86-d011-b42d-00c04fc964ff")),
            ("span", json!("P1DT2H")),
            ("docb", json!([])),
            ("words", json!(["a", "b,c", ""])),
            ("numbers", json!([3, -1])),
            ("days", json!(["2024-02-29"])),
            ("address", json!("10.0.0.0/8")),
        ]);
    }
    if engine == Engine::Mariadb {
        values.extend([("small", json!(-3)), ("huge", json!("18446744073709551615"))]);
    }
    values
}

#[tokio::test]
async fn values_of_every_kind_are_written_as_they_are_read() {
    for (engine, ddl) in [
        (Engine::Sqlite, SQLITE),
        (Engine::Postgres, POSTGRES),
        (Engine::Mariadb, MARIADB),
    ] {
        let Some(url) = empty_database(engine, "writes_kinds").await else {
            continue;
        };
        execute(&url, ddl).await;
        let database = Database::connect(&url, 2).await.expect("the database");
        let config = "[tables.things]\nactions = [\"create\", \"update\"]";
        let registry = Arc::new(live_registry_over_with(&url, database, config).await);
        let bench = Bench { engine, url, registry };
        let values = values(engine);
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let full: Value = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let empty: Value = names
            .iter()
            .map(|name| ((*name).to_owned(), Value::Null))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let fields = format!("{} twice", names.join(" "));
        let create = format!(
            "mutation($inputs: [ThingCreateInput!]!) {{ it: createThings(inputs: $inputs) {{ errors {{ field message }} things {{ {fields} }} }} }}"
        );
        let update = format!(
            "mutation($input: ThingUpdateInput!) {{ it: updateThing(id: 2, input: $input) {{ errors {{ field message }} thing {{ {fields} }} }} }}"
        );
        let with_double = |mut row: Value, double: Value| {
            row["twice"] = double;
            row
        };
        let full_row = with_double(full.clone(), json!(-14));
        let empty_row = with_double(empty.clone(), Value::Null);
        let ask = async |query: &str, variables: Value| bench.ask_as(Viewer::known("1"), query, variables).await;
        let made = ask(&create, json!({"inputs": [full, empty, {}]})).await;
        assert_eq!(made["data"]["it"]["errors"], json!([]), "{engine}: {made}");
        assert_eq!(
            made["data"]["it"]["things"],
            json!([full_row, empty_row, empty_row]),
            "{engine}"
        );
        let changed = ask(&update, json!({ "input": full })).await;
        assert_eq!(
            changed["data"]["it"],
            json!({"errors": [], "thing": full_row}),
            "{engine}: {changed}"
        );
        let emptied = ask(&update, json!({ "input": empty })).await;
        assert_eq!(
            emptied["data"]["it"],
            json!({"errors": [], "thing": empty_row}),
            "{engine}: {emptied}"
        );
        // What only the database writes is in no input.
        let schema = bench.registry.find("main").expect("the schema");
        let sdl = schema.engine().sdl();
        let input = sdl
            .split("input ThingCreateInput {")
            .nth(1)
            .and_then(|rest| rest.split('}').next())
            .expect("the input");
        assert!(
            !input.contains("twice") && !input.contains("shape"),
            "{engine}: {input}"
        );
        assert_eq!(input.contains("  id:"), engine != Engine::Postgres, "{engine}: {input}");
        for (field, value) in [
            ("number", json!(2_147_483_647_i64 + 1)),
            ("word", json!("12345678901")),
            ("day", json!("2023-02-29")),
        ] {
            if engine == Engine::Sqlite && field == "day" {
                // SQLite keeps any text.
                continue;
            }
            let query = format!(
                "mutation($v: {}) {{ it: createThing(input: {{{field}: $v}}) {{ success errors {{ field code }} }} }}",
                match field {
                    "number" => "Int",
                    "word" => "String",
                    _ => "Date",
                }
            );
            let refused = ask(&query, json!({ "v": value })).await;
            let it = &refused["data"]["it"];
            let said = it["success"] == false || refused["errors"][0]["extensions"]["code"].is_string();
            assert!(said, "{engine} {field}: {refused}");
        }
    }
}

#[tokio::test]
async fn ranges_are_written_by_their_bounds() {
    let Some(url) = empty_database(Engine::Postgres, "writes_ranges").await else {
        return;
    };
    execute(&url, POSTGRES).await;
    let database = Database::connect(&url, 2).await.expect("the database");
    let config = "[tables.things]\nactions = [\"create\"]";
    let registry = Arc::new(live_registry_over_with(&url, database, config).await);
    let bench = Bench {
        engine: Engine::Postgres,
        url,
        registry,
    };
    let made = bench
        .data("mutation { createThing(input: {scope: {lower: 2, upper: 5, upperInclusive: true}}) { thing { scope { lower upper lowerInclusive upperInclusive } } } }")
        .await;
    let scope = json!({"lower": 2, "upper": 6, "lowerInclusive": true, "upperInclusive": false});
    assert_eq!(made["createThing"]["thing"]["scope"], scope);
}

//! Values that a database keeps though their column promises something else: each is answered, or spoils its own field.

use serde_json::{Value, json};
use tests::Engine;

use super::served;
use crate::field::served::Served;

async fn ids(api: &Served, filter: &str) -> Value {
    let answer = api
        .data(&format!(
            "{{ it: items(filters: {filter}, orderBy: [{{id: ASC}}]) {{ id }} }}"
        ))
        .await;
    answer["it"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["id"].clone())
        .collect()
}

/// The ids in the order, a page of one row after the other; never more than ten.
async fn pages(api: &Served, order: &str) -> Vec<String> {
    let (mut after, mut seen) = (Value::Null, Vec::new());
    while seen.len() < 10 {
        let page = format!(
            "{{ it: itemsConnection(first: 1, after: {after}, orderBy: [{{{order}: ASC}}]) \
             {{ nodes {{ id }} pageInfo {{ endCursor hasNextPage }} }} }}"
        );
        let page = api.data(&page).await["it"].clone();
        seen.push(page["nodes"][0]["id"].as_str().expect("a row on the page").to_owned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_may_keep_anything_in_a_column() {
    let tables = r#"
        CREATE TABLE items (id INTEGER PRIMARY KEY, doc JSON, day DATE, at TIME, price DECIMAL(8, 2), raw BLOB, loose, key UUID);
        INSERT INTO items VALUES
          (1, '{"a": 1}', '2024-01-02', '10:00:00', 1.5, x'00ff', 7, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
          (2, 'none', '2024-1-2', '25:00', 'abc', 'text', 'seven', x'b0eebc999c0b4ef8bb6d6bb9bd380a11'),
          (3, '1},{"id":"9","doc":2', 'x', '10', '', 5, 7.5, 'c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
        CREATE VIEW sums AS SELECT id, id + 1 AS next FROM items;"#;
    let api = served(Engine::Sqlite, "loose", tables, "[tables.sums]\nkey = [\"id\"]")
        .await
        .expect("SQLite");

    let answer = api.ask("{ items { id doc day at price raw loose key } }").await;
    assert_eq!(
        answer["data"]["items"],
        json!([
            {"id": "1", "doc": {"a": 1}, "day": "2024-01-02", "at": "10:00:00", "price": "1.50", "raw": "AP8=",
             "loose": "7", "key": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
            {"id": "2", "doc": null, "day": null, "at": null, "price": null, "raw": "dGV4dA==", "loose": "seven",
             "key": "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
            {"id": "3", "doc": null, "day": null, "at": null, "price": null, "raw": null, "loose": "7.5",
             "key": "c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
        ]),
        "{answer}"
    );
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 9, "{errors:?}");
    assert!(
        errors
            .iter()
            .all(|error| error["extensions"]["code"] == "UNREADABLE_VALUE"),
        "{errors:?}"
    );

    // What was answered finds its row.
    for (filter, expected) in [
        ("{loose: {eq: \"7\"}}", json!(["1"])),
        ("{loose: {in: [\"7.5\", \"seven\"]}}", json!(["2", "3"])),
        ("{key: {eq: \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"}}", json!(["1"])),
        ("{key: {eq: \"B0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"}}", json!(["2"])),
        (
            "{key: {ne: \"b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"}}",
            json!(["1", "3"]),
        ),
        (
            "{key: {in: [\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\", \"b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"]}}",
            json!(["1", "2"]),
        ),
    ] {
        assert_eq!(ids(&api, filter).await, expected, "{filter}");
    }
    assert_eq!(api.data("{ sum(id: 2) { next } }").await["sum"]["next"], "3");

    // Whatever is stored, each row is on one page, in the order of the list.
    for order in ["day", "at", "price", "raw", "key"] {
        let list = api
            .ask(&format!("{{ items(orderBy: [{{{order}: ASC}}]) {{ id }} }}"))
            .await["data"]["items"]
            .clone();
        let list: Vec<&str> = list
            .as_array()
            .expect("rows")
            .iter()
            .filter_map(|row| row["id"].as_str())
            .collect();
        assert_eq!(pages(&api, order).await, list, "{order}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_finds_moments_and_json_in_any_form() {
    let tables = r#"
        CREATE TABLE items (id INTEGER PRIMARY KEY, at DATETIME, doc JSON);
        CREATE INDEX items_at ON items (at);
        INSERT INTO items VALUES
          (1, '2024-01-01T10:00:00Z', '{"a":1,"b":2}'), (2, '2024-01-02T10:00:00.123Z', '{"b": 2, "a": 1}'),
          (3, '2024-01-03T12:00:00+02:00', '{"a":1.0,"b":2}'), (4, '2024-01-04 10:00:00+00:00', '{"a":1,"b":3}'),
          (5, '2024-01-05 10:00:00.500000', '[1]'), (6, 1704535200, NULL), (7, '2024-01-07', NULL), (8, NULL, NULL);"#;
    let config = "[tables.items]\nactions = [\"create\"]";
    let api = served(Engine::Sqlite, "moments", tables, config).await.expect("SQLite");

    // A day that no calendar has is neither looked for nor written.
    for day in ["2024-02-30T10:00:00", "0000-00-00T00:00:00"] {
        assert_eq!(
            api.code(&format!("{{ items(filters: {{at: {{eq: \"{day}\"}}}}) {{ id }} }}"))
                .await,
            "BAD_USER_INPUT"
        );
        let made = api
            .ask(&format!(
                "mutation {{ createItem(input: {{id: 9, at: \"{day}\"}}) {{ success }} }}"
            ))
            .await;
        assert_ne!(made["data"]["createItem"]["success"], true, "{day}: {made}");
    }

    let rows = api.data("{ items { at } }").await["items"].clone();
    for (at, row) in rows.as_array().expect("rows").iter().take(7).enumerate() {
        let id = (at + 1).to_string();
        for filter in [
            format!("{{at: {{eq: {}}}}}", row["at"]),
            format!("{{at: {{in: [{}]}}}}", row["at"]),
            format!("{{and: [{{at: {{gte: {0}}}}}, {{at: {{lte: {0}}}}}]}}", row["at"]),
        ] {
            assert_eq!(ids(&api, &filter).await, json!([id]), "{filter}");
        }
    }
    for (filter, expected) in [
        ("{at: {lt: \"2024-01-03T11:00:00+01:00\"}}", json!(["1", "2"])),
        ("{at: {gt: \"2024-01-04T10:00:00\"}}", json!(["5", "6", "7"])),
        (
            "{at: {between: [\"2024-01-02T10:00:00.123\", \"2024-01-03T10:00:00\"]}}",
            json!(["2", "3"]),
        ),
        (
            "{at: {ne: \"2024-01-01T10:00:00\"}}",
            json!(["2", "3", "4", "5", "6", "7"]),
        ),
        ("{doc: {eq: {a: 1, b: 2}}}", json!(["1", "2", "3"])),
        ("{doc: {ne: {b: 2, a: 1}}}", json!(["4", "5"])),
    ] {
        assert_eq!(ids(&api, filter).await, expected, "{filter}");
    }

    // Numbers stand before texts, and nulls behind; each row is on one page.
    assert_eq!(pages(&api, "at").await, ["6", "1", "2", "3", "4", "5", "7", "8"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_number_but_zero_is_true() {
    for engine in [Engine::Sqlite, Engine::Mariadb] {
        let boolean = if engine == Engine::Sqlite {
            "BOOLEAN"
        } else {
            "TINYINT(1)"
        };
        let tables = format!(
            "CREATE TABLE items (id INT PRIMARY KEY, b {boolean});
             INSERT INTO items VALUES (1, 1), (2, 2), (3, -1), (4, 0), (5, NULL)"
        );
        let Some(api) = served(engine, "truths", &tables, "").await else {
            continue;
        };
        assert_eq!(ids(&api, "{b: {eq: true}}").await, json!(["1", "2", "3"]), "{engine}");
        assert_eq!(ids(&api, "{b: {eq: false}}").await, json!(["4"]), "{engine}");
        assert_eq!(ids(&api, "{b: {in: [true]}}").await, json!(["1", "2", "3"]), "{engine}");
        assert_eq!(pages(&api, "b").await, ["4", "1", "2", "3", "5"], "{engine}");
        let groups = api.data("{ itemsGroups(by: [b]) { key { b } count } }").await["itemsGroups"].clone();
        assert_eq!(groups.as_array().map(Vec::len), Some(3), "{engine}: {groups}");
        assert!(
            groups
                .as_array()
                .unwrap()
                .contains(&json!({"key": {"b": true}, "count": 3})),
            "{engine}: {groups}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_keeps_days_spans_and_bits_of_its_own() {
    let tables = "
        SET sql_mode = '';
        CREATE TABLE items (id INT PRIMARY KEY, bit BIT(1), t TIME, f FLOAT, day DATE NOT NULL, at DATETIME NOT NULL,
          stamp TIMESTAMP NULL, place POINT, flags SET('z', 'a'), bits BIT(12), word VARCHAR(10) CHARACTER SET latin1);
        INSERT INTO items VALUES
          (1, b'1', '00:00:00', 0.1, '2024-01-02', '2024-01-02 03:04:05', '2024-01-02 03:04:05', POINT(1, 2), 'a', b'101', 'Luís'),
          (2, b'0', '100:00:00', 0.333, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', NULL, 'z,a', b'111111111111', 'luis'),
          (3, b'1', '-01:02:03', 0.7, '2024-00-00', '2024-02-00 10:00:00', NULL, NULL, 'z', NULL, NULL)";
    let config = "[tables.items]\nactions = [\"update\"]";
    let Some(api) = served(Engine::Mariadb, "own_values", tables, config).await else {
        return;
    };

    let rows = api
        .data("{ items(orderBy: [{id: ASC}]) { bit t f day at stamp place } }")
        .await["items"]
        .clone();
    assert_eq!(
        rows,
        json!([
            {"bit": true, "t": "00:00:00", "f": 0.1, "day": "2024-01-02", "at": "2024-01-02T03:04:05",
             "stamp": "2024-01-02T03:04:05Z", "place": "POINT(1 2)"},
            {"bit": false, "t": "PT100H", "f": 0.333, "day": "0000-00-00", "at": "0000-00-00T00:00:00",
             "stamp": "0000-00-00T00:00:00Z", "place": null},
            {"bit": true, "t": "PT-1H-2M-3S", "f": 0.7, "day": "2024-00-00", "at": "2024-02-00T10:00:00",
             "stamp": null, "place": null},
        ])
    );
    for (at, row) in rows.as_array().expect("rows").iter().enumerate() {
        for field in ["t", "f", "day", "at"] {
            let found = ids(&api, &format!("{{{field}: {{eq: {}}}}}", row[field])).await;
            assert_eq!(found, json!([(at + 1).to_string()]), "{field} {}", row[field]);
        }
    }
    assert_eq!(ids(&api, "{bit: {eq: true}}").await, json!(["1", "3"]));
    assert_eq!(ids(&api, "{bits: {eq: \"000000000101\"}}").await, json!(["1"]));
    assert_eq!(ids(&api, "{bits: {in: [\"111111111111\"]}}").await, json!(["2"]));
    let changed = "mutation { updateItem(id: 3, input: {bits: \"000000000011\"}) { success item { bits } } }";
    assert_eq!(api.data(changed).await["updateItem"]["item"]["bits"], "000000000011");
    assert_eq!(ids(&api, "{word: {in: [\"Luís\"]}}").await, json!(["1"]));
    assert_eq!(ids(&api, "{word: {notIn: [\"Luís\"]}}").await, json!(["2"]));
    assert_eq!(pages(&api, "bit").await, ["2", "1", "3"]);
    assert_eq!(pages(&api, "f").await, ["1", "2", "3"]);
    assert_eq!(pages(&api, "t").await, ["3", "1", "2"]);
    assert_eq!(pages(&api, "at").await, ["2", "1", "3"]);
    assert_eq!(pages(&api, "flags").await, ["3", "1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_of_far_years_are_taken_as_they_are_answered() {
    let tables = "CREATE TABLE items (id INT PRIMARY KEY, d DATE, at TIMESTAMP);
        INSERT INTO items VALUES (1, '0044-03-15 BC', '0044-03-15 10:00:00 BC'), (2, '10000-01-01', '12000-05-06 07:08:09'),
          (3, '2024-01-01', '294276-12-31 23:59:59')";
    let Some(api) = served(Engine::Postgres, "far_days", tables, "").await else {
        return;
    };
    let rows = api.ask("{ items(orderBy: [{id: ASC}]) { d at } }").await["data"]["items"].clone();
    for at in 0..3 {
        for field in ["d", "at"] {
            let found = ids(&api, &format!("{{{field}: {{eq: {}}}}}", rows[at][field])).await;
            assert_eq!(found, json!([(at + 1).to_string()]), "{field} {}", rows[at][field]);
        }
    }
    assert_eq!(pages(&api, "d").await, ["1", "3", "2"]);
    assert_eq!(pages(&api, "at").await, ["1", "2", "3"]);
    assert_eq!(rows[2], json!({"d": "2024-01-01", "at": "+294276-12-31T23:59:59"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_that_a_collation_means_is_put() {
    let tables = "CREATE TABLE users (login VARCHAR(10) PRIMARY KEY, n INT) COLLATE utf8mb4_general_ci;
        INSERT INTO users VALUES ('Ann', 1)";
    let config = "[tables.users]\nactions = [\"create\", \"update\"]";
    let Some(api) = served(Engine::Mariadb, "collated", tables, config).await else {
        return;
    };
    let put =
        "mutation { upsertUser(input: {login: \"ANN\", n: 5}, onConflict: {key: LOGIN}) { success user { login n } } }";
    let put = api.data(put).await;
    assert_eq!(put["upsertUser"]["user"], json!({"login": "Ann", "n": 5}), "{put}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_what_comes_back() {
    let config = "[tables.items]\nactions = [\"create\", \"update\"]";
    // A number that the database counts itself, for a zero.
    let tables = "CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, n INT);
        SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO'); INSERT INTO items VALUES (0, 1), (7, 2)";
    if let Some(api) = served(Engine::Mariadb, "zero", tables, config).await {
        let made = api
            .data("mutation { createItem(input: {id: 0, n: 3}) { success item { id n } } }")
            .await;
        assert_eq!(made["createItem"]["item"], json!({"id": "8", "n": 3}), "{made}");
    }

    // Arrays with nulls, of numbers and of texts.
    let tables = "CREATE TABLE items (id INT PRIMARY KEY, numbers INT[], words TEXT[]); INSERT INTO items VALUES (1)";
    if let Some(api) = served(Engine::Postgres, "nulls", tables, config).await {
        let changed = "mutation { updateItem(id: 1, input: {numbers: [1, null, 3], words: [null, \"a \\\"b\\\\\", \"NULL\", \"\"]}) \
                       { success errors { message } item { numbers words } } }";
        let changed = api.data(changed).await;
        let expected = json!({"numbers": [1, null, 3], "words": [null, "a \"b\\", "NULL", ""]});
        assert_eq!(changed["updateItem"]["item"], expected, "{changed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_a_text_for_a_number_in_the_key_are_changed_alone() {
    let tables = "CREATE TABLE things (id INT PRIMARY KEY, name TEXT);
        INSERT INTO things VALUES (0, 'zero'), (1, 'one'), ('x', 'letter')";
    let config = "[tables.things]\nactions = [\"update\", \"delete\"]";
    let Some(api) = served(Engine::Sqlite, "text_keys", tables, config).await else {
        return;
    };

    let update = "mutation { it: updateThings(filters: {name: {in: [\"one\", \"letter\"]}}, input: {name: \"n\"}) { success affectedCount } }";
    assert_eq!(
        api.data(update).await["it"],
        json!({"success": true, "affectedCount": 2})
    );
    let delete = "mutation { it: deleteThings(filters: {name: {eq: \"n\"}}) { success } }";
    assert_eq!(api.data(delete).await["it"], json!({"success": true}));
    assert_eq!(
        api.data("{ things { name } }").await["things"],
        json!([{"name": "zero"}])
    );
}

//! What is broken or too large is named, and the rest is served.

use serde_json::json;
use tests::{Engine, empty_database, execute};

use super::{served, warnings};
use crate::field::served::{Served, code};

#[tokio::test(flavor = "multi_thread")]
async fn what_sqlite_cannot_describe_is_named_and_left_out() {
    let url = empty_database(Engine::Sqlite, "broken").await.expect("SQLite");
    execute(
        &url,
        "CREATE TABLE items (id INTEGER PRIMARY KEY, word TEXT UNIQUE); CREATE TABLE gone (id INTEGER PRIMARY KEY);
         CREATE TABLE tags (id INTEGER PRIMARY KEY, item_id INT REFERENCES items (id));
         CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone;
         CREATE VIRTUAL TABLE pages USING fts5 (title, body);
         PRAGMA writable_schema = ON;
         INSERT INTO sqlite_master VALUES ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING no_module(a)');
         INSERT INTO items VALUES (1, 'a'); INSERT INTO tags VALUES (1, 1); INSERT INTO pages VALUES ('t', 'b')",
    )
    .await;
    let warnings = warnings(&url).await;
    for name in ["broken", "vectors"] {
        assert!(
            warnings
                .iter()
                .any(|text| text.contains(&format!("`main.{name}` is left out, since"))),
            "{name}: {warnings:?}"
        );
    }

    let api = Served::new(&url, 2, "[tables.pages]\nkey = [\"title\"]").await;
    let answer = api
        .data("{ itemByWord(word: \"a\") { id tags { id } } pages { title body } }")
        .await;
    assert_eq!(
        answer,
        json!({"itemByWord": {"id": "1", "tags": [{"id": "1"}]}, "pages": [{"title": "t", "body": "b"}]})
    );
    let types = api.data("{ __schema { types { name } } }").await.to_string();
    assert!(
        !types.contains("PagesDatum") && !types.contains("PagesContent"),
        "{types}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_to_what_several_rows_may_have_repeats_no_row() {
    for (engine, tables) in [
        (
            Engine::Sqlite,
            "PRAGMA foreign_keys = OFF; CREATE TABLE parents (id INT PRIMARY KEY, code TEXT NOT NULL);
             CREATE TABLE kids (id INT PRIMARY KEY, code TEXT NOT NULL REFERENCES parents (code));
             INSERT INTO parents VALUES (1, 'a'), (2, 'a'); INSERT INTO kids VALUES (1, 'a'), (2, 'b')",
        ),
        (
            Engine::Mariadb,
            "CREATE TABLE parents (id INT PRIMARY KEY, code VARCHAR(9) NOT NULL, KEY (code));
             CREATE TABLE kids (id INT PRIMARY KEY, code VARCHAR(9) NOT NULL, FOREIGN KEY (code) REFERENCES parents (code));
             INSERT INTO parents VALUES (1, 'a'), (2, 'a'), (3, 'b'); INSERT INTO kids VALUES (1, 'a'), (2, 'b')",
        ),
        (
            Engine::Postgres,
            "CREATE TABLE parents (code TEXT PRIMARY KEY); CREATE TABLE steps () INHERITS (parents);
             CREATE TABLE kids (id INT PRIMARY KEY, code TEXT NOT NULL REFERENCES parents);
             INSERT INTO parents VALUES ('a'), ('b'); INSERT INTO steps VALUES ('a'); INSERT INTO kids VALUES (1, 'a'), (2, 'b')",
        ),
    ] {
        let Some(url) = empty_database(engine, "several").await else { continue };
        execute(&url, tables).await;
        let warnings = warnings(&url).await;
        assert!(warnings.iter().any(|text| text.contains("which several rows may have")), "{engine}: {warnings:?}");

        let api = Served::new(&url, 2, "").await;
        let kids = api.data("{ kids(limit: 2) { id codeId code { __typename } } }").await["kids"].clone();
        let parent = json!({"__typename": "Parent"});
        let second = if engine == Engine::Sqlite { serde_json::Value::Null } else { parent.clone() };
        assert_eq!(
            kids,
            json!([{"id": "1", "codeId": "a", "code": parent}, {"id": "2", "codeId": "b", "code": second}]),
            "{engine}"
        );
        if engine != Engine::Postgres {
            // The first by the primary key, in filters too.
            let query = "{ kids(filters: {code: {id: {eq: 1}}}) { code { id } } none: kids(filters: {code: {id: {eq: 2}}}) { id } }";
            assert_eq!(api.data(query).await, json!({"kids": [{"code": {"id": "1"}}], "none": []}), "{engine}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_a_trigger_skips_is_left_out() {
    let tables = "CREATE TABLE items (id INT PRIMARY KEY, v INT);
        CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN IF NEW.v = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE TRIGGER skips BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION skip()";
    let config = "[tables.items]\nactions = [\"create\"]";
    let Some(api) = served(Engine::Postgres, "triggered", tables, config).await else {
        return;
    };
    let one = api
        .data("mutation { it: createItem(input: {id: 1, v: 0}) { success item { id } errors { code } } }")
        .await;
    assert_eq!(one["it"], json!({"success": true, "item": null, "errors": []}));

    let several = "mutation { it: createItems(inputs: [{id: 1, v: 1}, {id: 2, v: 0}, {id: 3, v: 1}]) \
                   { success affectedCount items { id } errors { code } } }";
    let expected = json!({"success": true, "affectedCount": 2, "items": [{"id": "1"}, {"id": "3"}], "errors": []});
    assert_eq!(api.data(several).await["it"], expected);
    assert_eq!(
        api.data("{ items { id } }").await["items"],
        json!([{"id": "1"}, {"id": "3"}])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_the_engines_are_met_or_named() {
    for (engine, keys) in [(Engine::Sqlite, 70), (Engine::Mariadb, 62), (Engine::Postgres, 70)] {
        let columns: String = (0..keys)
            .map(|at| format!(", k{at}_id INT REFERENCES goals (id)"))
            .collect::<Vec<_>>()
            .concat();
        let tables = format!(
            "CREATE TABLE goals (id INT PRIMARY KEY, n INT); CREATE TABLE wides (id INT PRIMARY KEY, n INT{columns});
             INSERT INTO goals VALUES (1, 1); INSERT INTO wides (id, n, k0_id) VALUES (1, 1, 1)"
        );
        let Some(api) = served(engine, "limits", &tables, "").await else {
            continue;
        };
        let fields: String = (0..keys)
            .map(|at| format!(" k{at} {{ n }}"))
            .collect::<Vec<_>>()
            .concat();
        let answer = api.ask(&format!("{{ wides {{ id{fields} }} }}")).await;
        if engine == Engine::Postgres {
            assert_eq!(answer["data"]["wides"][0]["k0"]["n"], 1);
        } else {
            assert_eq!(code(&answer), "LIMIT_EXCEEDED", "{engine}: {answer}");
            let names_table = answer["errors"][0]["message"]
                .as_str()
                .is_some_and(|text| text.contains("Wide"));
            assert!(names_table, "{answer}");
        }

        // A list of conditions is no tree of its depth; of one column it is a list of values.
        let many = |one: &dyn Fn(usize) -> String| (0..900).map(one).collect::<Vec<_>>().join(", ");
        let mixed = many(&|at| format!("{{{}: {{eq: {at}}}}}", if at % 2 == 0 { "n" } else { "k0Id" }));
        let same = (0..1_090)
            .map(|at| format!("{{n: {{eq: {at}}}}}"))
            .collect::<Vec<_>>()
            .join(", ");
        for conditions in [mixed, same] {
            let answer = api
                .ask(&format!("{{ wides(filters: {{or: [{conditions}]}}) {{ id }} }}"))
                .await;
            assert_eq!(answer["data"]["wides"], json!([{"id": "1"}]), "{engine}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_equal_conditions_takes_what_each_of_them_takes() {
    let tables =
        "CREATE TABLE items (id INTEGER PRIMARY KEY, n INT); INSERT INTO items VALUES (1, 1), (2, NULL), (3, 7)";
    let api = served(Engine::Sqlite, "conditions", tables, "").await.expect("SQLite");
    let variables: Vec<String> = (0..20).map(|at| format!("$v{at}: Int")).collect();
    let conditions: Vec<String> = (0..20).map(|at| format!("{{n: {{eq: $v{at}}}}}")).collect();
    let query = format!(
        "query ({}) {{ items(filters: {{or: [{}]}}) {{ id }} }}",
        variables.join(", "),
        conditions.join(", ")
    );
    let schema = api.registry.find("main").expect("the schema");
    for first in [json!(1), json!(null), json!(7)] {
        let given = (0..20).map(|at| (format!("v{at}"), if at == 0 { first.clone() } else { json!(100) }));
        let variables = async_graphql::Variables::from_json(given.collect());
        let request = runtime::testing::Request {
            query: query.clone(),
            variables,
            ..Default::default()
        };
        let answer = schema.engine().execute(request).await;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        // As one condition by itself, which refuses a null.
        let alone = api
            .ask(&format!("{{ items(filters: {{n: {{eq: {first}}}}}) {{ id }} }}"))
            .await;
        assert_eq!(
            (code(&answer), &answer["data"]["items"]),
            (code(&alone), &alone["data"]["items"]),
            "{first}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_expression_is_the_clients_mistake() {
    for engine in [Engine::Sqlite, Engine::Mariadb, Engine::Postgres] {
        let tables = "CREATE TABLE items (id INT PRIMARY KEY, t VARCHAR(9)); INSERT INTO items VALUES (1, 'a')";
        let Some(api) = served(engine, "expressions", tables, "").await else {
            continue;
        };
        let answer = api.code("{ items(filters: {t: {regex: \"(\"}}) { id } }").await;
        assert_eq!(answer, "BAD_USER_INPUT", "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_costs_the_same_however_many_there_were() {
    let columns: Vec<String> = (0..8).map(|at| format!("c{at}")).collect();
    let declared: String = columns
        .iter()
        .map(|name| format!(", {name} INT"))
        .collect::<Vec<_>>()
        .concat();
    let Some(url) = empty_database(Engine::Mariadb, "many_statements").await else {
        return;
    };
    execute(
        &url,
        &format!("CREATE TABLE items (id INT PRIMARY KEY{declared}); INSERT INTO items (id) VALUES (1)"),
    )
    .await;
    let api = Served::new(&url, 1, "").await;

    // Each selection of columns in another order of them is a statement of its own.
    let mut times = Vec::new();
    for number in 0..1_200_usize {
        let order = [number % 8, number / 8 % 8, number / 64 % 8, number / 512].map(|at| format!("{{c{at}: ASC}}"));
        let began = std::time::Instant::now();
        api.data(&format!(
            "{{ items(orderBy: [{}, {{id: DESC}}]) {{ id }} }}",
            order.join(", ")
        ))
        .await;
        times.push(began.elapsed());
    }

    // The median: in between they are all made anew.
    let median = |times: &[std::time::Duration]| {
        let mut times = times.to_vec();
        times.sort();
        times[times.len() / 2]
    };
    let (early, late) = (median(&times[10..200]), median(&times[1_000..]));
    assert!(
        late < early * 10 + std::time::Duration::from_millis(25),
        "{early:?} and then {late:?}"
    );
}

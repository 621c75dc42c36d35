//! Types of PostgreSQL beyond the usual ones: in other namespaces, compared by their own equality, with a text form only.

use runtime::Viewer;
use serde_json::{Value, json};
use tests::Engine;

use super::served;
use crate::field::served::Served;

pub(super) const TABLES: &str = r#"
    CREATE SCHEMA far;
    CREATE EXTENSION citext;
    CREATE TYPE far.mood AS ENUM ('Calm', 'wild');
    CREATE TYPE far.span AS RANGE (subtype = numeric);
    CREATE DOMAIN small AS int CHECK (VALUE < 100);
    CREATE TYPE lot AS (size small, host inet, worth money, name text);
    CREATE TABLE far.things (id int PRIMARY KEY, mood far.mood NOT NULL, moods far.mood[], span far.span);
    CREATE TABLE nets (id int PRIMARY KEY, host inet, net cidr, mac macaddr, bits bit(3), loose varbit, at timetz,
      words tsvector, place pg_lsn, doc xml, spot point, kind "char", hosts inet[], worths money[], smalls small[], lot lot);
    CREATE TABLE hosts (host inet PRIMARY KEY, name text);
    CREATE TABLE lands (code char(4) PRIMARY KEY, name text);
    CREATE TABLE towns (id int PRIMARY KEY, land_code varchar(4) NOT NULL REFERENCES lands);
    CREATE TABLE people (login citext PRIMARY KEY, age int);
    CREATE TABLE notes (id int PRIMARY KEY, author citext NOT NULL REFERENCES people (login));
    INSERT INTO far.things VALUES (1, 'Calm', '{Calm,wild}', '[1,5)'), (2, 'wild', NULL, NULL);
    INSERT INTO nets VALUES
      (1, '10.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03', '101', '1', '10:00+00', 'a', '16/B374D848', '<a/>', '(1,2)', 'x',
       '{10.0.0.1,::1}', '{1.50,NULL}', '{1,99}', ROW(7, '::1', 2.5, 'n')),
      (2, '10.0.0.2', '11.0.0.0/8', '08:00:2b:01:02:04', '111', '11', '11:00+00', 'b', '17/0', '<b/>', '(3,4)', 'é',
       NULL, NULL, NULL, ROW(NULL, NULL, NULL, NULL)),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '{}', '{}', NULL);
    INSERT INTO hosts VALUES ('10.0.0.1', 'one'), ('::1', 'six');
    INSERT INTO lands VALUES ('ab', 'A'), ('abcd', 'B');
    INSERT INTO towns VALUES (1, 'ab'), (2, 'ab'), (3, 'abcd');
    INSERT INTO people VALUES ('Ada', 1), ('bob', 2), ('Cyd', 3);
    INSERT INTO notes VALUES (1, 'ada'), (2, 'ADA'), (3, 'Ada'), (4, 'bob');"#;

pub(super) const CONFIG: &str = r#"
    [apps.main]
    tables = ["*"]
    [tables."far.things"]
    actions = ["create", "update", "delete"]
    [tables.hosts]
    actions = ["create", "update", "delete"]
    [tables.lands]
    actions = ["create", "update", "delete"]
    [tables.people]
    actions = ["create", "update", "delete"]"#;

async fn ids(api: &Served, list: &str, filter: &str) -> Value {
    let answer = api.data(&format!("{{ it: {list}(filters: {filter}) {{ id }} }}")).await;
    answer["it"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["id"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn types_of_other_namespaces_are_compared_and_written() {
    let Some(api) = served(Engine::Postgres, "far_types", TABLES, CONFIG).await else {
        return;
    };
    assert_eq!(ids(&api, "things", "{mood: {eq: Calm}}").await, json!(["1"]));
    assert_eq!(ids(&api, "things", "{mood: {in: [wild]}}").await, json!(["2"]));
    assert_eq!(ids(&api, "things", "{moods: {contains: [wild]}}").await, json!(["1"]));
    assert_eq!(ids(&api, "things", "{span: {contains: \"3\"}}").await, json!(["1"]));
    for request in [
        "createThing(input: {id: 3, mood: wild, moods: [Calm], span: {lower: \"2\"}}) { success thing { mood moods } }",
        "updateThing(id: 1, input: {mood: wild}) { success thing { mood } }",
    ] {
        let answer = api.data(&format!("mutation {{ it: {request} }}")).await;
        assert_eq!(answer["it"]["success"], true, "{request}: {answer}");
        assert_eq!(answer["it"]["thing"]["mood"], "wild", "{request}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_as_answered_finds_its_row() {
    let Some(api) = served(Engine::Postgres, "found_types", TABLES, CONFIG).await else {
        return;
    };
    let row = api
        .data("{ net(id: 1) { host net mac bits loose at words place } }")
        .await["net"]
        .clone();
    for (field, value) in row.as_object().expect("a row") {
        for operator in ["eq", "gte", "lte"] {
            let filter = format!("{{and: [{{id: {{lt: 2}}}}, {{{field}: {{{operator}: {value}}}}}]}}");
            let filter = filter.replace("{id: {lt: 2}}", "{id: {in: [\"1\"]}}");
            assert_eq!(ids(&api, "nets", &filter).await, json!(["1"]), "{filter}");
        }
        assert_eq!(
            ids(&api, "nets", &format!("{{{field}: {{in: [{value}]}}}}")).await,
            json!(["1"]),
            "{field}"
        );
        assert_eq!(
            ids(&api, "nets", &format!("{{{field}: {{ne: {value}}}}}")).await,
            json!(["2"]),
            "{field}"
        );
    }
    // What cannot be compared is not offered.
    for field in ["doc", "spot"] {
        assert_eq!(
            ids(&api, "nets", &format!("{{{field}: {{isNull: true}}}}")).await,
            json!(["3"]),
            "{field}"
        );
        let refused = api
            .code(&format!("{{ nets(filters: {{{field}: {{eq: \"x\"}}}}) {{ id }} }}"))
            .await;
        assert_eq!(refused, "GRAPHQL_VALIDATION_FAILED", "{field}");
    }

    assert_eq!(
        api.data("{ host(host: \"10.0.0.1\") { name } }").await["host"]["name"],
        "one"
    );
    let made = "mutation { createHost(input: {host: \"10.0.0.9\", name: \"n\"}) { success host { host name } } }";
    assert_eq!(
        api.data(made).await["createHost"]["host"],
        json!({"host": "10.0.0.9/32", "name": "n"})
    );
    assert_eq!(
        api.code("{ hosts(filters: {host: {eq: \"nowhere\"}}) { name } }").await,
        "BAD_USER_INPUT"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_arrays_and_composites_are_read_in_their_own_forms() {
    let Some(api) = served(Engine::Postgres, "part_types", TABLES, CONFIG).await else {
        return;
    };
    let rows = api
        .data("{ nets(orderBy: [{id: ASC}]) { hosts worths smalls lot { size host worth name } } }")
        .await;
    assert_eq!(
        rows["nets"],
        json!([
            {"hosts": ["10.0.0.1/32", "::1/128"], "worths": ["1.50", null], "smalls": ["1", "99"],
             "lot": {"size": 7, "host": "::1/128", "worth": "2.50", "name": "n"}},
            {"hosts": null, "worths": null, "smalls": null,
             "lot": {"size": null, "host": null, "worth": null, "name": null}},
            {"hosts": [], "worths": [], "smalls": [], "lot": null},
        ])
    );
    assert_eq!(ids(&api, "nets", "{smalls: {contains: [\"99\"]}}").await, json!(["1"]));

    // A byte that is no character spoils its own field.
    let kinds = api.ask("{ nets(orderBy: [{id: ASC}]) { id kind } }").await;
    assert_eq!(
        kinds["data"]["nets"],
        json!([{"id": "1", "kind": "x"}, {"id": "2", "kind": null}, {"id": "3", "kind": null}])
    );
    assert_eq!(kinds["errors"][0]["extensions"]["code"], "UNREADABLE_VALUE", "{kinds}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_equal_as_their_type_says() {
    let Some(api) = served(Engine::Postgres, "equal_keys", TABLES, CONFIG).await else {
        return;
    };
    let lands = api
        .data("{ lands(orderBy: [{code: ASC}]) { code towns(orderBy: [{id: ASC}]) { id } townsAggregate { count } } }");
    let lands = lands.await["lands"].clone();
    assert_eq!(
        lands[0],
        json!({"code": "ab  ", "towns": [{"id": "1"}, {"id": "2"}], "townsAggregate": {"count": 2}})
    );
    assert_eq!(lands[1]["towns"], json!([{"id": "3"}]));
    for code in ["ab  ", "ab"] {
        let land = api.data(&format!("{{ land(code: \"{code}\") {{ name }} }}")).await;
        assert_eq!(land["land"]["name"], "A", "{code:?}");
        let changed =
            format!("mutation {{ it: updateLand(code: \"{code}\", input: {{name: \"A\"}}) {{ land {{ code }} }} }}");
        assert_eq!(api.data(&changed).await["it"]["land"]["code"], "ab  ", "{code:?}");
    }
    let made = "mutation { createLand(input: {code: \"zz\", name: \"Z\"}) { land { code name } } }";
    assert_eq!(
        api.data(made).await["createLand"]["land"],
        json!({"code": "zz  ", "name": "Z"})
    );

    let people =
        api.data("{ people { login notes(orderBy: [{id: ASC}]) { id author { login } } notesAggregate { count } } }");
    let people = people.await["people"].clone();
    assert_eq!(people[0]["notesAggregate"]["count"], 3, "{people}");
    assert_eq!(people[0]["notes"][1], json!({"id": "2", "author": {"login": "Ada"}}));
    let put = "mutation { upsertPerson(input: {login: \"ADA\", age: 9}, onConflict: {key: LOGIN}) { success person { login age } } }";
    let put = api.data(put).await;
    assert_eq!(
        put["upsertPerson"]["person"],
        json!({"login": "Ada", "age": 9}),
        "{put}"
    );

    // Pages follow the order of the type.
    let (mut after, mut seen) = (Value::Null, Vec::new());
    while seen.len() < 5 {
        let page = format!(
            "{{ it: peopleConnection(first: 1, after: {after}, orderBy: [{{login: ASC}}]) {{ nodes {{ login }} pageInfo {{ endCursor hasNextPage }} }} }}"
        );
        let page = api.data(&page).await["it"].clone();
        seen.push(page["nodes"][0]["login"].clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, ["Ada", "bob", "Cyd"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_inside_of_objects_and_lists_are_each_requests_own() {
    let tables = "CREATE TABLE spans (id int PRIMARY KEY, span numrange, meta jsonb);
        INSERT INTO spans VALUES (1, '[1,5)', '{\"a\": [{\"b\": 1}]}'), (2, '[2,5)', '{\"a\": [{\"b\": 2}]}')";
    let Some(api) = served(Engine::Postgres, "variables", tables, "").await else {
        return;
    };
    for (query, variables) in [
        (
            "query($v: Decimal) { spans(filters: {span: {eq: {lower: $v, upper: \"5\"}}}) { id } }",
            [json!({"v": "1"}), json!({"v": "2"})],
        ),
        (
            "query($v: JSON) { spans(filters: {meta: {contains: {a: [{b: $v}]}}}) { id } }",
            [json!({"v": 1}), json!({"v": 2})],
        ),
    ] {
        for (at, variables) in variables.into_iter().enumerate() {
            let answer = api.ask_with(query, variables, Viewer::known("1")).await;
            assert_eq!(
                answer["data"]["spans"],
                json!([{"id": (at + 1).to_string()}]),
                "{query}: {answer}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_padded_text_that_is_null_matches_nothing() {
    let tables = "CREATE TABLE codes (id int PRIMARY KEY, code char(4));
        INSERT INTO codes VALUES (1, 'ab'), (2, NULL), (3, '')";
    let Some(api) = served(Engine::Postgres, "padded", tables, "").await else {
        return;
    };
    for (filter, expected) in [
        ("{code: {startsWith: \"\"}}", json!(["1", "3"])),
        ("{code: {contains: \"  \"}}", json!(["1", "3"])),
        ("{not: {code: {contains: \"a\"}}}", json!(["2", "3"])),
        ("{code: {isNull: true}}", json!(["2"])),
    ] {
        assert_eq!(ids(&api, "codes", filter).await, expected, "{filter}");
    }
}

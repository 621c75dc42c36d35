//! Functions of the database as fields, and views that can be written.

use runtime::Viewer;
use serde_json::json;
use tests::Engine;

use super::served;

const TABLES: &str = "
    CREATE TABLE people (id INT PRIMARY KEY, name TEXT NOT NULL, born DATE NOT NULL, boss_id INT REFERENCES people);
    CREATE FUNCTION people_label(p people) RETURNS text STABLE LANGUAGE sql AS $$ SELECT p.name || ' #' || p.id $$;
    COMMENT ON FUNCTION people_label IS 'How a person is called.';
    CREATE FUNCTION search_people(term text, most int DEFAULT 10) RETURNS SETOF people STABLE LANGUAGE sql
      AS $$ SELECT * FROM people WHERE name ILIKE '%' || term || '%' ORDER BY id LIMIT most $$;
    CREATE FUNCTION oldest() RETURNS people STABLE LANGUAGE sql AS $$ SELECT * FROM people ORDER BY born LIMIT 1 $$;
    CREATE FUNCTION named(names text[]) RETURNS SETOF people STABLE LANGUAGE sql AS $$ SELECT * FROM people WHERE name = ANY (names) $$;
    CREATE FUNCTION rename(who int, called text) RETURNS people LANGUAGE sql
      AS $$ UPDATE people SET name = called WHERE id = who RETURNING * $$;
    CREATE FUNCTION rename_all(called text) RETURNS SETOF people LANGUAGE sql
      AS $$ UPDATE people SET name = called || id RETURNING * $$;
    CREATE FUNCTION refuse(who int) RETURNS people LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'nobody is called so'; END $$;
    CREATE FUNCTION add_one(n int) RETURNS int STABLE LANGUAGE sql AS $$ SELECT n + 1 $$;
    INSERT INTO people VALUES (1, 'Ada', '1815-12-10', NULL), (2, 'Bob', '1990-01-01', 1), (3, 'Adam', '1980-01-01', 1);";

const CONFIG: &str =
    "functions = [\"*\"]\n[[tables.people.policies]]\nroles = [\"anyone\"]\nactions = [\"read\"]\nrows = \"id < 3\"";

#[tokio::test(flavor = "multi_thread")]
async fn functions_of_rows_are_fields_and_those_that_return_rows_are_lists() {
    let Some(api) = served(Engine::Postgres, "functions", TABLES, "functions = [\"*\"]").await else {
        return;
    };

    let answer = api
        .data(
            "{ people(filters: {label: {startsWith: \"Ada\"}}, orderBy: [{label: DESC}]) { label boss { label } }
               searchPeople(term: \"a\", filters: {born: {lt: \"1985-01-01\"}}, orderBy: [{born: DESC}], limit: 1) { name }
               one: searchPeople(term: \"A\", most: 1) { name peopleByBoss: people(orderBy: [{id: ASC}]) { name } }
               oldest { id label } named(names: [\"Bob\", \"Eve\"]) { id } }",
        )
        .await;
    assert_eq!(
        answer,
        json!({
            "people": [{"label": "Adam #3", "boss": {"label": "Ada #1"}}, {"label": "Ada #1", "boss": null}],
            "searchPeople": [{"name": "Adam"}],
            "one": [{"name": "Ada", "peopleByBoss": [{"name": "Bob"}, {"name": "Adam"}]}],
            "oldest": {"id": "1", "label": "Ada #1"},
            "named": [{"id": "2"}],
        })
    );
    let groups = api.data("{ peopleGroups(by: [label]) { key { label } count } }").await;
    assert_eq!(groups["peopleGroups"].as_array().map(Vec::len), Some(3), "{groups}");

    let described = "{ __type(name: \"Person\") { fields { name description } } }";
    let fields = api.data(described).await["__type"]["fields"].to_string();
    assert!(
        fields.contains(r#"{"name":"label","description":"How a person is called."}"#),
        "{fields}"
    );

    // Neither a row nor rows: nothing to select from.
    let code = api.code("{ addOne(n: 1) }").await;
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_that_write_are_mutations_and_policies_hold_for_what_comes_back() {
    let Some(api) = served(Engine::Postgres, "calls", TABLES, CONFIG).await else {
        return;
    };

    let found = api.data("{ searchPeople(term: \"a\") { id } oldest { id } }").await;
    assert_eq!(found, json!({"searchPeople": [{"id": "1"}], "oldest": {"id": "1"}}));

    let call =
        |arguments: &str| format!("mutation {{ it: rename({arguments}) {{ success person {{ id name label }} }} }}");
    let named = api.data(&call("who: 2, called: \"Bea\"")).await;
    assert_eq!(
        named["it"],
        json!({"success": true, "person": {"id": "2", "name": "Bea", "label": "Bea #2"}})
    );
    // Written, and nothing for this viewer to see.
    let hidden = api.data(&call("who: 3, called: \"Eve\"")).await;
    assert_eq!(hidden["it"], json!({"success": true, "person": null}));
    let missing = api.data(&call("who: 9, called: \"Eve\"")).await;
    assert_eq!(missing["it"], json!({"success": true, "person": null}));

    let all = "mutation { it: renameAll(called: \"P\") { affectedCount people { name } } }";
    let counted = api.data(all).await;
    assert_eq!(
        counted["it"],
        json!({"affectedCount": 2, "people": [{"name": "P1"}, {"name": "P2"}]})
    );

    // Functions that write are for viewers who are known.
    let anonymous = api
        .ask_with(&call("who: 2, called: \"Eve\""), json!({}), Viewer::default())
        .await;
    assert_eq!(
        crate::field::served::code(&anonymous),
        "AUTHENTICATION_REQUIRED",
        "{anonymous}"
    );
    assert_eq!(api.data("{ person(id: 2) { name } }").await["person"]["name"], "P2");

    // What fails undoes the operation.
    let both = "mutation { a: rename(who: 1, called: \"X\") { success } b: refuse(who: 1) { success } }";
    let answer = api.ask(both).await;
    assert_eq!(answer["data"]["a"]["success"], false, "{answer}");
    assert_eq!(api.data("{ person(id: 1) { name } }").await["person"]["name"], "P1");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_the_database_lets_be_written_take_mutations() {
    let config = "[tables.old_people]\nkey = [\"id\"]\nactions = [\"create\", \"update\", \"delete\"]";
    let tables = "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, age INT NOT NULL);
        CREATE VIEW old_people AS SELECT id, name, age FROM people WHERE age > 60;
        INSERT INTO people VALUES (1, 'Ada', 70), (2, 'Bob', 20);";
    let triggers = "
        CREATE TRIGGER a INSTEAD OF INSERT ON old_people BEGIN INSERT INTO people VALUES (NEW.id, NEW.name, NEW.age); END;
        CREATE TRIGGER b INSTEAD OF UPDATE ON old_people BEGIN UPDATE people SET name = NEW.name, age = NEW.age WHERE id = OLD.id; END;
        CREATE TRIGGER c INSTEAD OF DELETE ON old_people BEGIN DELETE FROM people WHERE id = OLD.id; END;";
    for engine in [Engine::Postgres, Engine::Mariadb, Engine::Sqlite] {
        let more = if engine == Engine::Sqlite { triggers } else { "" };
        let Some(api) = served(engine, "written_views", &format!("{tables}{more}"), config).await else {
            continue;
        };
        for (request, expected) in [
            (
                "updateOldPerson(id: 1, input: {name: \"Eve\"}) { success oldPerson { name } }",
                json!({"success": true, "oldPerson": {"name": "Eve"}}),
            ),
            (
                "updateOldPerson(id: 2, input: {name: \"Eve\"}) { success }",
                json!({"success": false}),
            ),
            (
                "createOldPerson(input: {id: 3, name: \"Cyd\", age: 90}) { success oldPerson { age } }",
                json!({"success": true, "oldPerson": {"age": 90}}),
            ),
            ("deleteOldPerson(id: 3) { success }", json!({"success": true})),
        ] {
            let answer = api.ask(&format!("mutation {{ it: {request} }}")).await;
            assert_eq!(answer["data"]["it"], expected, "{engine} {request}: {answer}");
        }
        let rest = api.data("{ people(orderBy: [{id: ASC}]) { name } }").await;
        assert_eq!(rest["people"], json!([{"name": "Eve"}, {"name": "Bob"}]), "{engine}");
    }
}

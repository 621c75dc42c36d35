//! What triggers, domains and keys over expressions refuse, told to the client.

use serde_json::json;
use tests::Engine;

use super::served;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trigger_refuses_is_no_internal_error() {
    let tables = "CREATE TABLE items (id INT PRIMARY KEY, n INT);";
    let postgres = "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN IF NEW.n < 0 THEN RAISE EXCEPTION 'n is too low'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER no BEFORE INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION no();";
    let mariadb = "CREATE TRIGGER no BEFORE INSERT ON items FOR EACH ROW
        IF NEW.n < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'n is too low'; END IF;";
    let sqlite =
        "CREATE TRIGGER no BEFORE INSERT ON items WHEN NEW.n < 0 BEGIN SELECT RAISE(ABORT, 'n is too low'); END;";
    let config = "[tables.items]\nactions = [\"create\"]\n";
    let told = "[schemas.main]\napps = [\"main\"]\nsettings.show_raised_messages = true\n";

    for (engine, trigger) in [
        (Engine::Postgres, postgres),
        (Engine::Mariadb, mariadb),
        (Engine::Sqlite, sqlite),
    ] {
        for (config, message) in [
            (
                config.to_owned(),
                "a trigger or function of the database rejected this `Item`",
            ),
            (format!("{told}{config}"), "n is too low"),
        ] {
            let name = if message.starts_with('n') { "told" } else { "untold" };
            let Some(api) = served(engine, name, &format!("{tables}{trigger}"), &config).await else {
                continue;
            };
            let request =
                "mutation { it: createItem(input: {id: 1, n: -1}) { success errors { code message field } } }";
            let answer = api.data(request).await;
            assert_eq!(
                answer["it"],
                json!({"success": false, "errors": [{"code": "REJECTED", "message": message, "field": "input"}]}),
                "{engine}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_of_domains_and_keys_over_expressions_name_their_columns() {
    let tables = "CREATE DOMAIN rate AS int CHECK (VALUE BETWEEN 1 AND 5);
        CREATE TABLE items (id INT PRIMARY KEY, stars rate, email TEXT);
        CREATE UNIQUE INDEX ON items (lower(email)); INSERT INTO items VALUES (1, 1, 'Ada')";
    let config = "[tables.items]\nactions = [\"create\"]";
    let Some(api) = served(Engine::Postgres, "named_checks", tables, config).await else {
        return;
    };
    for (input, code, field) in [
        ("stars: 9", "CHECK", "input.stars"),
        ("email: \"ADA\"", "UNIQUE", "input.email"),
    ] {
        let request = format!("mutation {{ it: createItem(input: {{id: 2, {input}}}) {{ errors {{ code field }} }} }}");
        assert_eq!(
            api.data(&request).await["it"]["errors"],
            json!([{"code": code, "field": field}]),
            "{input}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_computed_columns_takes_no_values() {
    let tables = "CREATE TABLE marks (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
        INSERT INTO marks DEFAULT VALUES";
    let config = "[tables.marks]\nactions = [\"create\", \"update\", \"delete\"]";
    let Some(api) = served(Engine::Postgres, "computed_only", tables, config).await else {
        return;
    };

    assert_eq!(
        api.code("mutation { createMark(input: {}) { success } }").await,
        "GRAPHQL_VALIDATION_FAILED"
    );
    let answer = api.data("mutation { it: deleteMark(id: 1) { success } }").await;
    assert_eq!(answer["it"]["success"], true);
}

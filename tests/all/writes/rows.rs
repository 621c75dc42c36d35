//! Single rows: made, changed, put in place, removed; and what is refused.

use std::sync::Arc;

use runtime::Database;
use runtime::Viewer;
use serde_json::{Value, json};
use tests::{Engine, empty_database, execute, live_registry_over_with};

use super::{Bench, benches};

#[tokio::test]
async fn a_row_is_made_changed_and_removed() {
    for bench in benches("writes_rows").await {
        let made = bench
            .data(
                "mutation { createAuthor(input: {name: \"Ada\", born: \"1815-12-10\"}) {
                   success author { id name born } errors { field message code } } }",
            )
            .await;
        let author = json!({"id": "1", "name": "Ada", "born": "1815-12-10"});
        assert_eq!(
            made["createAuthor"],
            json!({"success": true, "author": author, "errors": []}),
            "{}",
            bench.engine
        );
        // What is left out gets its default, and comes back as the database has it.
        let book = bench
            .data(
                "mutation { createBook(input: {title: \"Notes\", authorId: 1}) {
                   book { id title price stock pages createdAt author { name } } } }",
            )
            .await;
        let book = &book["createBook"]["book"];
        assert_eq!(
            (&book["price"], &book["stock"], &book["pages"]),
            (&json!("5.00"), &json!(0), &Value::Null)
        );
        assert!(
            book["createdAt"].is_string() && book["author"]["name"] == "Ada",
            "{book}"
        );
        // Absent is unchanged, null is null.
        let changed = bench
            .data("mutation { updateAuthor(id: 1, input: {name: \"Ada L.\"}) { author { name born } } }")
            .await;
        assert_eq!(
            changed["updateAuthor"]["author"],
            json!({"name": "Ada L.", "born": "1815-12-10"})
        );
        let changed = bench
            .data("mutation { updateAuthor(id: 1, input: {born: null}) { author { name born } } }")
            .await;
        assert_eq!(
            changed["updateAuthor"]["author"],
            json!({"name": "Ada L.", "born": null})
        );
        let nothing = bench
            .data("mutation { updateAuthor(id: 1, input: {}) { success author { name } } }")
            .await;
        assert_eq!(
            nothing["updateAuthor"],
            json!({"success": true, "author": {"name": "Ada L."}})
        );
        // The row as it was, its related rows too.
        let removed = bench
            .data("mutation { deleteBook(id: 1) { success book { title author { name } } } }")
            .await;
        let book = json!({"title": "Notes", "author": {"name": "Ada L."}});
        assert_eq!(removed["deleteBook"], json!({"success": true, "book": book}));
        assert_eq!(bench.data("{ books { id } }").await, json!({"books": []}));
    }
}

#[tokio::test]
async fn a_row_is_put_in_place_by_any_of_its_keys() {
    for bench in benches("writes_upsert").await {
        let put = "mutation($born: Date) {
            upsertAuthor(input: {name: \"Ada\", born: $born}, onConflict: {key: NAME}) { author { id born } } }";
        for born in ["1815-12-10", "1816-01-01"] {
            let answer = bench.ask_as(Viewer::known("1"), put, json!({ "born": born })).await;
            let author = &answer["data"]["upsertAuthor"]["author"];
            assert_eq!(author, &json!({"id": "1", "born": born}), "{}: {answer}", bench.engine);
        }
        // Only what `update` names is changed.
        let kept = bench
            .data(
                "mutation { upsertAuthor(input: {name: \"Ada\", born: null}, onConflict: {key: NAME, update: []}) {
                   success author { born } } }",
            )
            .await;
        assert_eq!(
            kept["upsertAuthor"],
            json!({"success": true, "author": {"born": "1816-01-01"}})
        );
        let composite = "mutation { upsertBook(input: {title: \"Notes\", authorId: 1, pages: 5},
            onConflict: {key: AUTHOR_ID_TITLE}) { book { id pages } } }";
        let first = bench.data(composite).await;
        assert_eq!(
            bench.data(&composite.replace("pages: 5", "pages: 6")).await["upsertBook"]["book"]["pages"],
            6
        );
        assert_eq!(first["upsertBook"]["book"]["id"], "1");
        let missing = bench
            .data(
                "mutation { upsertBook(input: {title: \"x\", authorId: 1}, onConflict: {key: ID}) {
                     success errors { field code } } }",
            )
            .await;
        let errors = json!([{"field": "input.id", "code": "REQUIRED"}]);
        assert_eq!(
            missing["upsertBook"],
            json!({"success": false, "errors": errors}),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn what_a_client_can_mend_is_said_with_its_field_and_nothing_is_written() {
    for bench in benches("writes_refused").await {
        bench
            .data("mutation { createAuthors(inputs: [{name: \"Ada\"}, {name: \"Bob\"}]) { success } }")
            .await;
        bench
            .data("mutation { createBook(input: {title: \"Notes\", authorId: 1}) { success } }")
            .await;
        let long = "x".repeat(41);
        let long = format!("createAuthor(input: {{name: \"{long}\"}})");
        for (call, field, code) in [
            ("createAuthor(input: {name: \"Ada\"})", "input.name", "UNIQUE"),
            (long.as_str(), "input.name", "TOO_LONG"),
            ("createBook(input: {title: \"x\"})", "input.authorId", "REQUIRED"),
            (
                "createBook(input: {title: \"x\", authorId: 77})",
                "input.authorId",
                "FOREIGN_KEY",
            ),
            (
                "createBook(input: {title: \"Notes\", authorId: 1})",
                "input.authorId",
                "UNIQUE",
            ),
            (
                "createBook(input: {title: \"x\", authorId: 1, stock: -1})",
                "input.stock",
                "CHECK",
            ),
            (
                "createBook(input: {title: \"x\", authorId: 1, price: \"a lot\"})",
                "input.price",
                "INVALID",
            ),
            (
                "createBook(input: {title: \"x\", authorId: \"one\"})",
                "input.authorId",
                "INVALID",
            ),
            (
                "createBook(input: {title: \"x\", author: {connect: {name: \"Eve\"}}})",
                "input.author.connect",
                "NOT_FOUND",
            ),
            (
                "createBook(input: {title: \"x\", author: {}})",
                "input.author",
                "INVALID",
            ),
            ("updateAuthor(id: 2, input: {name: \"Ada\"})", "input.name", "UNIQUE"),
            ("updateAuthor(id: 2, input: {name: null})", "input.name", "REQUIRED"),
            ("updateAuthor(id: 9, input: {name: \"Eve\"})", "id", "NOT_FOUND"),
            ("deleteBook(id: 9)", "id", "NOT_FOUND"),
            ("updateBooks(filters: {}, input: {pages: 1})", "confirmAll", "REQUIRED"),
            ("deleteBooks(filters: {})", "confirmAll", "REQUIRED"),
            (
                "deleteBooks(filters: {and: [{}], not: {or: []}})",
                "confirmAll",
                "REQUIRED",
            ),
            (
                "deleteBooks(filters: {title: {}, or: [{}, {id: {eq: 7}}]})",
                "confirmAll",
                "REQUIRED",
            ),
        ] {
            let answer = bench
                .ask(&format!(
                    "mutation {{ it: {call} {{ success errors {{ field code message }} }} }}"
                ))
                .await;
            let it = &answer["data"]["it"];
            assert_eq!(it["success"], false, "{} {call}: {answer}", bench.engine);
            let error = &it["errors"][0];
            assert_eq!(
                (&error["field"], &error["code"]),
                (&json!(field), &json!(code)),
                "{} {call}: {it}",
                bench.engine
            );
            let message = error["message"].as_str().expect("a message").to_lowercase();
            for word in ["constraint", "duplicate", "violates", "sql", "failed", "books_", "_key"] {
                assert!(!message.contains(word), "{}: {message}", bench.engine);
            }
        }
        // On SQLite a key that rows still refer to says no column.
        let kept = bench
            .data("mutation { deleteAuthor(id: 1) { success author { id } errors { field code } } }")
            .await;
        let errors = json!([{"field": null, "code": "FOREIGN_KEY"}]);
        assert_eq!(
            kept["deleteAuthor"],
            json!({"success": false, "author": null, "errors": errors}),
            "{}",
            bench.engine
        );
        let counts = bench
            .data("{ authorsAggregate { count } booksAggregate { count } }")
            .await;
        assert_eq!(
            counts,
            json!({"authorsAggregate": {"count": 2}, "booksAggregate": {"count": 1}}),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn all_fields_of_an_operation_are_kept_or_none() {
    for bench in benches("writes_operation").await {
        let operation = |last: &str| {
            format!(
                "mutation {{
                   a: createAuthor(input: {{name: \"Ada\"}}) {{ success author {{ name }} errors {{ code }} }}
                   b: updateAuthors(filters: {{name: {{eq: \"Ada\"}}}}, input: {{born: \"1815-12-10\"}}) {{
                     affectedCount authors {{ name born }} errors {{ code }} }}
                   c: createAuthor(input: {{name: \"{last}\"}}) {{ success errors {{ code field }} }}
                   d: createAuthor(input: {{name: \"Dan\"}}) {{ success errors {{ code }} }} }}"
            )
        };
        let failed = bench.data(&operation("Ada")).await;
        let undone = json!([{"code": "ROLLED_BACK"}]);
        let expected = json!({
            "a": {"success": false, "author": null, "errors": undone},
            "b": {"affectedCount": 0, "authors": [], "errors": undone},
            "c": {"success": false, "errors": [{"code": "UNIQUE", "field": "input.name"}]},
            "d": {"success": false, "errors": undone},
        });
        assert_eq!(failed, expected, "{}", bench.engine);
        assert_eq!(bench.data("{ authors { id } }").await, json!({"authors": []}));
        let kept = bench.data(&operation("Bob")).await;
        // Each field sees what those before it wrote, and nothing of those behind it.
        assert_eq!(
            kept["b"]["authors"],
            json!([{"name": "Ada", "born": "1815-12-10"}]),
            "{}",
            bench.engine
        );
        let names = bench.data("{ authors(orderBy: [{name: ASC}]) { name } }").await;
        assert_eq!(
            names,
            json!({"authors": [{"name": "Ada"}, {"name": "Bob"}, {"name": "Dan"}]})
        );
    }
}

#[tokio::test]
async fn the_anonymous_write_nothing() {
    for bench in benches("writes_anonymous").await {
        let query = "mutation { createAuthor(input: {name: \"Ada\"}) { success } }";
        let answer = bench.ask_as(Viewer::anonymous(), query, Value::Null).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "AUTHENTICATION_REQUIRED",
            "{answer}"
        );
        assert_eq!(bench.data("{ authors { id } }").await, json!({"authors": []}));
    }
}

#[tokio::test]
async fn constraints_that_are_checked_at_the_end_undo_everything() {
    // MariaDB has none.
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(url) = empty_database(engine, "writes_deferred").await else {
            continue;
        };
        execute(
            &url,
            "CREATE TABLE nodes (id BIGINT PRIMARY KEY, next_id BIGINT,
               CONSTRAINT chain FOREIGN KEY (next_id) REFERENCES nodes (id) DEFERRABLE INITIALLY DEFERRED)",
        )
        .await;
        let database = Database::connect(&url, 2).await.expect("the database");
        let config = "[tables.nodes]\nactions = [\"create\"]";
        let registry = Arc::new(live_registry_over_with(&url, database, config).await);
        let bench = Bench { engine, url, registry };
        // Each refers to the other, and so neither could be first otherwise.
        let ring = "mutation { createNodes(inputs: [{id: 1, nextId: 2}, {id: 2, nextId: 1}]) { success } }";
        assert_eq!(bench.data(ring).await["createNodes"]["success"], true, "{engine}");
        let lost = bench
            .ask("mutation { createNode(input: {id: 3, nextId: 77}) { success } }")
            .await;
        assert_eq!(
            lost["errors"][0]["extensions"]["code"], "CONSTRAINT",
            "{engine}: {lost}"
        );
        assert!(
            lost["data"].is_null() && !lost.to_string().contains("chain"),
            "{engine}: {lost}"
        );
        assert_eq!(
            bench.data("{ nodesAggregate { count } }").await["nodesAggregate"]["count"],
            2,
            "{engine}"
        );
        let more = "mutation { createNode(input: {id: 3, nextId: 1}) { success } }";
        assert_eq!(
            bench.data(more).await["createNode"]["success"],
            true,
            "{engine}: the connection is good"
        );
    }
}

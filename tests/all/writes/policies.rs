//! What rules allow to be written, and that refusals tell nothing of what is hidden.

use runtime::Viewer;
use serde_json::{Value, json};
use tests::execute;

use super::{Bench, benches_with, benches_with_tables};

const CONFIG: &str = r#"
[tables.authors]
actions = ["create", "update"]
[[tables.authors.policies]]
roles = ["staff"]
actions = ["read", "create", "update"]
[[tables.authors.policies]]
roles = ["authenticated"]
actions = ["read"]
rows = "id = $viewer.id"

[tables.books]
actions = ["create", "update", "delete"]
[[tables.books.policies]]
roles = ["staff"]
actions = ["read", "create", "update", "delete"]
[[tables.books.policies]]
roles = ["writer"]
actions = ["create"]
preset = { author_id = "$viewer.id", stock = 3 }
hidden = ["price"]
[[tables.books.policies]]
roles = ["authenticated"]
actions = ["create"]
rows = "author_id = $viewer.id AND pages < 100"
[[tables.books.policies]]
roles = ["authenticated"]
actions = ["update", "delete"]
rows = "author_id = $viewer.id"
hidden = ["stock"]
[[tables.books.policies]]
roles = ["anyone"]
actions = ["read"]
rows = "stock > 0 OR author_id = $viewer.id"

[tables.chapters]
actions = ["create"]
[[tables.chapters.policies]]
roles = ["authenticated"]
actions = ["create"]
rows = "book.author_id = $viewer.id"
"#;

async fn made(name: &str) -> Vec<Bench> {
    let benches = benches_with(name, CONFIG).await;
    for bench in &benches {
        execute(
            &bench.url,
            "INSERT INTO authors (id, name) VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cy');
             INSERT INTO books (id, author_id, title, stock) VALUES (1, 1, 'A', 0), (2, 2, 'B', 0), (3, 2, 'C', 5)",
        )
        .await;
        if bench.engine == tests::Engine::Postgres {
            execute(
                &bench.url,
                "ALTER SEQUENCE books_id_seq RESTART 10; ALTER SEQUENCE authors_id_seq RESTART 10",
            )
            .await;
        }
    }
    benches
}

fn writer() -> Viewer {
    Viewer {
        roles: vec!["writer".into()],
        ..Viewer::known("1")
    }
}

/// `success`, and the field and code of the first error.
async fn outcome(bench: &Bench, viewer: Viewer, call: &str) -> Value {
    let query = format!("mutation {{ it: {call} {{ success errors {{ field code message }} }} }}");
    let answer = bench.ask_as(viewer, &query, Value::Null).await;
    let it = &answer["data"]["it"];
    match it["errors"].get(0) {
        Some(error) => json!([error["field"], error["code"]]),
        None if it["success"] == true => json!(true),
        None => answer["errors"][0]["extensions"]["code"].clone(),
    }
}

#[tokio::test]
async fn rows_are_written_as_far_as_rules_allow() {
    for bench in made("rules_rows").await {
        let ada = || Viewer::known("1");
        for (viewer, call, expected) in [
            // A preset gives the value, whatever the input says.
            (writer(), "createBook(input: {title: \"P\", authorId: 2})", json!(true)),
            (
                writer(),
                "createBook(input: {title: \"Q\", price: \"1\"})",
                json!(["input.price", "FORBIDDEN"]),
            ),
            // The new row must be one that the rule names.
            (
                ada(),
                "createBook(input: {title: \"R\", authorId: 1, pages: 10})",
                json!(true),
            ),
            (
                ada(),
                "createBook(input: {title: \"S\", authorId: 1, pages: 100})",
                json!(["input", "FORBIDDEN"]),
            ),
            (
                ada(),
                "createBook(input: {title: \"S\", authorId: 1})",
                json!(["input", "FORBIDDEN"]),
            ),
            // Another's row that is seen may still not be changed, and is not found by a change.
            (
                ada(),
                "updateBook(id: 3, input: {title: \"X\"})",
                json!(["id", "NOT_FOUND"]),
            ),
            (ada(), "deleteBook(id: 2)", json!(["id", "NOT_FOUND"])),
            (ada(), "updateBook(id: 1, input: {title: \"A2\"})", json!(true)),
            (
                ada(),
                "updateBook(id: 1, input: {stock: 4})",
                json!(["input.stock", "FORBIDDEN"]),
            ),
            // Nobody gives a row away that would not be theirs afterwards.
            (ada(), "updateBook(id: 1, input: {authorId: 1})", json!(true)),
            // A key that leads to a row which is not seen leads to none, as if there were no such row.
            (
                ada(),
                "updateBook(id: 1, input: {authorId: 2})",
                json!(["input.authorId", "FOREIGN_KEY"]),
            ),
            (
                ada(),
                "updateBook(id: 1, input: {authorId: 77})",
                json!(["input.authorId", "FOREIGN_KEY"]),
            ),
            (
                ada(),
                "updateBook(id: 1, input: {author: {connect: {id: 2}}})",
                json!(["input.author.connect", "NOT_FOUND"]),
            ),
            (
                ada(),
                "updateBook(id: 1, input: {author: {connect: {id: 77}}})",
                json!(["input.author.connect", "NOT_FOUND"]),
            ),
            (
                Viewer {
                    is_staff: true,
                    ..ada()
                },
                "updateBook(id: 1, input: {authorId: 2})",
                json!(true),
            ),
            (
                Viewer {
                    is_staff: true,
                    ..ada()
                },
                "updateBook(id: 1, input: {authorId: 1})",
                json!(true),
            ),
            // Tables that are closed to a viewer.
            (ada(), "createAuthor(input: {name: \"Dan\"})", json!("FORBIDDEN")),
            (
                ada(),
                "createBook(input: {title: \"T\", pages: 1, author: {create: {name: \"Dan\"}}})",
                json!("FORBIDDEN"),
            ),
            (
                Viewer::anonymous(),
                "createBook(input: {title: \"T\"})",
                json!("AUTHENTICATION_REQUIRED"),
            ),
            // Rules along relations.
            (
                ada(),
                "createChapter(input: {bookId: 1, number: 1, title: \"c\"})",
                json!(true),
            ),
            (
                ada(),
                "createChapter(input: {bookId: 3, number: 1, title: \"c\"})",
                json!(["input", "FORBIDDEN"]),
            ),
            (
                ada(),
                "createChapter(input: {bookId: 2, number: 1, title: \"c\"})",
                json!(["input.bookId", "FOREIGN_KEY"]),
            ),
            (
                ada(),
                "updateBook(id: 1, input: {chapters: [{create: {number: 2, title: \"d\"}}]})",
                json!(true),
            ),
        ] {
            assert_eq!(outcome(&bench, viewer, call).await, expected, "{} {call}", bench.engine);
        }
        let staff = Viewer {
            is_staff: true,
            ..Viewer::known("9")
        };
        let query = "{ books(orderBy: [{title: ASC}]) { title authorId stock } chaptersAggregate { count } }";
        let all = bench.ask_as(staff, query, Value::Null).await;
        let book = |title: &str, author: &str, stock: i32| json!({"title": title, "authorId": author, "stock": stock});
        let books = json!([
            book("A2", "1", 0),
            book("B", "2", 0),
            book("C", "2", 5),
            book("P", "1", 3),
            book("R", "1", 0)
        ]);
        assert_eq!(
            all["data"],
            json!({"books": books, "chaptersAggregate": {"count": 2}}),
            "{}: {all}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn a_row_that_is_not_seen_is_in_the_way_of_a_key_and_is_not_touched() {
    for bench in made("rules_upsert").await {
        // Bob's book `B` is not seen by Ada; staff gave it to an author whom she may name.
        execute(&bench.url, "UPDATE books SET author_id = 1, pages = 7 WHERE id = 1").await;
        let put = "upsertBook(input: {id: 2, title: \"Mine\", authorId: 1, pages: 5}, onConflict: {key: ID})";
        assert_eq!(
            outcome(&bench, Viewer::known("1"), put).await,
            json!(["input.id", "UNIQUE"]),
            "{}",
            bench.engine
        );
        let own = "upsertBook(input: {id: 1, title: \"Mine\", authorId: 1, pages: 5}, onConflict: {key: ID})";
        assert_eq!(
            outcome(&bench, Viewer::known("1"), own).await,
            json!(true),
            "{}",
            bench.engine
        );
        let many = "mutation { deleteBooks(filters: {}, confirmAll: true) { affectedCount books { title } } }";
        let gone = bench.ask_as(Viewer::known("1"), many, Value::Null).await;
        let expected = json!({"affectedCount": 1, "books": [{"title": "Mine"}]});
        assert_eq!(gone["data"]["deleteBooks"], expected, "{}: {gone}", bench.engine);
    }
}

#[tokio::test]
async fn what_was_written_comes_back_as_far_as_it_is_seen() {
    for bench in made("rules_back").await {
        // Bob gives his only piece away: afterwards the book is not for sale, and others do not see it.
        let config = "mutation { createBook(input: {title: \"N\", authorId: 1, pages: 1}) {
            success book { title author { name } } } }";
        let answer = bench.ask_as(Viewer::known("1"), config, Value::Null).await;
        let book = json!({"title": "N", "author": {"name": "Ada"}});
        assert_eq!(
            answer["data"]["createBook"],
            json!({"success": true, "book": book}),
            "{}: {answer}",
            bench.engine
        );
        // Others' authors are hidden behind a book that is seen.
        let seen = bench
            .ask_as(
                Viewer::known("1"),
                "{ book(id: 3) { title author { name } } }",
                Value::Null,
            )
            .await;
        assert_eq!(
            seen["data"]["book"],
            json!({"title": "C", "author": null}),
            "{}: {seen}",
            bench.engine
        );
    }
}

/// Authors can be changed, books only read, chapters changed by their own rule.
const NARROW: &str = r#"
[tables.authors]
actions = ["update"]
[tables.books]
actions = ["update"]
[tables.chapters]
actions = ["update"]
[[tables.chapters.policies]]
roles = ["staff"]
actions = ["update"]
preset = { title = "moved" }
[[tables.chapters.policies]]
roles = ["authenticated"]
actions = ["update"]
hidden = ["book_id"]
"#;

#[tokio::test]
async fn what_is_switched_off_is_off_in_nested_inputs_too() {
    for bench in benches_with("rules_nested_off", NARROW).await {
        execute(&bench.url, "INSERT INTO authors (id, name) VALUES (1, 'Ada'); INSERT INTO books (id, author_id, title) VALUES (1, 1, 'A')").await;
        let ada = || Viewer::known("1");
        // The variable's type is checked when the operation is new; what comes later is checked as well.
        let query = "mutation($input: AuthorUpdateInput!) { it: updateAuthor(id: 1, input: $input) { success errors { field code } } }";
        let first = bench.ask_as(ada(), query, json!({"input": {"name": "Ada L."}})).await;
        assert_eq!(first["data"]["it"]["success"], true, "{}: {first}", bench.engine);
        for (input, code) in [
            (json!({"books": [{"create": {"title": "B"}}]}), "FORBIDDEN"),
            (json!({"books": [{"connect": {"typo": 1}}]}), "INVALID"),
            (json!({"books": [{"set": [{"typo": 1}]}]}), "INVALID"),
            (json!({"profile": [{"create": {"motto": "x"}}]}), "FORBIDDEN"),
            (json!({"nothing": 1}), "INVALID"),
            (json!(7), "INVALID"),
        ] {
            let answer = bench.ask_as(ada(), query, json!({ "input": input })).await;
            let found = answer["data"]["it"]["errors"][0]["code"]
                .as_str()
                .or(answer["errors"][0]["extensions"]["code"].as_str());
            assert_eq!(found, Some(code), "{} {input}: {answer}", bench.engine);
        }
        let unset = "mutation($name: String) { it: updateAuthor(id: 1, input: {name: $name, books: [{create: {title: \"B\"}}]}) { success } }";
        let answer = bench.ask_as(ada(), unset, json!({})).await;
        assert!(
            answer["errors"][0]["extensions"]["code"].is_string(),
            "{}: {answer}",
            bench.engine
        );
        let count = bench
            .data("{ booksAggregate { count } profilesAggregate { count } }")
            .await;
        assert_eq!(
            count,
            json!({"booksAggregate": {"count": 1}, "profilesAggregate": {"count": 0}}),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn a_rule_for_changes_holds_for_rows_that_are_connected() {
    for bench in benches_with("rules_connect", NARROW).await {
        execute(
            &bench.url,
            "INSERT INTO authors (id, name) VALUES (1, 'Ada');
             INSERT INTO books (id, author_id, title) VALUES (1, 1, 'A'), (2, 1, 'B');
             INSERT INTO chapters (id, book_id, number, title) VALUES (1, 1, 1, 'x')",
        )
        .await;
        let connect = "updateBook(id: 2, input: {chapters: [{connect: {id: 1}}]})";
        let refused = json!(["input.chapters.0.connect", "FORBIDDEN"]);
        assert_eq!(
            outcome(&bench, Viewer::known("1"), connect).await,
            refused,
            "{}",
            bench.engine
        );
        let let_go = "updateBook(id: 1, input: {chapters: [{disconnect: {id: 1}}]})";
        let refused = json!(["input.chapters.0.disconnect", "FORBIDDEN"]);
        assert_eq!(
            outcome(&bench, Viewer::known("1"), let_go).await,
            refused,
            "{}",
            bench.engine
        );
        let staff = Viewer {
            is_staff: true,
            ..Viewer::known("9")
        };
        assert_eq!(outcome(&bench, staff, connect).await, json!(true), "{}", bench.engine);
        let moved = bench.data("{ chapters { bookId title } }").await;
        assert_eq!(
            moved["chapters"],
            json!([{"bookId": "2", "title": "moved"}]),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn an_upsert_follows_the_rule_for_changes_where_the_row_is_there() {
    for bench in made("rules_upsert_there").await {
        execute(&bench.url, "UPDATE books SET stock = 9 WHERE id = 1").await;
        // The preset of new rows, `stock = 3`, is not for this one; nor may the rule for changes touch it.
        let put = "upsertBook(input: {id: 1, title: \"A3\"}, onConflict: {key: ID})";
        assert_eq!(outcome(&bench, writer(), put).await, json!(true), "{}", bench.engine);
        let stock = "upsertBook(input: {id: 1, title: \"A3\", stock: 1}, onConflict: {key: ID})";
        assert_eq!(outcome(&bench, writer(), stock).await, json!(true), "{}", bench.engine);
        let book = bench
            .ask_as(Viewer::known("1"), "{ book(id: 1) { title stock } }", Value::Null)
            .await;
        assert_eq!(
            book["data"]["book"],
            json!({"title": "A3", "stock": 9}),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn a_table_without_a_key_takes_rows_and_no_rule_on_them() {
    let config = "[tables.entries]\nactions = [\"create\"]\n[[tables.entries.policies]]\nroles = [\"staff\"]\nactions = [\"create\"]\n[[tables.entries.policies]]\nroles = [\"authenticated\"]\nactions = [\"create\"]\nrows = \"owner = $viewer.id\"";
    for bench in benches_with_tables(
        "rules_keyless",
        "CREATE TABLE entries (owner BIGINT NOT NULL, text VARCHAR(20))",
        config,
    )
    .await
    {
        let staff = || Viewer {
            is_staff: true,
            ..Viewer::known("9")
        };
        let made = bench.ask_as(staff(), "mutation { createEntries(inputs: [{owner: 1, text: \"a\"}, {owner: 2}]) { success affectedCount errors { code } } }", Value::Null).await;
        assert_eq!(
            made["data"]["createEntries"],
            json!({"success": true, "affectedCount": 2, "errors": []}),
            "{}: {made}",
            bench.engine
        );
        let shown = bench
            .ask_as(
                staff(),
                "mutation { createEntry(input: {owner: 1}) { entry { text } } }",
                Value::Null,
            )
            .await;
        assert_eq!(
            shown["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
            "{}: {shown}",
            bench.engine
        );
        let refused = bench
            .ask_as(
                Viewer::known("1"),
                "mutation { createEntry(input: {owner: 1}) { success } }",
                Value::Null,
            )
            .await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{}: {refused}",
            bench.engine
        );
        assert_eq!(
            bench.data("{ entriesAggregate { count } }").await["entriesAggregate"]["count"],
            2,
            "{}",
            bench.engine
        );
    }
}

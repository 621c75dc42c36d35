//! Many rows at once.

use std::fmt::Write as _;

use runtime::Viewer;
use serde_json::{Value, json};

use super::benches;

const MANY: usize = 10_000;

#[tokio::test]
async fn ten_thousand_rows_are_few_statements() {
    for bench in benches("writes_bulk").await {
        bench
            .data("mutation { createAuthor(input: {name: \"Ada\"}) { success } }")
            .await;
        let inputs: Vec<Value> = (0..MANY)
            .map(|at| {
                let mut input = json!({"title": format!("T{at}"), "authorId": "1", "price": "1.50"});
                if at % 2 == 0 {
                    input["pages"] = json!(at);
                }
                input
            })
            .collect();
        let query = "mutation($inputs: [BookCreateInput!]!) {
            createBooks(inputs: $inputs) { success affectedCount errors { message } books { title pages } } }";
        let before = bench.registry.database().statement_count();
        let answer = bench
            .ask_as(Viewer::known("1"), query, json!({ "inputs": inputs }))
            .await;
        let made = &answer["data"]["createBooks"];
        assert_eq!(made["affectedCount"], MANY, "{}: {}", bench.engine, answer["errors"]);
        // In the order of the inputs, though those without pages were made apart.
        for (at, book) in made["books"].as_array().expect("the rows").iter().enumerate() {
            let pages = if at % 2 == 0 { json!(at) } else { Value::Null };
            assert_eq!(
                book,
                &json!({"title": format!("T{at}"), "pages": pages}),
                "{}",
                bench.engine
            );
        }
        // 5 statements of 1,000 rows for each set of columns; MariaDB also asks how it counts.
        let statements = bench.registry.database().statement_count() - before;
        assert!(statements <= 22, "{}: {statements} statements", bench.engine);
        let before = bench.registry.database().statement_count();
        let changed = bench
            .data("mutation { updateBooks(filters: {pages: {isNull: false}}, input: {stock: 7}) { affectedCount } }")
            .await;
        assert_eq!(changed["updateBooks"]["affectedCount"], MANY / 2, "{}", bench.engine);
        let removed = bench
            .data("mutation { deleteBooks(filters: {stock: {eq: 0}}) { affectedCount } }")
            .await;
        assert_eq!(removed["deleteBooks"]["affectedCount"], MANY / 2, "{}", bench.engine);
        let statements = bench.registry.database().statement_count() - before;
        assert_eq!(statements, 4, "{}: to find and to write, twice", bench.engine);
        let all = bench
            .data("mutation { deleteBooks(filters: {}, confirmAll: true) { affectedCount } }")
            .await;
        assert_eq!(all["deleteBooks"]["affectedCount"], MANY / 2);
    }
}

#[tokio::test]
async fn the_row_to_blame_among_many_is_named() {
    for bench in benches("writes_blame").await {
        let mut inputs = String::new();
        for at in 0..50 {
            let _ = write!(inputs, "{{name: \"N{}\"}}", if at == 37 { 5 } else { at });
        }
        let answer = bench
            .data(&format!("mutation {{ createAuthors(inputs: [{inputs}]) {{ success authors {{ id }} errors {{ field code }} }} }}"))
            .await;
        let errors = json!([{"field": "inputs.37.name", "code": "UNIQUE"}]);
        assert_eq!(
            answer["createAuthors"],
            json!({"success": false, "authors": [], "errors": errors}),
            "{}",
            bench.engine
        );
        assert_eq!(bench.data("{ authors { id } }").await, json!({"authors": []}));
    }
}

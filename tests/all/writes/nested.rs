//! Rows of several tables in one input.

use serde_json::json;

use super::benches;

#[tokio::test]
async fn rows_are_made_with_what_they_refer_to_and_what_refers_to_them() {
    for bench in benches("writes_nested").await {
        let before = bench.registry.database().statement_count();
        let made = bench
            .data(
                "mutation { createBook(input: {
                   title: \"Notes\", price: \"12.50\",
                   author: {create: {name: \"Ada\", profile: {create: {motto: \"on\"}}}},
                   chapters: [{create: {number: 1, title: \"A\"}}, {create: {number: 2, title: \"B\"}}],
                   tags: [{create: {name: \"maths\"}}, {create: {name: \"engines\"}}]}) {
                 success errors { field code message }
                 book { price author { name profile { motto } } chapters { number title } tags { name } } } }",
            )
            .await;
        let expected = json!({
            "success": true, "errors": [],
            "book": {
                "price": "12.50", "author": {"name": "Ada", "profile": {"motto": "on"}},
                "chapters": [{"number": 1, "title": "A"}, {"number": 2, "title": "B"}],
                "tags": [{"name": "maths"}, {"name": "engines"}],
            }
        });
        assert_eq!(made["createBook"], expected, "{}", bench.engine);
        // Six tables, each with one statement, and what comes back; MariaDB is also asked how it counts, twice.
        let statements = bench.registry.database().statement_count() - before;
        assert!(statements <= 6 + 4 + 2, "{}: {statements} statements", bench.engine);
    }
}

#[tokio::test]
async fn rows_are_connected_disconnected_and_set() {
    for bench in benches("writes_links").await {
        bench
            .data(
                "mutation {
                   createAuthors(inputs: [{name: \"Ada\"}, {name: \"Bob\"}]) { success }
                   createTags(inputs: [{name: \"a\"}, {name: \"b\"}, {name: \"c\"}]) { success }
                   createChapters(inputs: [{number: 1, title: \"x\"}, {number: 2, title: \"y\"}, {number: 3, title: \"z\"}]) { success }
                   createBook(input: {title: \"T\", author: {connect: {name: \"Ada\"}}, editor: {connect: {id: 2}},
                     tags: [{connect: {name: \"a\"}}, {connect: {id: 2}}],
                     chapters: [{connect: {id: 1}}, {connect: {id: 2}}]}) { success errors { field code message } } }",
            )
            .await;
        let shape = "book { author { name } editorId tags { name } chapters { number } }";
        let ask = |input: &str| {
            format!(
                "mutation {{ updateBook(id: 1, input: {{{input}}}) {{ errors {{ field code message }} {shape} }} }}"
            )
        };
        let tags = |names: &[&str]| names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>();
        let chapters = |numbers: &[i32]| {
            numbers
                .iter()
                .map(|number| json!({ "number": number }))
                .collect::<Vec<_>>()
        };
        let now = bench.data(&ask("")).await;
        let book = &now["updateBook"]["book"];
        assert_eq!(book["tags"], json!(tags(&["a", "b"])), "{}: {now}", bench.engine);
        assert_eq!(book["chapters"], json!(chapters(&[1, 2])));
        assert_eq!(book["editorId"], "2");
        let now = bench
            .data(&ask(
                "author: {connect: {id: 2}}, editor: {disconnect: true},
                        tags: [{set: [{name: \"b\"}, {name: \"c\"}]}], chapters: [{set: [{id: 3}]}]",
            ))
            .await;
        let book = &now["updateBook"]["book"];
        assert_eq!(book["author"]["name"], "Bob", "{}: {now}", bench.engine);
        assert_eq!(book["editorId"], serde_json::Value::Null);
        assert_eq!(
            (&book["tags"], &book["chapters"]),
            (&json!(tags(&["b", "c"])), &json!(chapters(&[3]))),
            "{now}"
        );
        let now = bench
            .data(&ask(
                "tags: [{disconnect: {name: \"b\"}}], chapters: [{disconnect: {id: 3}}, {connect: {id: 1}}]",
            ))
            .await;
        let book = &now["updateBook"]["book"];
        assert_eq!(
            (&book["tags"], &book["chapters"]),
            (&json!(tags(&["c"])), &json!(chapters(&[1]))),
            "{now}"
        );
        let missing = bench.data(&ask("tags: [{disconnect: {name: \"a\"}}]")).await;
        assert_eq!(
            missing["updateBook"]["errors"][0]["code"], "NOT_FOUND",
            "{}: {missing}",
            bench.engine
        );
        assert_eq!(missing["updateBook"]["errors"][0]["field"], "input.tags.0.disconnect");
        let needed = bench.data(&ask("author: {disconnect: true}")).await;
        assert_eq!(needed["updateBook"]["errors"][0]["code"], "REQUIRED", "{needed}");
    }
}

#[tokio::test]
async fn a_mistake_deep_inside_is_found_and_undoes_everything() {
    for bench in benches("writes_deep").await {
        let made = bench
            .data(
                "mutation { createAuthor(input: {name: \"Ada\", books: [
                   {create: {title: \"A\", chapters: [{create: {number: 1, title: \"a\"}}]}},
                   {create: {title: \"B\", chapters: [{create: {number: 1, title: \"b\"}}, {create: {number: 1, title: \"c\"}}]}}]}) {
                 success errors { field code } } }",
            )
            .await;
        let error = &made["createAuthor"]["errors"][0];
        assert_eq!(error["code"], "UNIQUE", "{}: {made}", bench.engine);
        assert_eq!(
            error["field"], "input.books.1.create.chapters.1.create.bookId",
            "{}",
            bench.engine
        );
        assert_eq!(
            bench.data("{ authors { id } books { id } }").await,
            json!({"authors": [], "books": []})
        );
    }
}

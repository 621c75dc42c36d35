//! Names that meet others.

use serde_json::json;
use tests::{Engine, empty_database, execute};

use super::warnings;
use crate::field::served::Served;

#[tokio::test(flavor = "multi_thread")]
async fn tables_called_like_derived_types_are_there_and_named() {
    let url = empty_database(Engine::Sqlite, "derived").await.expect("SQLite");
    let derived =
        ["filter", "group", "edge", "connection", "aggregate", "order_by", "column", "having", "min", "group_key"];
    let tables = derived.iter().map(|name| format!("tag_{name}")).chain(["int_filter", "page_info"].map(str::to_owned));
    let tables: Vec<String> = tables.collect();
    let create = |name: &String| {
        format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO {name} VALUES (1, 't');")
    };
    let create: String = tables.iter().map(create).collect();
    execute(
        &url,
        &format!("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO tag VALUES (1, 'n'); {create}"),
    )
    .await;

    let warnings = warnings(&url).await;
    for table in &tables {
        assert!(
            warnings.iter().any(|text| text.starts_with(&format!("table `main.{table}`"))),
            "{table}: {warnings:?}"
        );
    }
    let api = Served::new(&url, 2, "").await;
    let answer = api.data(
        "{ tags(filters: {name: {eq: \"n\"}}, orderBy: [{name: ASC}]) { id } tagsAggregate { count max { name } }
           tagsGroups(by: [name]) { key { name } count } tagsConnection { edges { node { id } } } tagFilters { __typename t }
           tagGroups { __typename t } intFilters(filters: {id: {eq: 1}}) { __typename t } }",
    );
    let answer = answer.await;
    assert_eq!(answer["tagFilters"], json!([{"__typename": "TagFilterRow", "t": "t"}]));
    assert_eq!(answer["tagGroups"], json!([{"__typename": "TagGroupRow", "t": "t"}]));
    assert_eq!(answer["intFilters"], json!([{"__typename": "IntFilterRow", "t": "t"}]));
    assert_eq!(answer["tagsGroups"], json!([{"key": {"name": "n"}, "count": 1}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_called_like_the_filters_own_get_another_name() {
    let url = empty_database(Engine::Sqlite, "logic").await.expect("SQLite");
    execute(&url, "CREATE TABLE items (id INTEGER PRIMARY KEY, \"or\" INT, \"and\" INT, \"not\" INT); INSERT INTO items VALUES (1, 5, 6, 7)").await;
    assert_eq!(warnings(&url).await.iter().filter(|text| text.contains("the filters' own")).count(), 3);
    let api = Served::new(&url, 2, "").await;
    let answer = api
        .data("{ items(filters: {or: [{orValue: {eq: 5}}, {notValue: {eq: 1}}]}) { orValue andValue notValue } }")
        .await;
    assert_eq!(answer["items"], json!([{"orValue": 5, "andValue": 6, "notValue": 7}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_keeps_its_id_though_it_is_a_key_to_another() {
    let url = empty_database(Engine::Sqlite, "own_id").await.expect("SQLite");
    execute(
        &url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE pilots (id INTEGER PRIMARY KEY REFERENCES people (id), hours INT);
         INSERT INTO people VALUES (1, 'a'); INSERT INTO pilots VALUES (1, 9)",
    )
    .await;
    let api = Served::new(&url, 2, "").await;
    let answer = api.data("{ pilot(id: 1) { id hours person { name pilot { hours } } } }").await;
    assert_eq!(answer["pilot"], json!({"id": "1", "hours": 9, "person": {"name": "a", "pilot": {"hours": 9}}}));
}

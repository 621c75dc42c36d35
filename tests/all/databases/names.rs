//! Names that meet others.

use codegen::config::Settings;
use codegen::schema::build;
use serde_json::json;
use tests::{Engine, empty_database, execute};

use super::{catalog, shared_keys, types, warnings};
use crate::field::served::Served;

#[tokio::test(flavor = "multi_thread")]
async fn tables_called_like_derived_types_are_there_and_named() {
    let url = empty_database(Engine::Sqlite, "derived").await.expect("SQLite");
    let derived = [
        "filter",
        "group",
        "edge",
        "connection",
        "aggregate",
        "order_by",
        "column",
        "having",
        "min",
        "group_key",
    ];
    let tables = derived
        .iter()
        .map(|name| format!("tag_{name}"))
        .chain(["int_filter", "page_info"].map(str::to_owned));
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
            warnings
                .iter()
                .any(|text| text.starts_with(&format!("table `main.{table}`"))),
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

/// Whatever type a schema has, a table that is called like it gets another name.
#[tokio::test(flavor = "multi_thread")]
async fn no_table_takes_the_name_of_a_type_that_is_there() {
    for (engine, tables, config) in [
        (Engine::Sqlite, shared_keys::TABLES, shared_keys::CONFIG),
        (Engine::Postgres, types::TABLES, types::CONFIG),
    ] {
        let Some(url) = empty_database(engine, "type_names").await else {
            continue;
        };
        execute(&url, tables).await;
        let served = Served::new(&url, 2, config)
            .await
            .data("{ __schema { types { name } } }")
            .await;
        let names = served["__schema"]["types"].as_array().expect("types").iter();
        let names = names
            .filter_map(|ty| ty["name"].as_str())
            .filter(|name| !name.starts_with("__"));

        let catalog = catalog(&url).await;
        let plain = build(&catalog, &Settings::default());
        let enums = plain.enums.iter().map(|ty| ty.type_name.as_str());
        let own: Vec<&str> = enums
            .chain(plain.composites.iter().map(|ty| ty.type_name.as_str()))
            .collect();
        for name in names {
            let mut more = catalog.clone();
            let mut table = more.tables[0].clone();
            name.clone_into(&mut table.name.name);
            table.foreign_keys.clear();
            more.tables.push(table.clone());
            let model = build(&more, &Settings::default());
            let of = |entity: &&codegen::schema::Entity| entity.table == table.name;
            let made = model.entities.iter().find(of).expect("the table");
            // An enumeration or a composite type makes room for the table instead.
            let enums = model.enums.iter().map(|ty| &ty.type_name);
            let mut others = enums.chain(model.composites.iter().map(|ty| &ty.type_name));
            let makes_room = own.contains(&name) && others.all(|other| other.as_str() != name);
            assert!(made.type_name.as_str() != name || makes_room, "{engine}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_called_like_the_filters_own_get_another_name() {
    let url = empty_database(Engine::Sqlite, "logic").await.expect("SQLite");
    execute(&url, "CREATE TABLE items (id INTEGER PRIMARY KEY, \"or\" INT, \"and\" INT, \"not\" INT); INSERT INTO items VALUES (1, 5, 6, 7)").await;
    assert_eq!(
        warnings(&url)
            .await
            .iter()
            .filter(|text| text.contains("would have a reserved name"))
            .count(),
        3
    );
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
    let answer = api
        .data("{ pilot(id: 1) { id hours person { name pilot { hours } } } }")
        .await;
    assert_eq!(
        answer["pilot"],
        json!({"id": "1", "hours": 9, "person": {"name": "a", "pilot": {"hours": 9}}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_differ_by_case_keep_their_own_columns() {
    let Some(url) = empty_database(Engine::Mariadb, "cases").await else {
        return;
    };
    execute(
        &url,
        "CREATE TABLE `Case` (id INT PRIMARY KEY, big INT); CREATE TABLE `case` (id INT PRIMARY KEY, small INT);
         INSERT INTO `Case` VALUES (1, 2); INSERT INTO `case` VALUES (3, 4)",
    )
    .await;
    let catalog = catalog(&url).await;
    let columns = |name: &str| -> Vec<String> {
        let table = catalog
            .tables
            .iter()
            .find(|table| table.name.name == name)
            .expect("the table");
        table.columns.iter().map(|column| column.name.clone()).collect()
    };
    assert_eq!(
        (columns("Case"), columns("case")),
        (vec!["id".into(), "big".into()], vec!["id".into(), "small".into()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_rust_become_names_that_compile() {
    let url = empty_database(Engine::Sqlite, "words").await.expect("SQLite");
    let words = [
        "gen", "self", "self_", "rt", "runtime", "type", "crate", "super", "async", "try", "dyn",
    ];
    let columns: Vec<String> = words.iter().map(|word| format!("\"{word}\" INT")).collect();
    let tables: Vec<String> = words
        .iter()
        .filter(|word| **word != "self_")
        .map(|word| format!("CREATE TABLE \"{word}\" (id INTEGER PRIMARY KEY, n INT);"))
        .collect();
    let columns = columns.join(", ");
    execute(
        &url,
        &format!(
            "CREATE TABLE lines (id INTEGER PRIMARY KEY, {columns}); {}",
            tables.concat()
        ),
    )
    .await;

    let catalog = catalog(&url).await;
    let model = build(&catalog, &Settings::default());
    let code = codegen::emit::single_file(&codegen::verify::verify(model).expect("a model")).text;
    for part in [
        "pub r#gen: Option<i32>",
        "pub self_: Option<i32>",
        "pub self__: Option<i32>",
        "pub rt_: Option<i32>",
    ] {
        assert!(code.contains(part), "{part}");
    }
    for part in [
        "pub mod runtime {",
        "pub mod rt {",
        "pub const rt:",
        "pub gen:",
        "pub const gen:",
        "pub mod gen {",
    ] {
        assert!(!code.contains(part), "{part}");
    }
}

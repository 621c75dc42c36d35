//! Answers that are kept end with writes to what they read, and with no others.

use std::sync::Arc;

use runtime::Database;
use runtime::plugins::CachingPlugin;
use serde_json::json;
use tests::{Engine, empty_database, execute, live_registry_over_with, serve};

const CONFIG: &str = r#"
[schemas.main]
apps = ["main"]
settings = { enable_caching = true }

[tables.authors]
actions = ["create", "delete"]
[[tables.authors.policies]]
roles = ["anyone"]
actions = ["create", "delete"]
"#;

#[tokio::test]
async fn a_write_ends_the_answers_that_read_its_tables() {
    let url = empty_database(Engine::Sqlite, "kept")
        .await
        .expect("SQLite needs no server");
    execute(&url, &super::ddl(Engine::Sqlite)).await;
    let database = Database::connect(&url, 4).await.expect("the database");
    let registry = Arc::new(live_registry_over_with(&url, database.clone(), CONFIG).await);
    registry.install(CachingPlugin::new()).expect("the plugin");
    let client = serve(Arc::clone(&registry)).await;
    let (authors, tags) = ("{ authors { name } }", "{ tags { name } }");
    let ask = async |query: &str| {
        let before = database.statement_count();
        let data = client.data("main", query).await;
        (data, database.statement_count() - before)
    };
    assert_eq!(ask(authors).await, (json!({"authors": []}), 1));
    assert_eq!(ask(tags).await, (json!({"tags": []}), 1));
    assert_eq!((ask(authors).await.1, ask(tags).await.1), (0, 0), "both are kept");
    client
        .data("main", "mutation { createAuthor(input: {name: \"Ada\"}) { success } }")
        .await;
    assert_eq!(ask(authors).await, (json!({"authors": [{"name": "Ada"}]}), 1));
    assert_eq!(ask(tags).await.1, 0, "nothing was written to it");
    // What a removal takes with it, only the database knows.
    client
        .data("main", "mutation { deleteAuthor(id: 1) { success } }")
        .await;
    assert_eq!(ask(authors).await, (json!({"authors": []}), 1));
    assert_eq!(ask(tags).await.1, 1);
}

//! A folder of queries: each answers alike on every database, through both doors, equal to SQL written by hand, with
//! as many statements as its first line says.

use std::path::PathBuf;

use async_graphql::Variables;
use runtime::testing::Request;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection};
use tests::{Engine, shop, shops};

struct Case {
    name: String,
    statements: u64,
    query: String,
    variables: Value,
    expected_sql: String,
}

impl Case {
    fn request(&self) -> Request {
        Request {
            query: self.query.clone(),
            variables: Variables::from_json(self.variables.clone()),
            ..Request::default()
        }
    }
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the corpus")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "graphql"))
        .collect();
    files.sort();
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a file of the corpus");
    files
        .into_iter()
        .map(|file| {
            let query = read(file.clone());
            let head = query
                .lines()
                .next()
                .and_then(|line| line.strip_prefix("# statements: "))
                .expect("a count");
            let variables = file.with_extension("json");
            Case {
                name: file.file_stem().expect("a name").to_string_lossy().into_owned(),
                statements: head.trim().parse().expect("a count"),
                expected_sql: read(file.with_extension("sql")),
                variables: if variables.exists() {
                    serde_json::from_str(&read(variables)).expect("JSON")
                } else {
                    Value::Null
                },
                query,
            }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_database_answers_like_sql_written_by_hand() {
    let sqlite = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let mut by_hand = sqlx::SqliteConnection::connect(&sqlite.url).await.expect("the shop");
    let cases = cases();
    assert!(cases.len() >= 20);
    for shop in shops().await {
        let registry = shop.registry().await;
        let schema = registry.find("shop").expect("the schema");
        for case in &cases {
            let expected: String = sqlx::query_scalar(AssertSqlSafe(case.expected_sql.clone()))
                .fetch_one(&mut by_hand)
                .await
                .unwrap_or_else(|error| panic!("{}: {error}", case.name));
            let expected: Value = serde_json::from_str(&expected).expect("JSON");
            let before = registry.database().statement_count();
            let answer = schema.engine().execute(case.request()).await;
            let statements = registry.database().statement_count() - before;
            let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
            assert_eq!(
                body,
                serde_json::json!({ "data": expected }),
                "{} on {}",
                case.name,
                shop.engine
            );
            assert_eq!(
                statements, case.statements,
                "statements of {} on {}",
                case.name, shop.engine
            );
            let second = schema.engine().execute_through_async_graphql(case.request()).await;
            assert_eq!(
                String::from_utf8_lossy(&answer.body),
                String::from_utf8_lossy(&second.body),
                "the doors differ: {} on {}",
                case.name,
                shop.engine
            );
        }
    }
}

/// The statements of each query on each database, as a reviewed file; `UPDATE_PLANS=1` writes them anew.
#[tokio::test(flavor = "multi_thread")]
async fn plans_are_the_reviewed_ones() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus/plans");
    let update = std::env::vars().any(|(name, _)| name == "UPDATE_PLANS");
    for shop in shops().await {
        let registry = shop.registry().await;
        let schema = registry.find("shop").expect("the schema");
        for case in cases() {
            let statements = schema.engine().explain(case.request()).await.expect("SQL");
            assert_eq!(statements.len() as u64, case.statements, "{}", case.name);
            let text = statements.join(";\n") + ";\n";
            let file = folder.join(format!("{}.{}.sql", case.name, shop.engine.to_string().to_lowercase()));
            if update {
                std::fs::create_dir_all(&folder).expect("the folder");
                std::fs::write(&file, &text).expect("the file");
            }
            let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(
                text,
                reviewed,
                "{}; if it is meant to change: UPDATE_PLANS=1",
                file.display()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_rows_does_not_change_the_number_of_statements() {
    for shop in shops().await {
        let registry = shop.registry().await;
        let schema = registry.find("shop").expect("the schema");
        for rows in [1, 10, 200] {
            let query = format!(
                "{{ products(limit: {rows}) {{ reviews(limit: 10) {{ user {{ orders(limit: 10) {{ orderItems(limit: 4) {{ id }} }} }} }} category {{ categories {{ id }} }} }} }}"
            );
            let before = registry.database().statement_count();
            let answer = schema
                .engine()
                .execute(Request {
                    query,
                    ..Request::default()
                })
                .await;
            assert!(!String::from_utf8_lossy(&answer.body).contains("errors"));
            // reviews, orders, orderItems, categories, and the root.
            assert_eq!(
                registry.database().statement_count() - before,
                5,
                "{rows} rows on {}",
                shop.engine
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_planned_once() {
    let sqlite = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let registry = sqlite.registry().await;
    let engine = registry.find("shop").expect("the schema");
    let engine = engine.engine();
    let ask = |limit: i64, deep: bool| Request {
        query: "query($n: Int, $deep: Boolean!) { products(limit: $n) { id category @include(if: $deep) { id } } }"
            .into(),
        variables: Variables::from_json(serde_json::json!({ "n": limit, "deep": deep })),
        ..Request::default()
    };
    for limit in 1..10 {
        engine.execute(ask(limit, true)).await;
    }
    assert_eq!(engine.plan_cache(), (8, 1));
    engine.execute(ask(1, false)).await;
    assert_eq!(engine.plan_cache(), (8, 2));
}

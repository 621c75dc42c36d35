//! Random queries on the shop: every database must answer what a naive evaluator finds in memory.
//!
//! `RANDOM_QUERIES` sets how many are asked of each database (7,000 if it is not set), `RANDOM_SEED` where they begin.
//! A query is made by its seed alone; a failure prints it.

mod changes;
mod data;
mod evaluate;
mod generate;
mod mentions;
mod pages;
mod policies;
mod shape;
mod write;

use async_graphql::Variables;
use runtime::SchemaDefinition;
use runtime::testing::Request;
use serde_json::{Value, json};
use tests::{Engine, shop, shops};

use data::Data;
use generate::Generator;

fn number(variable: &str, default: u64) -> u64 {
    std::env::vars()
        .find(|(name, _)| name == variable)
        .map_or(default, |(_, text)| text.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn random_queries_answer_like_a_naive_evaluator() {
    let sqlite = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let data = Data::load(&sqlite.url).await;
    let (count, first) = (number("RANDOM_QUERIES", 7000), number("RANDOM_SEED", 1));
    let mut asked = Vec::new();
    for shop in shops().await {
        let registry = shop.registry().await;
        // Four nested lists without a limit could bring back more rows than a schema allows by default.
        let definition = SchemaDefinition::new("unbounded")
            .apps(["users", "products", "orders"])
            .setting("max_query_complexity", i64::MAX);
        registry.register(definition).expect("a schema");
        asked.push((shop.engine, registry.find("unbounded").expect("the schema"), 0));
    }
    for seed in first..first + count {
        let query = Generator::new(seed, &data).query();
        let expected = json!({ "data": evaluate::query(&query, &data) });
        let (text, variables) = query.text();
        let request = || Request {
            query: text.clone(),
            variables: Variables::from_json(variables.clone()),
            ..Request::default()
        };
        for (database, schema, bytes) in &mut asked {
            let answer = schema.engine().execute(request()).await;
            let found: Value = serde_json::from_slice(&answer.body).expect("JSON");
            if found != expected {
                let sql = schema.engine().explain(request()).await;
                panic!(
                    "seed {seed} on {database}\n{text}\n{variables}\nexpected {expected}\nfound    {found}\n{sql:#?}"
                );
            }
            if seed % 10 == 0 {
                let second = schema.engine().execute_through_async_graphql(request()).await;
                assert_eq!(
                    answer.body, second.body,
                    "the doors differ: seed {seed} on {database}\n{text}"
                );
            }
            *bytes += answer.body.len();
        }
    }
    for (database, _, bytes) in asked {
        eprintln!("{database}: {count} random queries from seed {first}, {bytes} bytes of answers");
    }
}

//! Walks over the pages of random lists, forwards and backwards: together they are the list, nothing twice.

use async_graphql::Variables;
use runtime::testing::Request;
use serde_json::{Map, Value};
use tests::{Engine, shop, shops};

use super::data::Data;
use super::evaluate::rows_of;
use super::generate::Generator;
use super::number;
use super::shape::TABLES;

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_in_every_order() {
    let sqlite = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let data = Data::load(&sqlite.url).await;
    let (count, first) = (number("RANDOM_WALKS", 150), number("RANDOM_SEED", 1));
    for shop in shops().await {
        let registry = shop.registry().await;
        let schema = registry.find("shop").expect("the schema");
        for seed in first..first + count {
            let (table, list) = Generator::new(seed, &data).walk();
            let rows = rows_of(table, data.tables[table].iter().collect(), &list, &data);
            let key = TABLES[table].key.iter().map(|&at| &TABLES[table].columns[at]);
            let expected: Vec<Map<String, Value>> = rows
                .iter()
                .map(|row| {
                    let cells = TABLES[table]
                        .key
                        .iter()
                        .map(|&at| row[at].json(TABLES[table].columns[at].ty));
                    key.clone().map(|column| column.field.to_owned()).zip(cells).collect()
                })
                .collect();
            for backward in [false, true] {
                let (text, variables) = list.page_text(table, backward);
                let context = format!(
                    "seed {seed} on {}, backward: {backward}\n{text}\n{variables:?}",
                    shop.engine
                );
                let mut found = Vec::new();
                let mut cursor = Value::Null;
                loop {
                    let mut variables = variables.clone();
                    variables.insert("cursor".into(), cursor.clone());
                    let request = Request {
                        query: text.clone(),
                        variables: Variables::from_json(variables.into()),
                        ..Request::default()
                    };
                    let answer: Value =
                        serde_json::from_slice(&schema.engine().execute(request).await.body).expect("JSON");
                    assert_eq!(answer.get("errors"), None, "{context}");
                    let page = &answer["data"]["page"];
                    let edges = page["edges"].as_array().expect("a list");
                    let nodes: Vec<Value> = edges.iter().map(|edge| edge["node"].clone()).collect();
                    let (before, after) = (&page["pageInfo"]["hasPreviousPage"], &page["pageInfo"]["hasNextPage"]);
                    let (more, behind) = if backward { (before, after) } else { (after, before) };
                    assert_eq!(*behind, Value::from(!cursor.is_null()), "{context}");
                    if let (Some(first), Some(last)) = (edges.first(), edges.last()) {
                        assert_eq!(first["cursor"], page["pageInfo"]["startCursor"], "{context}");
                        assert_eq!(last["cursor"], page["pageInfo"]["endCursor"], "{context}");
                    }
                    if backward {
                        found.splice(0..0, nodes);
                    } else {
                        found.extend(nodes);
                    }
                    assert!(found.len() <= expected.len(), "{context}");
                    if more == false {
                        break;
                    }
                    cursor = page["pageInfo"][if backward { "startCursor" } else { "endCursor" }].clone();
                    assert!(cursor.is_string(), "{context}");
                }
                assert_eq!(
                    Value::from(found),
                    serde_json::to_value(&expected).expect("JSON"),
                    "{context}"
                );
            }
        }
    }
}

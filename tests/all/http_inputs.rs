//! What clients send as values: orders of one key, and arguments of hand-written fields.

use async_graphql::{Enum, InputObject};
use runtime::SchemaDefinition;
use serde_json::{Value, json};
use tests::{Client, Engine, serve, shop};

const ONE_KEY: &str = "each object of `orderBy` must have exactly one key; give several as a list: `orderBy: [{price: DESC}, {name: ASC}]`";

async fn client() -> Client {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    registry
        .register(SchemaDefinition::new("typed").apps(["users"]).query(Typed))
        .expect("a schema");
    serve(registry).await
}

fn failure(answer: &Value) -> (&str, &str) {
    let error = &answer["errors"][0];
    let text = |value: &'_ Value| value.as_str().unwrap_or_default().to_owned().leak() as &str;
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_takes_objects_of_one_key() {
    let client = client().await;
    for query in [
        "{ products(orderBy: [{price: DESC, name: ASC}]) { id } }",
        "{ products(orderBy: {price: DESC, name: ASC}) { id } }",
        "{ products(orderBy: [{}]) { id } }",
        "{ products(orderBy: [{category: {name: ASC, id: ASC}}]) { id } }",
        "{ products { reviews(orderBy: [{rating: DESC, id: ASC}]) { id } } }",
        "{ productsConnection(first: 1, orderBy: [{price: DESC, name: ASC}]) { nodes { id } } }",
        "{ ordersGroups(by: [status], orderBy: [{count: DESC, sum: {total: ASC}}]) { count } }",
        "{ ordersGroups(by: [status, userId], orderBy: [{key: {status: ASC, userId: ASC}}]) { count } }",
    ] {
        let (_, answer) = client.post("shop", json!({ "query": query })).await;
        assert_eq!(failure(&answer), ("BAD_USER_INPUT", ONE_KEY), "{query}");
    }
    // By variables, and once the operation is known, too.
    let query = "query($o: [ProductOrderBy!]) { products(limit: 2, orderBy: $o) { name price } }";
    let ask = async |order: Value| {
        client
            .post("shop", json!({"query": query, "variables": {"o": order}}))
            .await
            .1
    };
    let good = ask(json!([{"price": "DESC"}, {"name": "ASC"}])).await;
    assert_eq!(good["data"]["products"].as_array().map(Vec::len), Some(2), "{good}");
    for order in [
        json!([{"name": "ASC", "price": "DESC"}]),
        json!([{}]),
        json!([{"category": {}}]),
    ] {
        assert_eq!(
            failure(&ask(order.clone()).await),
            ("BAD_USER_INPUT", ONE_KEY),
            "{order}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_one_of_in_the_schema() {
    let client = client().await;
    let sdl = client
        .http
        .get(format!("{}/graphql/shop/schema.graphql", client.base))
        .send()
        .await
        .expect("it");
    let sdl = sdl.text().await.expect("text");
    for input in [
        "ProductOrderBy",
        "OrderGroupOrderBy",
        "OrderGroupKeyOrderBy",
        "OrderSumOrderBy",
    ] {
        assert!(sdl.contains(&format!("input {input} @oneOf {{")), "{input}");
    }
    let query = "{ a: __type(name: \"ProductOrderBy\") { isOneOf } b: __type(name: \"ProductFilter\") { isOneOf } }";
    assert_eq!(
        client.data("shop", query).await,
        json!({"a": {"isOneOf": true}, "b": {"isOneOf": false}})
    );
}

/// A hand-written root with arguments of every kind.
#[derive(Clone)]
struct Typed;

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Color {
    Red,
    Blue,
}

#[derive(InputObject)]
struct Wish {
    color: Color,
    price: Option<rust_decimal::Decimal>,
}

#[async_graphql::Object]
impl Typed {
    async fn cheaper(&self, than: rust_decimal::Decimal) -> String {
        than.to_string()
    }

    async fn painted(&self, color: Color) -> bool {
        color == Color::Red
    }

    async fn wished(&self, wish: Wish) -> Option<bool> {
        wish.price.map(|_| wish.color == Color::Blue)
    }

    async fn broken(&self) -> async_graphql::Result<Option<bool>> {
        std::future::ready(Err(async_graphql::Error::new(
            "Failed to parse \"a file\": it is empty",
        )))
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_arguments_of_hand_written_fields_are_the_clients() {
    let client = client().await;
    for (query, variables, part) in [
        (
            "query($v: Decimal!) { cheaper(than: $v) }",
            json!({"v": "abc"}),
            "`than`: ",
        ),
        ("{ cheaper(than: \"abc\") }", json!({}), "`than`: "),
        ("query($v: Color!) { painted(color: $v) }", json!({"v": "GREEN"}), ""),
        (
            "query($v: Wish!) { wished(wish: $v) }",
            json!({"v": {"color": "RED", "price": "x"}}),
            "`wish`: ",
        ),
        (
            "query($v: Wish!) { wished(wish: $v) }",
            json!({"v": {"color": "RED", "price": "1"}}),
            "-",
        ),
    ] {
        // Once unknown, and once with the operation kept.
        for _ in 0..2 {
            let (_, answer) = client
                .post("typed", json!({"query": query, "variables": variables}))
                .await;
            if part == "-" {
                assert_eq!(answer["data"]["wished"], false, "{answer}");
                continue;
            }
            let (code, message) = failure(&answer);
            assert_eq!(code, "BAD_USER_INPUT", "{query}: {answer}");
            assert!(message.contains(part), "{query}: {message}");
        }
    }
    // A failure of the field's own is none of the client's, whatever it says.
    let (_, answer) = client.post("typed", json!({"query": "{ broken }"})).await;
    assert_eq!(failure(&answer).0, "INTERNAL_SERVER_ERROR", "{answer}");
}

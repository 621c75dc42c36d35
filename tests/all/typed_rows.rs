//! Typed rows and columns, from each database.

use runtime::Database;
use sample::api::orders::{Order, OrderStatus, order};
use sample::api::products::{Product, product};
use sample::api::users::{User, UserRole, user};
use tests::shops;

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_the_same_typed_values_on_every_database() {
    let mut seen: Vec<(Vec<Product>, Vec<User>, Vec<Order>)> = Vec::new();
    for shop in shops().await {
        let database = Database::connect(&shop.url, 2).await.expect("the shop");
        let products = Product::find()
            .filter(product::is_featured.eq(true).and(!product::weight.is_null()))
            .filter(product::stock.gt(10).or(product::sku.eq("SKU-000003")))
            .order_by(product::stock.descending())
            .limit(5)
            .all(&database)
            .await
            .expect("products");
        assert_eq!(products.len(), 5);
        assert!(products.windows(2).all(|pair| pair[0].stock >= pair[1].stock));
        let users = User::find()
            .filter(user::role.eq(UserRole::Staff))
            .all(&database)
            .await
            .expect("users");
        assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [1, 26]);
        let orders = Order::find()
            .filter(order::status.ne(OrderStatus::Cancelled))
            .order_by(order::placed_at.descending())
            .offset(2)
            .limit(3)
            .all(&database)
            .await
            .expect("orders");
        assert!(orders.iter().all(|order| order.status != OrderStatus::Cancelled));
        let none = Product::find()
            .filter(product::sku.eq("nothing"))
            .one(&database)
            .await
            .expect("an answer");
        assert_eq!(none, None);
        seen.push((products, users, orders));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_counted_and_streamed() {
    use futures_util::TryStreamExt as _;
    for shop in shops().await {
        let database = Database::connect(&shop.url, 2).await.expect("the shop");
        assert_eq!(Product::find().limit(3).count(&database).await.expect("a count"), 200);
        let few = Product::find()
            .filter(product::stock.lt(10))
            .count(&database)
            .await
            .expect("a count");
        let rows = Product::find()
            .filter(product::stock.lt(10))
            .all(&database)
            .await
            .expect("rows");
        assert_eq!(rows.len() as u64, few);
        let streamed: Vec<Product> = Product::find()
            .filter(product::stock.lt(10))
            .stream(&database)
            .try_collect()
            .await
            .expect("rows");
        assert_eq!(streamed, rows, "{}", shop.engine);
        // A stream that is dropped gives its connection back, or it is replaced: three of them, and the pool has two.
        for _ in 0..3 {
            let first = std::pin::pin!(Order::find().stream(&database))
                .try_next()
                .await
                .expect("a row");
            assert!(first.is_some());
        }
        assert_eq!(User::find().count(&database).await.expect("a count"), 50);
        let some = User::find()
            .filter(user::id.is_in([3, 1, 99]))
            .all(&database)
            .await
            .expect("rows");
        assert_eq!(some.iter().map(|user| user.id).collect::<Vec<_>>(), [1, 3]);
        let none = User::find()
            .filter(user::id.is_in(Vec::<i64>::new()))
            .all(&database)
            .await
            .expect("rows");
        assert_eq!(none, []);
    }
}

/// Only the columns that a computed field requires are read, and it is computed in lists at any depth.
#[tokio::test(flavor = "multi_thread")]
async fn computed_fields_stand_among_planned_ones() {
    use runtime::testing::Request;
    for shop in shops().await {
        let registry = shop.registry().await;
        let schema = registry.find("shop").expect("the schema");
        let request = |query: &str| Request {
            query: query.into(),
            ..Request::default()
        };
        let nested = "{ users(limit: 2) { reviews(limit: 2) { product { inStockValue } } } }";
        let sql = schema.engine().explain(request(nested)).await.expect("SQL");
        assert!(
            sql[1].contains("price") && sql[1].contains("stock") && !sql[1].contains("description"),
            "{}",
            sql[1]
        );
        let before = registry.database().statement_count();
        let query = "{ productsConnection(first: 2) { nodes { price stock inStockValue tags { products(limit: 1) { value: inStockValue } } } }
                       product(id: 1) { ...more alternatives(limit: 2) { name } } }
                     fragment more on Product { alternatives(limit: 2) { id category { name } inStockValue } }";
        let answer = schema.engine().execute(request(query)).await;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(answer.get("errors"), None, "{answer}");
        // Products, tags, their products; the one product, and its alternatives, which ask for themselves.
        assert_eq!(registry.database().statement_count() - before, 5, "{}", shop.engine);
        let first = &answer["data"]["productsConnection"]["nodes"][0];
        let (price, value) = (
            first["price"].as_str().expect("a text"),
            first["inStockValue"].as_str().expect("a text"),
        );
        let (price, value): (f64, f64) = (price.parse().expect("a price"), value.parse().expect("a value"));
        assert!((price * first["stock"].as_f64().expect("a number") - value).abs() < 0.001);
        assert!(first["tags"][0]["products"][0]["value"].is_string(), "{first}");
        let alternatives = answer["data"]["product"]["alternatives"].as_array().expect("a list");
        assert_eq!(alternatives.len(), 2);
        assert!(
            alternatives
                .iter()
                .all(|other| other["name"].is_string() && other["category"]["name"].is_string())
        );
    }
}

/// However many rows ask, at however many places, the loader's statement is one.
#[tokio::test(flavor = "multi_thread")]
async fn a_data_loader_gathers_the_keys_of_all_rows() {
    use runtime::testing::Request;
    for shop in shops().await {
        let registry = shop.registry().await;
        let schema = registry.find("shop").expect("the schema");
        let before = registry.database().statement_count();
        let query = "{ products(limit: 50) { ratingText } categories(limit: 3) { products { id ratingText } } }";
        let answer = schema
            .engine()
            .execute(Request {
                query: query.into(),
                ..Request::default()
            })
            .await;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(answer.get("errors"), None, "{answer}");
        // Products, categories, their products, and the loader.
        assert_eq!(registry.database().statement_count() - before, 4, "{}", shop.engine);
        let texts: Vec<&str> = answer["data"]["products"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|product| product["ratingText"].as_str())
            .collect();
        assert!(
            texts.len() < 50 && texts.iter().all(|text| text.contains(" of 5 by ")),
            "{texts:?}"
        );
    }
}

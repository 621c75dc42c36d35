//! Typed rows and columns, from each database.

use runtime::Database;
use shop::api::orders::{Order, OrderStatus, order};
use shop::api::products::{Product, product};
use shop::api::users::{User, UserRole, user};
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
        let users = User::find().filter(user::role.eq(UserRole::Staff)).all(&database).await.expect("users");
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
        let none = Product::find().filter(product::sku.eq("nothing")).one(&database).await.expect("an answer");
        assert_eq!(none, None);
        seen.push((products, users, orders));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

//! Many customers at once: no order is made twice, and no more is sold than is in stock.

use serde_json::{Value, json};
use tests::execute;

use super::server::{Client, Server, shop, shops};

/// Signs up new customers and signs them in; most users of the seed have no password.
async fn customers(shop: &Server, count: usize) -> Vec<Client> {
    let visitor = shop.anonymous();
    let each = (0..count).map(|at| {
        let visitor = visitor.clone();
        tokio::spawn(async move {
            let name = format!("racer{at}");
            let input = json!({"username": name, "email": format!("{name}@example.com"), "password": "long enough"});
            let query = "mutation($input: CreateUserInput!) { createUser(input: $input) { success } }";
            let made = visitor.ask_with("user_schema", query, json!({ "input": input })).await;
            assert_eq!(made["data"]["createUser"]["success"], true, "{made}");
            visitor.sign_in(&name, "long enough").await
        })
    });

    let mut clients = Vec::with_capacity(count);
    for client in each.collect::<Vec<_>>() {
        clients.push(client.await.expect("no panic"));
    }
    clients
}

/// Sends the same request from all clients at once; returns the answers in the order of the clients.
async fn all_at_once(clients: &[Client], schema: &'static str, query: &str) -> Vec<Value> {
    let asked: Vec<_> = clients
        .iter()
        .map(|client| {
            let (client, query) = (client.clone(), query.to_owned());
            tokio::spawn(async move { client.ask(schema, &query).await })
        })
        .collect();

    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.expect("no panic"));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_customers_buy_the_last_ten_pieces_once() {
    for shop in shops("race_stock").await {
        execute(&shop.url, "UPDATE products SET stock = 10 WHERE id = 9").await;
        let clients = customers(&shop, 50).await;
        for answer in all_at_once(
            &clients,
            "shopping_cart",
            "mutation { addToCart(productId: 9) { success } }",
        )
        .await
        {
            assert_eq!(
                answer["data"]["addToCart"]["success"], true,
                "{}: {answer}",
                shop.engine
            );
        }

        let order = "mutation { createOrder { success errors { code } order { id } } }";
        let answers = all_at_once(&clients, "order_management", order).await;

        let mut ids: Vec<&str> = answers
            .iter()
            .filter_map(|answer| answer["data"]["createOrder"]["order"]["id"].as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 10, "{}: {answers:?}", shop.engine);

        let sold_out =
            json!({"data": {"createOrder": {"success": false, "errors": [{"code": "CHECK"}], "order": null}}});
        assert_eq!(
            answers.iter().filter(|answer| **answer == sold_out).count(),
            40,
            "{}: {answers:?}",
            shop.engine
        );

        let staff = shop.sign_in("user1").await;
        let query = "{ product(id: 9) { stock } allOrders(limit: 10) { id total orderItems { quantity price } } }";
        let books = staff.data("admin_schema", query).await;
        assert_eq!(books["product"]["stock"], 0, "{}", shop.engine);
        for order in books["allOrders"].as_array().expect("orders") {
            assert!(
                ids.contains(&order["id"].as_str().expect("an id")),
                "{}: {order}",
                shop.engine
            );
            let items = json!([{"quantity": 1, "price": order["total"]}]);
            assert_eq!(order["orderItems"], items, "{}", shop.engine);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cart_is_ordered_once_however_often_it_is_sent() {
    for shop in shops("race_order").await {
        let client = customers(&shop, 1).await.swap_remove(0);
        client
            .data(
                "shopping_cart",
                "mutation { addToCart(productId: 9, quantity: 2) { success } }",
            )
            .await;

        let impatient: Vec<Client> = vec![client.clone(); 20];
        let order = "mutation { createOrder { success errors { code } } }";
        let answers = all_at_once(&impatient, "order_management", order).await;

        let made = answers
            .iter()
            .filter(|answer| answer["data"]["createOrder"]["success"] == true)
            .count();
        assert_eq!(made, 1, "{}: {answers:?}", shop.engine);
        assert!(
            answers.iter().all(|answer| answer.get("errors").is_none()),
            "{}: {answers:?}",
            shop.engine
        );

        let orders = client.data("order_management", "{ myOrders { id } }").await;
        assert_eq!(orders["myOrders"].as_array().map(Vec::len), Some(1), "{}", shop.engine);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_that_is_changed_from_two_sides_loses_nothing() {
    for shop in shops("race_cart").await {
        execute(&shop.url, "UPDATE products SET stock = 1000 WHERE id IN (9, 10)").await;
        let client = customers(&shop, 1).await.swap_remove(0);

        let windows: Vec<Client> = vec![client.clone(); 30];
        let add =
            "mutation { a: addToCart(productId: 9) { success } b: addToCart(productId: 10, quantity: 2) { success } }";
        for answer in all_at_once(&windows, "shopping_cart", add).await {
            assert_eq!(
                answer,
                json!({"data": {"a": {"success": true}, "b": {"success": true}}}),
                "{}",
                shop.engine
            );
        }

        let cart = client
            .data("shopping_cart", "{ myCart { lines { productId quantity } } }")
            .await;
        let lines = json!([{"productId": "9", "quantity": 30}, {"productId": "10", "quantity": 60}]);
        assert_eq!(cart["myCart"]["lines"], lines, "{}", shop.engine);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_and_cancellations_side_by_side_keep_the_stock_right() {
    let Some(shop) = shop(tests::Engine::Postgres, "race_books").await else {
        return;
    };
    execute(&shop.url, "UPDATE products SET stock = 50 WHERE id IN (11, 12)").await;
    let clients = customers(&shop, 16).await;

    let tasks = clients.into_iter().enumerate().map(|(at, client)| {
        tokio::spawn(async move {
            // Half of them name the products in the other order.
            let (first, second) = if at % 2 == 0 { (11, 12) } else { (12, 11) };
            for round in 0..4 {
                let add = format!("mutation {{ a: addToCart(productId: {first}) {{ success }} b: addToCart(productId: {second}) {{ success }} }}");
                client.data("shopping_cart", &add).await;
                let made = client.data("order_management", "mutation { createOrder { success order { id } } }").await;
                assert_eq!(made["createOrder"]["success"], true, "{made}");
                if round % 2 == 0 {
                    let id = made["createOrder"]["order"]["id"].as_str().expect("an id");
                    let cancelled = client.data("order_management", &format!("mutation {{ cancelOrder(id: {id}) {{ success }} }}")).await;
                    assert_eq!(cancelled["cancelOrder"]["success"], true);
                }
            }
        })
    });

    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }

    let left = shop
        .anonymous()
        .data(
            "product_catalog",
            "{ products(filters: {id: {in: [11, 12]}}) { stock } }",
        )
        .await;
    assert_eq!(left["products"], json!([{"stock": 50 - 32}, {"stock": 50 - 32}]));
}

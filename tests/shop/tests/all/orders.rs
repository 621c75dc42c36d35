//! A cart becomes an order, and an order is cancelled.

use super::server::shops;
use super::story::refusal;
use serde_json::{Value, json};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told from its beginning to its end")]
async fn a_cart_becomes_an_order_and_an_order_is_cancelled() {
    for shop in shops("story_orders").await {
        let visitor = shop.anonymous();
        for schema in ["shopping_cart", "order_management", "admin_schema"] {
            assert_eq!(
                refusal(&visitor, schema, "{ __typename }").await,
                "AUTHENTICATION_REQUIRED",
                "{}",
                shop.engine
            );
        }

        let customer = shop.sign_in("user4").await;
        let empty = |lines: &Value| {
            lines
                .as_array()
                .expect("lines")
                .iter()
                .map(|line| line["productId"].as_str().expect("an id").to_owned())
                .collect::<Vec<_>>()
        };
        let cart = customer
            .data("shopping_cart", "{ myCart { lines { productId } } }")
            .await;
        for id in empty(&cart["myCart"]["lines"]) {
            customer
                .data(
                    "shopping_cart",
                    &format!("mutation {{ removeFromCart(productId: {id}) {{ success }} }}"),
                )
                .await;
        }

        let nothing = customer
            .data(
                "order_management",
                "mutation { createOrder { success errors { code } order { id } } }",
            )
            .await;
        assert_eq!(
            nothing["createOrder"],
            json!({"success": false, "errors": [{"code": "REQUIRED"}], "order": null})
        );

        let stock = "{ products(filters: {id: {in: [3, 5]}}, orderBy: [{id: ASC}]) { price stock } }";
        let before = visitor.data("product_catalog", stock).await["products"].clone();
        let cents = |text: &Value| {
            text.as_str()
                .expect("an amount")
                .replace('.', "")
                .parse::<i64>()
                .expect("digits")
        };

        let changed = customer
            .data(
                "shopping_cart",
                "mutation {
                   a: addToCart(productId: 3, quantity: 2) { success }
                   b: addToCart(productId: 5) { success }
                   c: addToCart(productId: 5) { success }
                   d: updateQuantity(productId: 5, quantity: 3) { cart { count total lines { quantity subtotal } } } }",
            )
            .await;

        let (first, second) = (cents(&before[0]["price"]) * 2, cents(&before[1]["price"]) * 3);
        let cart = &changed["d"]["cart"];
        assert_eq!(
            (&cart["count"], cents(&cart["total"])),
            (&json!(5), first + second),
            "{}: {cart}",
            shop.engine
        );
        assert_eq!(
            (
                cents(&cart["lines"][0]["subtotal"]),
                cents(&cart["lines"][1]["subtotal"])
            ),
            (first, second)
        );

        for (call, code) in [
            ("addToCart(productId: 3, quantity: 100000)", "CHECK"),
            ("addToCart(productId: 99999)", "NOT_FOUND"),
            ("updateQuantity(productId: 3, quantity: -1)", "INVALID"),
        ] {
            let refused = customer
                .data(
                    "shopping_cart",
                    &format!("mutation {{ it: {call} {{ success errors {{ code }} cart {{ count }} }} }}"),
                )
                .await;
            let expected = json!({"success": false, "errors": [{"code": code}], "cart": {"count": 5}});
            assert_eq!(refused["it"], expected, "{} {call}", shop.engine);
        }

        let ordered = customer
            .data(
                "order_management",
                "mutation { createOrder(note: \"Ring twice.\") { success errors { message } order {
                   id status total note orderItems(orderBy: [{productId: ASC}]) { quantity price product { stock } } } } }",
            )
            .await;

        let order = &ordered["createOrder"]["order"];
        assert_eq!(
            (&order["status"], &order["note"]),
            (&json!("pending"), &json!("Ring twice.")),
            "{}: {ordered}",
            shop.engine
        );
        assert_eq!(cents(&order["total"]), first + second);
        let left = before[0]["stock"].as_i64().expect("a number") - 2;
        assert_eq!(
            order["orderItems"][0],
            json!({"quantity": 2, "price": before[0]["price"], "product": {"stock": left}})
        );
        assert_eq!(
            customer.data("shopping_cart", "{ myCart { count total } }").await["myCart"]["count"],
            0
        );

        let id = order["id"].as_str().expect("an id").to_owned();
        let newest = customer
            .data(
                "order_management",
                "{ myOrders(limit: 1) { id } orders(limit: 100) { userId } }",
            )
            .await;
        assert_eq!(newest["myOrders"], json!([{ "id": id }]), "{}", shop.engine);
        assert!(
            newest["orders"]
                .as_array()
                .expect("orders")
                .iter()
                .all(|order| order["userId"] == "4"),
            "{newest}"
        );

        // Another customer cannot see the order through any query.
        let other = shop.sign_in("user3").await;
        let hidden = other
            .data(
                "order_management",
                &format!("{{ order(id: {id}) {{ id }} orderItems(filters: {{orderId: {{eq: {id}}}}}) {{ id }} }}"),
            )
            .await;
        assert_eq!(hidden, json!({"order": null, "orderItems": []}), "{}", shop.engine);

        let cancel = format!("mutation {{ cancelOrder(id: {id}) {{ success errors {{ code }} order {{ status }} }} }}");
        let refused = other.data("order_management", &cancel).await;
        assert_eq!(
            refused["cancelOrder"],
            json!({"success": false, "errors": [{"code": "NOT_FOUND"}], "order": null})
        );

        let cancelled = customer.data("order_management", &cancel).await;
        let order = json!({"status": "cancelled"});
        assert_eq!(
            cancelled["cancelOrder"],
            json!({"success": true, "errors": [], "order": order}),
            "{}",
            shop.engine
        );

        let twice = customer.data("order_management", &cancel).await;
        assert_eq!(
            twice["cancelOrder"]["errors"],
            json!([{"code": "CHECK"}]),
            "{}",
            shop.engine
        );

        assert_eq!(
            visitor.data("product_catalog", stock).await["products"],
            before,
            "{}",
            shop.engine
        );
        assert_eq!(
            refusal(&customer, "order_management", "{ allOrders { id } }").await,
            "FORBIDDEN"
        );
        assert_eq!(
            refusal(&customer, "admin_schema", "{ orders { id } }").await,
            "REQUEST_REFUSED"
        );

        let staff = shop.sign_in("user1").await;
        let all = staff
            .data(
                "order_management",
                "{ allOrders(status: \"cancelled\", limit: 1) { id } }",
            )
            .await;
        assert_eq!(all["allOrders"], json!([{ "id": id }]), "{}", shop.engine);
        let everything = staff
            .data("admin_schema", &format!("{{ order(id: {id}) {{ user {{ username cart {{ id }} }} orderItems {{ product {{ averageRating }} }} }} }}"))
            .await;
        assert_eq!(everything["order"]["user"]["username"], "user4", "{}", shop.engine);
    }
}

//! Tests from signing up to cancelling an order, and what each viewer may see.

use serde_json::{Value, json};

use super::server::{Client, shop, shops};

/// Sends a request that must be refused; returns the error code.
pub(super) async fn refusal(client: &Client, schema: &str, query: &str) -> String {
    let answer = client.ask(schema, query).await;
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("{query}: {answer}"))
        .to_owned()
}

#[tokio::test]
async fn people_sign_up_and_in_and_see_themselves() {
    for shop in shops("story_accounts").await {
        let visitor = shop.anonymous();
        assert_eq!(visitor.data("user_schema", "{ me { id } }").await["me"], Value::Null);
        assert_eq!(
            refusal(&visitor, "user_schema", "{ users { id } }").await,
            "AUTHENTICATION_REQUIRED"
        );

        let sign_up = |name: &str, email: &str, password: &str| {
            format!(
                "mutation {{ createUser(input: {{username: \"{name}\", email: \"{email}\", password: \"{password}\"}}) {{
                   success errors {{ field code }} user {{ username role }} }} }}"
            )
        };

        let made = visitor
            .data("user_schema", &sign_up("eve", "eve@example.com", "long enough"))
            .await;
        let user = json!({"username": "eve", "role": "customer"});
        assert_eq!(
            made["createUser"],
            json!({"success": true, "errors": [], "user": user}),
            "{}",
            shop.engine
        );

        for (name, password, field, code) in [
            ("eve", "long enough", "input.username", "UNIQUE"),
            ("ev", "long enough", "input.username", "INVALID"),
            ("mallory", "short", "input.password", "INVALID"),
        ] {
            let refused = visitor
                .data("user_schema", &sign_up(name, "other@example.com", password))
                .await;
            assert_eq!(
                refused["createUser"]["errors"],
                json!([{"field": field, "code": code}]),
                "{}",
                shop.engine
            );
            assert_eq!(refused["createUser"]["user"], Value::Null);
        }

        for (name, password) in [("eve", "wrong password"), ("nobody", "long enough")] {
            let query = format!(
                "mutation {{ login(username: \"{name}\", password: \"{password}\") {{ success token errors {{ message }} }} }}"
            );
            let refused = visitor.data("user_schema", &query).await;
            let errors = json!([{"message": "wrong user name or password"}]);
            assert_eq!(
                refused["login"],
                json!({"success": false, "token": null, "errors": errors}),
                "{}",
                shop.engine
            );
        }

        let eve = visitor.sign_in("eve", "long enough").await;
        let own = eve
            .data(
                "user_schema",
                "{ me { username email } users { username } viewer { roles isStaff } }",
            )
            .await;
        assert_eq!(
            own["me"],
            json!({"username": "eve", "email": "eve@example.com"}),
            "{}",
            shop.engine
        );
        assert_eq!(own["users"], json!([{"username": "eve"}]));
        assert_eq!(own["viewer"], json!({"roles": ["customer"], "isStaff": false}));

        // Users cannot make themselves staff.
        let id = eve.data("user_schema", "{ me { id } }").await["me"]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let rise =
            format!("mutation {{ updateUser(id: {id}, input: {{role: staff}}) {{ success errors {{ code }} }} }}");
        assert_eq!(
            eve.data("user_schema", &rise).await["updateUser"]["errors"],
            json!([{"code": "FORBIDDEN"}])
        );

        let other = "mutation { updateUser(id: 2, input: {fullName: \"x\"}) { success errors { code } } }";
        assert_eq!(
            eve.data("user_schema", other).await["updateUser"]["errors"],
            json!([{"code": "NOT_FOUND"}])
        );

        let rename =
            format!("mutation {{ updateUser(id: {id}, input: {{fullName: \"Eve E.\"}}) {{ user {{ fullName }} }} }}");
        assert_eq!(
            eve.data("user_schema", &rename).await["updateUser"]["user"]["fullName"],
            "Eve E."
        );

        assert_eq!(
            refusal(&eve, "user_schema", "{ newestUsers { id } }").await,
            "FORBIDDEN"
        );

        let staff = shop.sign_in("user1").await;
        let all = staff
            .data(
                "user_schema",
                "{ usersAggregate { count } newestUsers(limit: 1) { username } }",
            )
            .await;
        assert_eq!(all["usersAggregate"]["count"], 51, "{}", shop.engine);

        // A table that no schema serves does not exist, not even for staff.
        let code = refusal(&staff, "admin_schema", "{ credentials { passwordHash } }").await;
        assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{}", shop.engine);
    }
}

#[tokio::test]
async fn visitors_browse_and_customers_review() {
    for shop in shops("story_catalog").await {
        let visitor = shop.anonymous();
        let found = visitor
            .data(
                "product_catalog",
                "{ findProducts(search: \"LAMP\", minPrice: \"50\", maxPrice: \"200.00\", limit: 50) { name price }
                   featuredProducts(limit: 3) { isFeatured }
                   categoryTree { name parent { id } categories { name products(limit: 1) { name } } } }",
            )
            .await;

        let lamps = found["findProducts"].as_array().expect("a list");
        assert!(lamps.len() > 1, "{}: {found}", shop.engine);
        let prices: Vec<f64> = lamps
            .iter()
            .map(|lamp| lamp["price"].as_str().expect("a price").parse().expect("one"))
            .collect();
        assert!(
            prices.is_sorted() && prices.iter().all(|price| (50.0..=200.0).contains(price)),
            "{found}"
        );
        assert!(
            lamps
                .iter()
                .all(|lamp| lamp["name"].as_str().is_some_and(|name| name.contains("Lamp"))),
            "{found}"
        );

        assert!(
            found["categoryTree"].as_array().is_some_and(|tree| tree.len() == 4),
            "{found}"
        );

        let query = "{ product(id: 7) { averageRating reviewCount reviewsAggregate { count avg { rating } } } }";
        let before = visitor.data("product_catalog", query).await["product"].clone();
        assert_eq!(
            before["reviewCount"].to_string().trim_matches('"'),
            before["reviewsAggregate"]["count"].to_string()
        );
        assert_eq!(
            before["averageRating"], before["reviewsAggregate"]["avg"]["rating"],
            "{}",
            shop.engine
        );

        let review = "mutation { addReview(productId: 7, rating: 5, body: \"Fine.\") {
            success errors { field code } review { rating body authorName product { id } } } }";
        assert_eq!(
            refusal(&visitor, "product_catalog", review).await,
            "AUTHENTICATION_REQUIRED"
        );

        let new = visitor.data("user_schema", "mutation { createUser(input: {username: \"eve\", email: \"e@x\", password: \"long enough\"}) { success } }").await;
        assert_eq!(new["createUser"]["success"], true);
        let eve = visitor.sign_in("eve", "long enough").await;
        let made = eve.data("product_catalog", review).await;
        let shown = json!({"rating": 5, "body": "Fine.", "authorName": "eve", "product": {"id": "7"}});
        assert_eq!(
            made["addReview"],
            json!({"success": true, "errors": [], "review": shown}),
            "{}",
            shop.engine
        );

        let again = eve.data("product_catalog", review).await;
        assert_eq!(
            again["addReview"]["errors"][0]["code"], "UNIQUE",
            "{}: {again}",
            shop.engine
        );

        let wild = eve
            .data("product_catalog", &review.replace("rating: 5", "rating: 6"))
            .await;
        assert_eq!(
            wild["addReview"]["errors"],
            json!([{"field": "rating", "code": "INVALID"}])
        );

        let nowhere = eve
            .data("product_catalog", &review.replace("productId: 7", "productId: 70000"))
            .await;
        // SQLite does not tell which foreign key failed.
        let field = if shop.engine == tests::Engine::Sqlite {
            Value::Null
        } else {
            json!("productId")
        };
        assert_eq!(
            nowhere["addReview"]["errors"],
            json!([{"field": field, "code": "FOREIGN_KEY"}]),
            "{}",
            shop.engine
        );

        // The new review invalidated the visitor's cached answer.
        let after = visitor.data("product_catalog", query).await["product"].clone();
        assert_eq!(
            after["reviewsAggregate"]["count"].as_i64(),
            before["reviewsAggregate"]["count"].as_i64().map(|count| count + 1)
        );
        assert_eq!(
            after["reviewCount"].to_string().trim_matches('"'),
            after["reviewsAggregate"]["count"].to_string()
        );

        let value = "{ product(id: 7) { stockValue } }";
        assert_eq!(
            refusal(&eve, "product_catalog", value).await,
            "FORBIDDEN",
            "{}",
            shop.engine
        );

        // Only staff may use the generated mutations.
        let create = "mutation { createProduct(input: {name: \"Mug\", sku: \"MUG-1\", price: \"9.90\", category: {connect: {id: 1}}}) {
            success product { sku price stock } } }";
        assert_eq!(refusal(&eve, "product_catalog", create).await, "FORBIDDEN");

        let staff = shop.sign_in("user1").await;
        let made = staff.data("product_catalog", create).await;
        let value = staff
            .data("product_catalog", "{ product(id: 7) { price stock stockValue } }")
            .await["product"]
            .clone();
        assert!(value["stockValue"].is_string(), "{}: {value}", shop.engine);
        let mug = json!({"sku": "MUG-1", "price": "9.90", "stock": 0});
        assert_eq!(
            made["createProduct"],
            json!({"success": true, "product": mug}),
            "{}",
            shop.engine
        );
    }
}

#[tokio::test]
async fn schemas_carry_their_settings_and_tags() {
    let Some(shop) = super::server::shop(tests::Engine::Sqlite, "story_settings").await else {
        return;
    };
    let list: Value = reqwest::get(format!("{}/api/v1/schemas/", shop.base))
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(list["data"]["count"], 5);

    for (name, tag) in [
        ("user_schema", "accounts"),
        ("product_catalog", "catalogue"),
        ("shopping_cart", "session"),
        ("order_management", "commerce"),
        ("admin_schema", "internal"),
    ] {
        let info = reqwest::get(format!("{}/api/v1/schemas/{name}/", shop.base))
            .await
            .expect("an answer");
        let info: Value = info.json().await.expect("JSON");
        assert_eq!(info["data"]["settings"]["tags"], json!([tag]), "{info}");
    }

    // The catalogue's answers are cached.
    let visitor = shop.anonymous();
    for _ in 0..3 {
        visitor.data("product_catalog", "{ products(limit: 1) { name } }").await;
    }

    let figures: Value = reqwest::get(format!("{}/api/v1/metrics/", shop.base))
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let names = figures["data"]["plugin_metrics"]["plugin_names"].to_string();
    assert!(
        ["validation", "caching", "metrics"]
            .iter()
            .all(|name| names.contains(name)),
        "{figures}"
    );
    assert!(
        figures["data"]["plugin_metrics"]["plugins"]["caching"]["hits"]
            .as_u64()
            .is_some_and(|hits| hits >= 2),
        "{figures}"
    );

    let metrics = reqwest::get(format!("{}/metrics", shop.base))
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(metrics.contains("product_catalog"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_words_that_are_none_are_the_clients_mistakes() {
    let shop = shop(tests::Engine::Sqlite, "mistakes")
        .await
        .expect("SQLite needs no server");
    let client = shop.sign_in("user3").await;
    for (schema, query) in [
        (
            "shopping_cart",
            "mutation { addToCart(productId: \"x\", quantity: 1) { success } }",
        ),
        ("product_catalog", "{ findProducts(category: \"x\") { id } }"),
        ("order_management", "mutation { cancelOrder(id: \"x\") { success } }"),
    ] {
        assert_eq!(refusal(&client, schema, query).await, "BAD_USER_INPUT", "{query}");
    }
}

//! Schemas that the linker gathered, and those that the program registers.

use meta::{App, Table, linked_apps};
use runtime::RegistryError;
use runtime::testing::linked_registrations;
use runtime::{Database, Registry, SchemaDefinition};
use tests::{Engine, shop};

#[test]
fn generated_and_hand_written_schemas_are_linked() {
    let linked = linked_registrations()
        .into_iter()
        .filter(|definition| definition.auto_discover);
    let names: Vec<String> = linked.map(|definition| definition.name).collect();
    assert_eq!(names, ["orders", "products", "shop", "users"]);
}

async fn registry() -> Registry {
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    Registry::discover(Database::connect(&shop.url, 2).await.expect("the shop")).expect("the schemas")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_refused_with_the_reason_and_the_place() {
    let registry = registry().await;
    let refused = |definition| registry.register(definition).expect_err("a refusal").to_string();
    assert_eq!(
        refused(SchemaDefinition::new("users").location("here")),
        format!(
            "the schema `users` is defined twice: at {} and at here; give one of them another name",
            registry
                .find("users")
                .map(|_| users_location())
                .expect("it is registered")
        )
    );
    assert!(refused(SchemaDefinition::new("a b")).contains("`a b` is not a valid schema name"));
    assert!(refused(SchemaDefinition::new("x").version("1")).contains("`1` is not a semantic version"));
    let unknown = refused(SchemaDefinition::new("x").apps(["user"]));
    assert!(
        unknown.contains("no app `user`; it carries: orders, products, users"),
        "{unknown}"
    );
    assert!(refused(SchemaDefinition::new("x").models(["Nope"])).contains("no model `Nope`"));
    assert!(refused(SchemaDefinition::new("x")).contains("no query field"));
    assert!(
        refused(
            SchemaDefinition::new("x")
                .apps(["users"])
                .setting("max_page_size", "many")
        )
        .contains("the setting `max_page_size` must be a whole number from 1, not `many`")
    );
    assert_eq!(
        refused(
            SchemaDefinition::new("x")
                .apps(["users"])
                .setting("enable_subscriptions", true)
        ),
        "schema `x`: the setting `enable_subscriptions` must be false (subscriptions are not supported), not `true`"
    );
    let clash = SchemaDefinition::new("x").apps(["products"]).query(Clash);
    assert!(refused(clash).contains("the field `products` comes from both"));
    assert_eq!(registry.schemas().len(), 4);
}

/// An app of another crate: the same name or tables, and rules of its own.
fn another(name: &'static str, tables: &'static [&'static Table]) -> &'static App {
    Box::leak(Box::new(App {
        name,
        module: "another_crate::generated",
        tables,
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_apps_of_one_name_are_refused_with_both_places() {
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let database = Database::connect(&shop.url, 2).await.expect("the shop");
    let users = linked_apps()
        .into_iter()
        .find(|app| app.name == "users")
        .expect("the app `users`");

    // In either order, whether a schema names the app or not, at the start and later.
    for apps in [vec![users, another("users", &[])], vec![another("users", &[]), users]] {
        let registry = Registry::with_apps(database.clone(), apps);
        let errors = registry.register_linked().expect_err("two apps `users`");
        let [error] = errors.as_slice() else {
            panic!("one error: {errors:?}")
        };
        let message = error.to_string();
        assert!(matches!(error, RegistryError::DuplicateApp { .. }), "{message}");
        assert!(
            message.contains("two apps named `users`") && message.contains("`another_crate::generated`"),
            "{message}"
        );
        assert!(
            message.contains(users.module) && message.contains("codegen.toml"),
            "{message}"
        );
        assert!(registry.schemas().is_empty());

        let error = registry
            .register(SchemaDefinition::new("x").apps(["users"]))
            .expect_err("two apps `users`");
        assert!(matches!(error, RegistryError::DuplicateApp { .. }), "{error}");
    }

    // One type in apps of different names: the name alone does not say whose rules hold.
    let products = linked_apps()
        .into_iter()
        .find(|app| app.name == "products")
        .expect("the app `products`");
    let registry = Registry::with_apps(database, vec![another("goods", products.tables), products]);
    let error = registry
        .register(SchemaDefinition::new("x").models(["Product"]))
        .expect_err("two models `Product`");
    assert_eq!(
        error.to_string(),
        "schema `x`: several apps have a model `Product`; name one of `goods.Product`, `products.Product`"
    );
    assert!(!registry.expose("Product") && registry.expose("goods.Product"));
    registry
        .register(SchemaDefinition::new("y").models(["products.Product"]))
        .expect("one of them");

    // What is left out is left out of all of them.
    let rest = SchemaDefinition::new("z").apps(["goods"]).exclude_models(["Product"]);
    let served = registry.register(rest).expect("the other tables").info.served.clone();
    assert!(
        !served.is_empty() && !served.contains(&"Product".to_owned()),
        "{served:?}"
    );
}

fn users_location() -> String {
    linked_registrations()
        .into_iter()
        .find(|found| found.name == "users")
        .expect("it is linked")
        .location
}

#[derive(Clone)]
struct Clash;

#[async_graphql::Object]
impl Clash {
    async fn products(&self) -> i32 {
        1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_to_tables_left_out_disappear() {
    let registry = registry().await;
    let definition = SchemaDefinition::new("part")
        .apps(["products"])
        .models(["User"])
        .exclude_models(["Category"]);
    registry.register(definition).expect("a schema");
    let sdl = registry.find("part").expect("it").engine().sdl();
    assert!(sdl.contains("user: User!") && sdl.contains("reviews("), "{sdl}");
    assert!(!sdl.contains("Category\n") && !sdl.contains("orders("), "{sdl}");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_sizes_come_from_the_settings() {
    let registry = registry().await;
    let definition = SchemaDefinition::new("small")
        .apps(["users"])
        .setting("default_page_size", 3)
        .setting("max_page_size", 4);
    registry.register(definition).expect("a schema");
    let small = registry.find("small").expect("it");
    assert!(small.engine().sdl().contains("limit: Int = 3"));
    let ask = async |query: &str| {
        let request = runtime::testing::Request {
            query: query.into(),
            ..Default::default()
        };
        String::from_utf8(small.engine().execute(request).await.body).expect("text")
    };
    assert_eq!(
        ask("{ users { id } }").await,
        r#"{"data":{"users":[{"id":"1"},{"id":"2"},{"id":"3"}]}}"#
    );
    assert!(
        ask("{ users(limit: 5) { id } }")
            .await
            .contains("the largest page is 4 rows (setting `max_page_size`)")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_over_a_limit_are_refused_with_limit_value_and_setting() {
    let registry = registry().await;
    let definition = SchemaDefinition::new("bounded")
        .apps(["users", "products", "orders"])
        .setting("max_query_depth", 4)
        .setting("max_query_complexity", 5000);
    registry.register(definition).expect("a schema");
    let bounded = registry.find("bounded").expect("it");
    let engine = bounded.engine();
    let before = registry.database().statement_count();
    let refused = async |query: String, variables: serde_json::Value| {
        let variables = async_graphql::Variables::from_json(variables);
        let request = runtime::testing::Request {
            query,
            variables,
            ..Default::default()
        };
        let answer: serde_json::Value = serde_json::from_slice(&engine.execute(request).await.body).expect("JSON");
        answer["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
    };
    let none = serde_json::Value::Null;
    let rows = "the request could return 5050 rows, at most 5000 are allowed (setting `max_query_complexity`)";
    let query = "{ products(limit: 50) { reviews { id } } }".to_owned();
    assert!(refused(query, none.clone()).await.starts_with(rows));
    let query = "query($n: Int) { products(limit: $n) { reviews { id } } }".to_owned();
    assert!(refused(query, serde_json::json!({ "n": 50 })).await.starts_with(rows));
    let deep = "{ products { reviews { user { orders { id } } } } }".to_owned();
    assert_eq!(
        refused(deep, none.clone()).await,
        "the request is more than 4 fields deep (setting `max_query_depth`)"
    );
    let roots = (0..51)
        .map(|at| format!("r{at}: __typename"))
        .collect::<Vec<_>>()
        .join(" ");
    assert_eq!(
        refused(format!("{{ {roots} }}"), none.clone()).await,
        "the request has 51 root fields, at most 50 are allowed (`max_root_fields`)"
    );
    let aliases = (0..101).map(|at| format!("a{at}: id")).collect::<Vec<_>>().join(" ");
    assert_eq!(
        refused(format!("{{ users {{ {aliases} }} }}"), none.clone()).await,
        "the request has more than 100 aliases (`max_aliases`)"
    );
    let users = "users { id username email fullName role isActive createdAt orders { id userId status total note \
                 deliveryDate placedAt orderItems { id orderId productId quantity } } }";
    let wide = (0..50)
        .map(|at| format!("r{at}: {users}"))
        .collect::<Vec<_>>()
        .join(" ");
    let wide = format!("{{ {wide} }}");
    assert_eq!(
        refused(wide, none.clone()).await,
        "the request has more than 1000 fields (`max_fields`)"
    );
    let deep = "{a".repeat(5000);
    assert!(
        refused(deep, none.clone())
            .await
            .contains("levels deep, at most 100 are allowed")
    );
    let tokens = format!("{{ {} }}", "a ".repeat(10_001));
    assert!(
        refused(tokens, none.clone())
            .await
            .ends_with("tokens, at most 10000 are allowed (`max_tokens`)")
    );
    let long = format!("{{ __typename }} #{}", "x".repeat(70_000));
    assert!(
        refused(long, none)
            .await
            .ends_with("bytes, at most 65536 are allowed (`max_document`)")
    );
    assert_eq!(
        registry.database().statement_count(),
        before,
        "nothing reached the database"
    );
}

#[test]
fn duplicate_errors_name_both_places() {
    let error = RegistryError::Duplicate {
        name: "a".into(),
        first: "x.rs:1".into(),
        second: "y.rs:2".into(),
    };
    assert!(error.to_string().contains("x.rs:1") && error.to_string().contains("y.rs:2"));
}

//! Hand-written mutations: their statements are one transaction with the generated fields beside them.

use std::sync::Arc;

use async_graphql::{Context, Error, Object, Result};
use runtime::Viewer;
use runtime::testing::Request;
use runtime::{Database, Many, One, Registry, SchemaDefinition, transaction};
use runtime::{ErrorCode, WriteError};
use sample::api::orders::{Cart, CartItem, cart, cart_item};
use sample::api::products::{Product, Tag, product, tag};
use serde_json::{Value, json};
use tests::{Engine, empty_database};
use tokio::sync::Notify;

/// What the tests' mutations do.
struct Hand {
    written: Arc<Notify>,
}

#[Object]
impl Hand {
    /// Makes tags, and answers those that are there inside the transaction.
    async fn add_tags(&self, ctx: &Context<'_>, names: Vec<String>) -> Result<Many<Tag>> {
        transaction(ctx, async |tx| {
            for name in names {
                Tag::insert().set(tag::name, name).run(&tx).await?;
            }
            Tag::find().filter(tag::id.gt(1000)).select(ctx).await
        })
        .await
    }

    /// Makes a tag and fails.
    async fn fail(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        transaction(ctx, async |tx| {
            Tag::insert().set(tag::name, "lost").run(&tx).await?;
            Err(Error::new("on purpose"))
        })
        .await
    }

    /// Makes a tag and panics.
    async fn panic(&self, ctx: &Context<'_>) -> Result<i64> {
        transaction(ctx, async |tx| {
            let tag = Tag::insert().set(tag::name, "lost").run(&tx).await?;
            assert!(tag.id < 0, "on purpose");
            Ok::<_, Error>(tag.id)
        })
        .await
    }

    /// Makes a tag and never ends.
    async fn hang(&self, ctx: &Context<'_>) -> Result<i64> {
        transaction(ctx, async |tx| {
            let tag = Tag::insert().set(tag::name, "lost").run(&tx).await?;
            self.written.notify_one();
            std::future::pending::<()>().await;
            Ok::<_, Error>(tag.id)
        })
        .await
    }

    /// A failure that is caught may be answered as data, and still nothing is kept.
    async fn swallow(&self, ctx: &Context<'_>) -> Result<String> {
        transaction(ctx, async |tx| {
            Tag::insert().set(tag::name, "lost").run(&tx).await?;
            let again = Tag::insert().set(tag::name, "lost").run(&tx).await;
            let code = match again {
                Err(WriteError::Inputs(errors)) => errors[0].code,
                other => panic!("{other:?}"),
            };
            assert_eq!(code, ErrorCode::Unique);
            Ok::<_, Error>(code.name().to_owned())
        })
        .await
    }

    /// A statement that is given up in the middle ends the transaction, whatever comes after it.
    async fn give_up(&self, ctx: &Context<'_>) -> Result<bool> {
        transaction(ctx, async |tx| {
            Tag::insert().set(tag::name, "lost").run(&tx).await?;
            let long = match tx.database().dialect().name {
                "PostgreSQL" => "SELECT pg_sleep(1)",
                "MySQL" => "SELECT SLEEP(1)",
                _ => {
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"
                }
            };
            let mut nothing = |_: &dyn runtime::Row| Ok(());
            tokio::select! {
                biased;
                _ = tx.sql(long, &[], &mut nothing) => panic!("it takes longer than that"),
                () = std::future::ready(()) => {}
            }
            let next = Tag::insert().set(tag::name, "lost too").run(&tx).await;
            Ok::<_, Error>(next.is_ok())
        })
        .await
    }

    /// A tag whose payload cannot be read back.
    async fn unreadable(&self, ctx: &Context<'_>) -> Result<Unreadable> {
        transaction(ctx, async |tx| {
            Tag::insert().set(tag::name, "kept").run(&tx).await?;
            Ok::<_, Error>(Unreadable)
        })
        .await
    }

    /// A tag whose payload runs a statement that fails.
    async fn broken(&self, ctx: &Context<'_>) -> Result<Option<Broken>> {
        transaction(ctx, async |tx| {
            Tag::insert().set(tag::name, "lost").run(&tx).await?;
            Ok::<_, Error>(Some(Broken(tx)))
        })
        .await
    }

    /// All builders, one after the other.
    async fn builders(&self, ctx: &Context<'_>) -> Result<One<Product>> {
        transaction(ctx, async |tx| {
            let key = cart::user_id;
            let cart = Cart::insert().set(cart::user_id, 49).or_update(key, &tx).await?;
            assert_eq!(
                Cart::insert().set(cart::user_id, 49).or_update(key, &tx).await?.id,
                cart.id
            );
            let items = CartItem::insert()
                .set(cart_item::cart_id, cart.id)
                .set(cart_item::product_id, 1)
                .set(cart_item::quantity, 2)
                .another()
                .set(cart_item::cart_id, cart.id)
                .set(cart_item::product_id, 2)
                .set(cart_item::quantity, 3)
                .run_all(&tx)
                .await?;
            assert_eq!(items.iter().map(|item| item.quantity).collect::<Vec<_>>(), [2, 3]);
            let own = || cart_item::cart_id.eq(cart.id);
            let changed = CartItem::update()
                .set(cart_item::quantity, 9)
                .filter(own())
                .run(&tx)
                .await?;
            assert_eq!((changed, CartItem::find().filter(own()).count(&tx).await?), (2, 2));
            assert_eq!(
                CartItem::delete()
                    .filter(own().and(cart_item::product_id.eq(2)))
                    .run(&tx)
                    .await?,
                1
            );
            let left = CartItem::find().filter(own()).for_update().all(&tx).await?;
            assert_eq!(
                left.iter()
                    .map(|item| (item.product_id, item.quantity))
                    .collect::<Vec<_>>(),
                [(1, 9)]
            );
            Product::update()
                .set_optional(product::description, None::<String>)
                .filter(product::id.eq(1))
                .run(&tx)
                .await?;
            Product::find().filter(product::id.eq(1)).select_one(ctx).await
        })
        .await
    }

    /// Stock goes from one product to another; two of these in opposite directions are a deadlock.
    async fn move_stock(&self, ctx: &Context<'_>, from: i64, to: i64) -> Result<bool> {
        transaction(ctx, async |tx| {
            for (id, by) in [(from, -1), (to, 1)] {
                let row = Product::find().filter(product::id.eq(id)).for_update().one(&tx).await?;
                let stock = row.ok_or("no such product")?.stock;
                Product::update()
                    .set(product::stock, stock + by)
                    .filter(product::id.eq(id))
                    .run(&tx)
                    .await?;
            }
            Ok::<_, Error>(true)
        })
        .await
    }
}

struct Unreadable;

#[Object]
impl Unreadable {
    async fn success(&self) -> bool {
        true
    }

    #[expect(clippy::unused_async, reason = "fields of an object are")]
    async fn note(&self) -> Result<Option<i32>> {
        Err("nothing to read".into())
    }
}

struct Broken(runtime::Tx);

#[Object]
impl Broken {
    async fn success(&self) -> bool {
        true
    }

    async fn note(&self) -> Result<Option<i32>> {
        self.0
            .sql("SELECT nothing FROM nowhere", &[], &mut |_: &dyn runtime::Row| Ok(()))
            .await?;
        Ok(None)
    }
}

/// The codes of an answer's errors.
fn codes_of(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().expect("errors");
    errors
        .iter()
        .filter_map(|error| error["extensions"]["code"].as_str())
        .collect()
}

struct Bench {
    engine: Engine,
    registry: Arc<Registry>,
    written: Arc<Notify>,
}

async fn benches(name: &str) -> Vec<Bench> {
    let mut benches = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::Mariadb] {
        let Some(url) = empty_database(engine, name).await else {
            continue;
        };
        sample::data::create(&url, 1).await.expect("the shop's rows");
        tests::execute(&url, "INSERT INTO tags (id, name) VALUES (1000, 'last')").await;
        if engine == Engine::Postgres {
            tests::execute(&url, "ALTER SEQUENCE tags_id_seq RESTART 1001").await;
        }
        let registry =
            Arc::new(Registry::discover(Database::connect(&url, 12).await.expect("the shop")).expect("schemas"));
        let written = Arc::new(Notify::new());
        let hand = Arc::clone(&written);
        let definition = SchemaDefinition::new("hand").apps(["users", "products", "orders"]);
        let definition = definition.builder(move |schema| {
            schema.mutation(Hand {
                written: Arc::clone(&hand),
            })
        });
        registry.register(definition).expect("a schema");
        benches.push(Bench {
            engine,
            registry,
            written,
        });
    }
    benches
}

impl Bench {
    async fn ask(&self, query: &str) -> Value {
        let schema = self.registry.find("hand").expect("the schema");
        let request = Request {
            query: query.into(),
            viewer: Viewer::known("1"),
            ..Request::default()
        };
        let answer = schema.engine().execute(request).await;
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    async fn tags(&self) -> Vec<String> {
        let tags = Tag::find()
            .filter(tag::id.gt(1000))
            .all(self.registry.database())
            .await
            .expect("tags");
        tags.into_iter().map(|tag| tag.name).collect()
    }
}

#[tokio::test]
async fn what_succeeds_is_kept_and_seen_inside() {
    for bench in benches("tx_kept").await {
        let answer = bench
            .ask("mutation { addTags(names: [\"x\", \"y\"]) { name productTags { productId } } }")
            .await;
        let tag = |name: &str| json!({"name": name, "productTags": []});
        assert_eq!(
            answer,
            json!({"data": {"addTags": [tag("x"), tag("y")]}}),
            "{}",
            bench.engine
        );
        assert_eq!(bench.tags().await, ["x", "y"], "{}", bench.engine);
        let answer = bench.ask("mutation { builders { id description } }").await;
        assert_eq!(
            answer,
            json!({"data": {"builders": {"id": "1", "description": null}}}),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn an_error_undoes_all_fields_of_the_operation() {
    for bench in benches("tx_error").await {
        let answer = bench.ask("mutation { addTags(names: [\"x\"]) { name } fail }").await;
        assert_eq!(
            answer["errors"][0]["message"], "on purpose",
            "{}: {answer}",
            bench.engine
        );
        assert_eq!(answer["data"], Value::Null, "{answer}");
        let undone = &answer["errors"][1];
        assert_eq!(
            (&undone["path"], &undone["extensions"]["code"]),
            (&json!(["addTags"]), &json!("ROLLED_BACK"))
        );
        assert_eq!(bench.tags().await, [""; 0], "{}", bench.engine);
        let answer = bench.ask("mutation { addTags(names: [\"x\", \"x\"]) { name } }").await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "UNIQUE",
            "{}: {answer}",
            bench.engine
        );
        let swallowed = bench.ask("mutation { swallow }").await;
        assert_eq!(swallowed, json!({"data": {"swallow": "UNIQUE"}}), "{}", bench.engine);
        assert_eq!(bench.tags().await, [""; 0], "{}", bench.engine);
        // The connections are good for others.
        let answer = bench.ask("mutation { addTags(names: [\"x\"]) { name } }").await;
        assert_eq!(
            answer,
            json!({"data": {"addTags": [{"name": "x"}]}}),
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn a_payload_says_success_only_of_what_is_kept() {
    for bench in benches("tx_payload").await {
        // A field below that fails by itself is no reason to undo what was written.
        let answer = bench.ask("mutation { unreadable { success note } }").await;
        assert_eq!(
            answer["data"]["unreadable"],
            json!({"success": true, "note": null}),
            "{}: {answer}",
            bench.engine
        );
        assert_eq!(answer["errors"][0]["path"], json!(["unreadable", "note"]));
        assert_eq!(bench.tags().await, ["kept"], "{}", bench.engine);
        // A statement that fails takes everything with it, and the answer says so.
        let answer = bench.ask("mutation { broken { success note } }").await;
        assert_eq!(answer["data"], json!({"broken": null}), "{}: {answer}", bench.engine);
        let codes = codes_of(&answer);
        assert!(codes.contains(&"ROLLED_BACK"), "{}: {answer}", bench.engine);
        assert!(!answer.to_string().contains("nowhere"), "{answer}");
        let answer = bench.ask("mutation { giveUp }").await;
        assert_ne!(answer["data"]["giveUp"], true, "{}: {answer}", bench.engine);
        for _ in 0..20 {
            // No connection is behind with its answers, or inside of a transaction.
            assert_eq!(bench.tags().await, ["kept"], "{}", bench.engine);
        }
        let answer = bench
            .ask("mutation { a: addTags(names: [\"x\", \"x\"]) { name } b: addTags(names: [\"y\"]) { name } }")
            .await;
        let codes = codes_of(&answer);
        assert!(
            codes.contains(&"UNIQUE") && !codes.contains(&"INTERNAL_SERVER_ERROR"),
            "{}: {answer}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn a_panic_and_a_client_that_is_gone_undo_everything() {
    for bench in benches("tx_gone").await {
        let bench = Arc::new(bench);
        let panicking = Arc::clone(&bench);
        let ended = tokio::spawn(async move { panicking.ask("mutation { panic }").await }).await;
        assert!(ended.is_err_and(|error| error.is_panic()), "{}", bench.engine);
        let hanging = Arc::clone(&bench);
        let client = tokio::spawn(async move { hanging.ask("mutation { hang }").await });
        bench.written.notified().await;
        client.abort();
        assert!(
            client.await.is_err_and(|error| error.is_cancelled()),
            "{}",
            bench.engine
        );
        // SQLite has one writer: that this succeeds shows that its turn came free.
        let answer = bench.ask("mutation { addTags(names: [\"kept\"]) { name } }").await;
        assert_eq!(
            answer,
            json!({"data": {"addTags": [{"name": "kept"}]}}),
            "{}",
            bench.engine
        );
        assert_eq!(bench.tags().await, ["kept"], "{}", bench.engine);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_are_in_each_others_way_are_tried_again() {
    for bench in benches("tx_deadlock").await {
        let bench = Arc::new(bench);
        let before = Product::find()
            .filter(product::id.is_in([1, 2]))
            .all(bench.registry.database())
            .await
            .expect("rows");
        let mut clients = Vec::new();
        for at in 0..8 {
            let bench = Arc::clone(&bench);
            let (from, to) = if at % 2 == 0 { (1, 2) } else { (2, 1) };
            clients.push(tokio::spawn(async move {
                bench
                    .ask(&format!("mutation {{ moveStock(from: {from}, to: {to}) }}"))
                    .await
            }));
        }
        for client in clients {
            assert_eq!(
                client.await.expect("no panic"),
                json!({"data": {"moveStock": true}}),
                "{}",
                bench.engine
            );
        }
        let after = Product::find()
            .filter(product::id.is_in([1, 2]))
            .all(bench.registry.database())
            .await
            .expect("rows");
        assert_eq!(before, after, "{}", bench.engine);
    }
}

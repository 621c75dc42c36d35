//! Hooks, plugins, and every way in.

use std::sync::{Arc, Mutex};

use async_graphql::async_trait::async_trait;
use async_graphql::{Object, SimpleObject};
use runtime::plugins::{MetricsPlugin, ValidationPlugin};
use runtime::testing::{Answer, Outcome};
use runtime::{Database, Registry, SchemaBuilder, SchemaDefinition, SchemaProvider, ServerConfig};
use runtime::{Hook, HookKind, Plugin, RegistryError, RequestContext, Verdict};
use serde_json::{Value, json};
use tests::{Engine, serve, shop};

/// A registry with nothing registered yet.
async fn empty() -> Arc<Registry> {
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    Arc::new(Registry::new(Database::connect(&shop.url, 2).await.expect("the shop")))
}

fn users(name: &str) -> SchemaDefinition {
    SchemaDefinition::new(name).apps(["users"])
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_called_in_order_and_may_change_or_refuse() {
    let registry = empty().await;
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = |text: &str| {
        let (seen, text) = (Arc::clone(&seen), text.to_owned());
        move || seen.lock().expect("no panic").push(text.clone())
    };
    let (late, early, plain, after) = (note("late"), note("early"), note("plain"), note("after"));
    registry.hooks().add(
        Hook::pre_registration("late", move |_, _| {
            late();
            Ok(())
        })
        .priority(200),
    );
    registry.hooks().add(Hook::pre_registration("plain", move |_, _| {
        plain();
        Ok(())
    }));
    let tag = move |_: &Registry, definition: &mut SchemaDefinition| {
        early();
        definition
            .settings
            .insert("tags", json!([format!("by-{}", definition.name)]));
        if definition.name.starts_with("secret") {
            return Err("secrets are not served".into());
        }
        Ok(())
    };
    registry.hooks().add(Hook::pre_registration("early", tag).priority(1));
    registry.hooks().add(Hook::post_registration("after", move |_, _| {
        after();
        Ok(())
    }));
    let registered = registry.register(users("a")).expect("a schema");
    assert_eq!(
        registered.info.settings.value("tags"),
        Some(&json!(["by-a"])),
        "a hook changed the definition"
    );
    assert_eq!(*seen.lock().expect("no panic"), ["early", "plain", "late", "after"]);
    let refused = registry.register(users("secret_x")).expect_err("a refusal");
    assert_eq!(
        refused.to_string(),
        "schema `secret_x`: `early` refuses it: secrets are not served"
    );
    assert!(registry.find("secret_x").is_none());
    assert_eq!(registry.hooks().count(HookKind::PreRegistration), 3);
    assert_eq!(registry.hooks().remove("early"), 1);
    registry
        .register(users("secret_x"))
        .expect("nobody refuses it any more");
    let names: Vec<String> = registry
        .hooks()
        .list()
        .iter()
        .map(|hook| hook.name().to_owned())
        .collect();
    assert_eq!(names, ["plain", "after", "late"]);
    // REST answers a refusal with 400.
    registry
        .hooks()
        .add(Hook::pre_registration("never", |_, _| Err("not today".into())));
    let client = serve(Arc::clone(&registry)).await;
    let (status, answer) = client
        .rest("POST", "/schemas/", Some(json!({"name": "b", "apps": ["users"]})))
        .await;
    assert_eq!(
        (status, &answer["data"]["details"]["error_code"]),
        (400, &json!("PLUGIN_REFUSED"))
    );
    assert_eq!(answer["message"], "'never' refuses the schema: not today");
}

#[tokio::test(flavor = "multi_thread")]
async fn panics_are_errors_and_a_hook_may_register_schemas() {
    let registry = empty().await;
    registry
        .hooks()
        .add(Hook::post_registration("companion", |registry, info| {
            if info.name.ends_with("_copy") {
                return Ok(());
            }
            registry
                .register(users(&format!("{}_copy", info.name)))
                .map(drop)
                .map_err(|error| error.to_string())
        }));
    registry
        .hooks()
        .add(Hook::post_registration("broken", |_, _| panic!("out of paper")));
    registry.register(users("a")).expect("what comes after changes nothing");
    assert!(registry.find("a_copy").is_some());
    assert_eq!(registry.observer().count("hook_failed"), 2, "once for each schema");
    registry
        .hooks()
        .add(Hook::pre_registration("angry", |_, _| panic!("no")));
    let refused = registry.register(users("b")).expect_err("a refusal");
    assert_eq!(refused.to_string(), "schema `b`: `angry` refuses it: it panicked: no");
    registry.hooks().remove("angry");
    let found: Arc<Mutex<Vec<String>>> = Arc::default();
    let names = Arc::clone(&found);
    registry.hooks().add(Hook::discovery("names", move |_, all| {
        names.lock().expect("no panic").extend_from_slice(all);
        Ok(())
    }));
    let run = registry.rediscover();
    assert_eq!(run.errors.len(), 0);
    assert!(found.lock().expect("no panic").contains(&"users".to_owned()));
}

/// Says no to schemas of an odd length, and answers a question of its own.
struct Picky;

#[async_trait]
impl Plugin for Picky {
    fn name(&self) -> &'static str {
        "picky"
    }

    fn priority(&self) -> i32 {
        10
    }

    fn validate_schema(&self, definition: &SchemaDefinition) -> Result<(), String> {
        if definition.name.len() % 2 == 1 {
            Err("its name is odd".into())
        } else {
            Ok(())
        }
    }

    async fn on_request(&self, context: &RequestContext<'_>) -> Verdict {
        match context.prepared.operation_name() {
            Some("Own") => Verdict::Answer(Answer {
                body: b"{\"data\":\"own\"}".to_vec(),
                outcome: Outcome::Executed,
            }),
            Some("Never") => Verdict::Refuse("never".into()),
            Some("Crash") => panic!("a secret"),
            _ => Verdict::Continue,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_refuse_answer_count_and_can_be_switched() {
    let registry = empty().await;
    registry.install(Picky).expect("a plugin");
    registry.install(MetricsPlugin::new()).expect("a plugin");
    assert_eq!(
        registry.install(Picky).expect_err("twice"),
        "plugin `picky` is installed already"
    );
    let odd = registry.register(users("odd")).expect_err("a refusal");
    assert!(
        matches!(odd, RegistryError::Refused { ref by, .. } if by == "picky"),
        "{odd}"
    );
    registry.register(users("even")).expect("a schema");
    let client = serve(Arc::clone(&registry)).await;
    let ask = async |query: &str| client.post("even", json!({ "query": query })).await.1;
    assert_eq!(ask("query Own { __typename }").await, json!({"data": "own"}));
    let refused = ask("query Never { __typename }").await;
    assert_eq!(refused["errors"][0]["message"], "never");
    assert_eq!(refused["errors"][0]["extensions"]["code"], "REQUEST_REFUSED");
    let crashed = ask("query Crash { __typename }").await;
    assert!(!crashed.to_string().contains("secret"), "{crashed}");
    assert_eq!(crashed["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert!(crashed["errors"][0]["extensions"]["requestId"].is_string(), "{crashed}");
    assert_eq!(ask("{ users(limit: 1) { id } }").await["data"]["users"][0]["id"], "1");
    assert!(registry.plugins().switch("picky", false));
    assert_eq!(
        ask("query Own { __typename }").await,
        json!({"data": {"__typename": "Query"}})
    );
    let (_, metrics) = client.rest("GET", "/metrics/", None).await;
    let plugins = &metrics["data"]["plugin_metrics"];
    assert_eq!(
        (&plugins["total_plugins"], &plugins["enabled_plugins"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(plugins["plugin_names"], json!(["picky", "metrics"]));
    assert_eq!(plugins["plugins"]["metrics"]["schemas"]["even"]["requests"], 2);
    assert_eq!(plugins["plugins"]["metrics"]["registrations"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_validation_plugin_is_configured_and_checked_at_the_start() {
    let registry = empty().await;
    let wrong = ValidationPlugin::new().require("colour");
    assert!(
        registry
            .install(wrong)
            .expect_err("a refusal")
            .starts_with("plugin `validation`: `colour` cannot be required")
    );
    let wrong = ValidationPlugin::new().version_pattern("(");
    assert!(
        registry
            .install(wrong)
            .expect_err("a refusal")
            .contains("not a regular expression")
    );
    let rules = ValidationPlugin::new()
        .require("apps")
        .version_pattern(r"\d+\.0\.0")
        .description_length(20);
    registry.install(rules).expect("a plugin");
    let refused = |definition: SchemaDefinition| registry.register(definition).expect_err("a refusal").to_string();
    assert!(refused(SchemaDefinition::new("x").models(["User"])).ends_with("`apps` is required"));
    assert!(refused(users("x").version("1.2.0")).contains("the version `1.2.0` does not match"));
    assert!(refused(users("x").description("x".repeat(21))).ends_with("the description has more than 20 characters"));
    registry
        .register(users("x").description("Short"))
        .expect("it follows the rules");
    // What is refused at the start stops it, with the name of who refused.
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let config = ServerConfig::new()
        .database_url(&shop.url)
        .plugin(ValidationPlugin::new().version_pattern("9.*"));
    let error = runtime::testing::registry(&config)
        .await
        .expect_err("no start")
        .to_string();
    assert!(error.contains("schema `shop`: `validation` refuses it"), "{error}");
    let broken = ServerConfig::new()
        .database_url(&shop.url)
        .setup(|_| Err("the weather is bad".into()));
    assert_eq!(
        runtime::testing::registry(&broken)
            .await
            .expect_err("no start")
            .to_string(),
        "the weather is bad"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_stand_around_requests() {
    let registry = empty().await;
    registry.register(users("main")).expect("a schema");
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    registry.hooks().add(Hook::pre_execute("office hours", |context| {
        match context.prepared.operation_name() {
            Some("Late") => Err("the office is closed".into()),
            _ => Ok(()),
        }
    }));
    registry.hooks().add(Hook::post_execute("log", move |context, answer| {
        let line = format!("{} {}", context.schema.name, answer.has_errors());
        log.lock().expect("no panic").push(line);
        Ok(())
    }));
    let client = serve(Arc::clone(&registry)).await;
    let late = client
        .post("main", json!({"query": "query Late { __typename }"}))
        .await
        .1;
    assert_eq!(late["errors"][0]["message"], "the office is closed");
    client.data("main", "{ users(limit: 1) { id } }").await;
    assert_eq!(*seen.lock().expect("no panic"), ["main false"]);
}

/// Roots shared by several schemas, and one of its own.
#[derive(Clone, Default)]
struct Health;

#[derive(SimpleObject)]
struct State {
    healthy: bool,
}

#[Object]
impl Health {
    async fn health(&self) -> State {
        State { healthy: true }
    }
}

#[derive(runtime::RegisteredSchema)]
#[schema(
    name = "provided",
    version = "2.1.0",
    apps("users"),
    settings(enable_graphiql = false),
    auto_discover = false,
    provider
)]
struct Provided;

impl SchemaProvider for Provided {
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        Ok(schema.query(Health))
    }

    fn description() -> Option<String> {
        Some("Said by the type itself".into())
    }

    fn validate_configuration(definition: &SchemaDefinition) -> Result<(), String> {
        if definition.settings.value("tags").is_some() {
            Err("it takes no tags".into())
        } else {
            Ok(())
        }
    }
}

#[runtime::register_schema(name = "from_function", version = "0.3.0", models("Tag"), auto_discover = false)]
fn from_function(schema: SchemaBuilder) -> SchemaBuilder {
    schema.query(Health)
}

fn linked(name: &str) -> SchemaDefinition {
    let mut all = runtime::testing::linked_registrations().into_iter();
    all.find(|definition| definition.name == name).expect("it is linked")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_ends_in_the_same_place() {
    let registry = empty().await;
    let provided = registry.register(linked("provided")).expect("a schema");
    assert_eq!(provided.info.description, "Said by the type itself");
    assert_eq!(
        (provided.info.version.to_string().as_str(), provided.effective.graphiql),
        ("2.1.0", false)
    );
    registry.remove("provided").expect("it was there");
    let refused = registry
        .register(linked("provided").setting("tags", json!(["x"])))
        .expect_err("a refusal");
    assert_eq!(
        refused.to_string(),
        "schema `provided`: `its own check` refuses it: it takes no tags"
    );
    registry.register(linked("provided")).expect("a schema");
    registry.register(linked("from_function")).expect("a schema");
    registry
        .register(users("by_hand").builder(|schema| schema.query(Health)))
        .expect("a schema");
    let client = serve(Arc::clone(&registry)).await;
    for (schema, own) in [("provided", "users"), ("from_function", "tags"), ("by_hand", "users")] {
        let data = client
            .data(schema, &format!("{{ health {{ healthy }} {own}(limit: 1) {{ id }} }}"))
            .await;
        assert_eq!(
            data,
            json!({"health": {"healthy": true}, own: [{"id": "1"}]}),
            "{schema}"
        );
    }
    // Roots that several schemas share, over tables that they share.
    for name in ["one", "two"] {
        let shared = users(name).builder(|schema| schema.query(runtime::Base::new("4.5.6")));
        registry.register(shared).expect("a schema");
        let data = client
            .data(name, "{ health version viewer { id isStaff } users(limit: 1) { id } }")
            .await;
        let viewer = json!({"id": null, "isStaff": false});
        assert_eq!(
            data,
            json!({"health": "ok", "version": "4.5.6", "viewer": viewer, "users": [{"id": "1"}]})
        );
    }
    let twice = users("twice").builder(|schema| schema.query(Health).query(Health));
    let clash = registry.register(twice).expect_err("a clash").to_string();
    assert!(
        clash.contains("the field `health` comes from both") && clash.contains("hooks::Health"),
        "{clash}"
    );
    // What discovery is told to leave alone, it leaves alone.
    registry.remove("provided").expect("it was there");
    assert!(!registry.rediscover().found.contains(&"provided".to_owned()));
    let error: Value = client.post("provided", json!({"query": "{ __typename }"})).await.1;
    assert_eq!(error["errors"][0]["extensions"]["code"], "SCHEMA_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_and_plugins_are_called_around_a_request_by_their_priorities() {
    let registry = empty().await;
    registry.register(users("even")).expect("a schema");
    registry.install(Picky).expect("a plugin");

    let calls = Arc::new(Mutex::new(Vec::new()));
    for (name, priority) in [("late", 200), ("early", 1)] {
        let calls = Arc::clone(&calls);
        let hook = Hook::pre_execute(name, move |_| {
            calls.lock().expect("no panic").push(name);
            Ok(())
        });
        registry.hooks().add(hook.priority(priority));
    }

    // The plugin, at 10, answers before the later hook is called.
    let client = serve(Arc::clone(&registry)).await;
    let own = client
        .post("even", json!({"query": "query Own { __typename }"}))
        .await
        .1;
    assert_eq!(own, json!({"data": "own"}));
    assert_eq!(*calls.lock().expect("no panic"), ["early"]);

    client.post("even", json!({"query": "{ __typename }"})).await;
    assert_eq!(*calls.lock().expect("no panic"), ["early", "early", "late"]);
}

//! Plugins and hooks: what happens around schemas and requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use runtime::Hook;
use runtime::ServerConfig;
use runtime::plugins::{CachingPlugin, MetricsPlugin, ValidationPlugin};
use serde_json::json;

/// The plugins of the shop, and its hooks: schemas are tagged by their names, the operator is told of each, staff's
/// schema is closed to others, and orders are counted. Answers are kept for the schemas whose settings say so.
pub fn install(config: ServerConfig) -> ServerConfig {
    let plugins = config
        .plugin(ValidationPlugin::new())
        .plugin(CachingPlugin::new())
        .plugin(MetricsPlugin::new());
    plugins.setup(|registry| {
        registry.hooks().add(
            Hook::pre_registration("tag_by_name", |_, definition| {
                let tags = tags_of(&definition.name);
                definition.settings.insert("tags", json!(tags));
                Ok(())
            })
            .priority(10),
        );
        registry.hooks().add(Hook::post_registration("notify", |_, info| {
            tracing::info!(schema = info.name, version = %info.version, "a schema is registered");
            Ok(())
        }));
        registry.hooks().add(Hook::pre_execute("staff_only", |context| {
            if context.schema.name == "admin_schema" && !context.viewer.is_staff {
                return Err("This schema is for staff".into());
            }
            Ok(())
        }));
        let orders = OrderCounter::default();
        registry
            .hooks()
            .add(Hook::post_execute("count_orders", move |context, answer| {
                if context.schema.name == "order_management" && !context.prepared.is_query() && !answer.has_errors() {
                    orders.count(context.prepared.operation_name().unwrap_or("unnamed"));
                }
                Ok(())
            }));
        Ok(())
    })
}

/// Words that a schema is found by.
fn tags_of(name: &str) -> Vec<&'static str> {
    let known = [
        ("user", "accounts"),
        ("product", "catalogue"),
        ("cart", "session"),
        ("order", "commerce"),
        ("admin", "internal"),
    ];
    known
        .iter()
        .filter(|(part, _)| name.contains(part))
        .map(|(_, tag)| *tag)
        .collect()
}

/// How many changes of orders there were, by the operation's name.
#[derive(Clone, Default)]
struct OrderCounter(Arc<Mutex<BTreeMap<String, u64>>>);

impl OrderCounter {
    fn count(&self, operation: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(operation.to_owned()).or_default();
        *count += 1;
        tracing::info!(operation, count, "an order was changed");
    }
}

//! Plugins and hooks, which run around registrations and requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use runtime::Hook;
use runtime::ServerConfig;
use runtime::plugins::{CachingPlugin, MetricsPlugin, ValidationPlugin};
use serde_json::json;

/// Installs the shop's plugins and hooks. The hooks tag schemas by name, log each registered schema, close the admin
/// schema to everybody except staff, and count changes of orders. The caching plugin caches the answers of schemas that
/// enable it in their settings.
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
            tracing::info!(schema = info.name, version = %info.version, "schema registered");
            Ok(())
        }));

        registry.hooks().add(Hook::pre_execute("staff_only", |context| {
            if context.schema.name == "admin_schema" && !context.viewer.is_staff {
                return Err("this schema is for staff only".into());
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

/// Returns the tags of a schema, which follow from its name.
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

/// Counts changes of orders by operation name.
#[derive(Clone, Default)]
struct OrderCounter(Arc<Mutex<BTreeMap<String, u64>>>);

impl OrderCounter {
    fn count(&self, operation: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(operation.to_owned()).or_default();
        *count += 1;
        tracing::info!(operation, count, "order changed");
    }
}

//! Plugins: sets of hooks with a name, a version and a switch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use async_graphql::async_trait::async_trait;

use super::hooks::{DEFAULT_PRIORITY, RequestContext};
use super::{Registry, SchemaDefinition, SchemaInfo};
use crate::graphql::Answer;

/// Something that takes part in the life of schemas and requests. Every method but the name has a default.
#[async_trait]
pub trait Plugin: Send + Sync + 'static {
    /// Its name, unique in a program.
    fn name(&self) -> &str;

    /// Its version.
    #[expect(
        clippy::unnecessary_literal_bound,
        reason = "another plugin's version may be its own text"
    )]
    fn version(&self) -> &str {
        "1.0.0"
    }

    /// Its priority among hooks and plugins; lower is earlier.
    fn priority(&self) -> i32 {
        DEFAULT_PRIORITY
    }

    /// Checks its configuration when it is installed; an error stops the program's start.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Before a registration: may change the definition, or refuse it with a reason.
    fn on_pre_registration(&self, registry: &Registry, definition: &mut SchemaDefinition) -> Result<(), String> {
        let _ = (registry, definition);
        Ok(())
    }

    /// Checks a definition after all hooks and plugins have changed it; may refuse it with a reason.
    fn validate_schema(&self, definition: &SchemaDefinition) -> Result<(), String> {
        let _ = definition;
        Ok(())
    }

    /// After a registration, a change or a removal of the schema of that name.
    fn on_post_registration(&self, registry: &Registry, schema: &SchemaInfo) -> Result<(), String> {
        let _ = (registry, schema);
        Ok(())
    }

    /// After discovery, with the names that it found.
    fn on_schema_discovery(&self, registry: &Registry, names: &[String]) -> Result<(), String> {
        let _ = (registry, names);
        Ok(())
    }

    /// Before a request is executed: lets it go on, answers it instead, or refuses it.
    async fn on_request(&self, context: &RequestContext<'_>) -> Verdict {
        let _ = context;
        Verdict::Continue
    }

    /// After a request was executed; not for one that a plugin answered.
    async fn on_response(&self, context: &RequestContext<'_>, answer: &Answer) -> Result<(), String> {
        let _ = (context, answer);
        Ok(())
    }

    /// Returns its counters, for the REST API.
    fn metrics(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}

/// A plugin's decision on a request.
#[derive(Debug)]
pub enum Verdict {
    /// The request goes on.
    Continue,
    /// The request has this answer, and is not executed.
    Answer(Answer),
    /// The request is refused, with a reason that is shown to the client.
    Refuse(String),
}

/// The plugins of a registry, in the order of their priorities.
#[derive(Default)]
pub struct Plugins(ArcSwap<Vec<Installed>>);

/// A plugin and its switch.
#[derive(Clone)]
pub struct Installed {
    /// The plugin.
    pub plugin: Arc<dyn Plugin>,
    enabled: Arc<AtomicBool>,
}

impl Installed {
    /// Whether it is switched on.
    pub fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Plugins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.load().iter().map(|installed| installed.plugin.name().to_owned()))
            .finish()
    }
}

impl Plugins {
    /// Checks and adds a plugin. A plugin of the same name is an error.
    pub fn install(&self, plugin: Arc<dyn Plugin>) -> Result<(), String> {
        plugin
            .check()
            .map_err(|reason| format!("plugin `{}`: {reason}", plugin.name()))?;

        if self.0.load().iter().any(|known| known.plugin.name() == plugin.name()) {
            return Err(format!("plugin `{}` is installed already", plugin.name()));
        }

        let added = Installed {
            plugin,
            enabled: Arc::new(AtomicBool::new(true)),
        };

        self.0.rcu(|plugins| {
            let mut plugins = (**plugins).clone();
            let at = plugins.partition_point(|known| known.plugin.priority() <= added.plugin.priority());
            plugins.insert(at, added.clone());
            plugins
        });
        Ok(())
    }

    /// Switches a plugin on or off, and returns whether there is one of that name.
    pub fn switch(&self, name: &str, on: bool) -> bool {
        let plugins = self.0.load();
        let found = plugins.iter().find(|known| known.plugin.name() == name);
        if let Some(installed) = found {
            installed.enabled.store(on, Ordering::Relaxed);
        }
        found.is_some()
    }

    /// Returns all plugins, in order.
    pub fn list(&self) -> Arc<Vec<Installed>> {
        self.0.load_full()
    }

    /// Returns the plugins that are switched on, in order.
    pub fn active(&self) -> Vec<Arc<dyn Plugin>> {
        let plugins = self.0.load();
        plugins
            .iter()
            .filter(|known| known.is_enabled())
            .map(|known| Arc::clone(&known.plugin))
            .collect()
    }
}

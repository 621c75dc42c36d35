//! The registered schemas: readers take an immutable list, and a change replaces it by a new one.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;

use super::build::{Built, ExposedTables, Registered, build, find};
use super::{Hooks, Origin, Plugin, Plugins, RegistryError, SchemaDefinition, SchemaInfo};
use crate::cache::{AnswerCache, MemoryCache};
use crate::graphql::SharedData;
use crate::observe::{Event, Observer};
use meta::{App, linked_apps};
use rows::execute::Database;

/// The default size of the cache in memory, in bytes.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// The schemas of a program over one database.
#[derive(Debug)]
pub struct Registry {
    database: Database,
    apps: Vec<&'static App>,
    schemas: ArcSwap<Vec<Arc<Registered>>>,
    writer: Mutex<()>,
    revision: AtomicU64,
    pub(super) last_discovery: ArcSwap<Option<SystemTime>>,
    hooks: Hooks,
    plugins: Plugins,
    observer: Observer,
    cache: ArcSwap<Arc<dyn AnswerCache>>,
    shared: Mutex<Vec<SharedData>>,
    exposed: ExposedTables,
}

impl Registry {
    /// Returns an empty registry with the apps that the linker gathered.
    pub fn new(database: Database) -> Self {
        Self::with_apps(database, linked_apps())
    }

    /// Returns an empty registry with these apps.
    pub fn with_apps(database: Database, apps: Vec<&'static App>) -> Self {
        let cache: Arc<dyn AnswerCache> = Arc::new(MemoryCache::new(CACHE_BYTES));
        Self {
            database,
            apps,
            schemas: ArcSwap::default(),
            writer: Mutex::new(()),
            revision: AtomicU64::new(0),
            last_discovery: ArcSwap::default(),
            hooks: Hooks::default(),
            plugins: Plugins::default(),
            observer: Observer::default(),
            cache: ArcSwap::from_pointee(cache),
            shared: Mutex::default(),
            exposed: ExposedTables::default(),
        }
    }

    /// Adds a value that the hand-written code of every schema registered from now on finds in its context.
    pub fn share<D: Any + Clone + Send + Sync>(&self, value: D) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.push(SharedData::new(move |_| value.clone()));
    }

    /// Registers a schema; it is served from the next request on.
    pub fn register(&self, definition: SchemaDefinition) -> Result<Arc<Registered>, RegistryError> {
        self.add(definition, Origin::Manual)
    }

    /// Registers a schema from REST. Apps and models that the program does not carry become warnings.
    pub fn register_api(&self, definition: SchemaDefinition) -> Result<Arc<Registered>, RegistryError> {
        self.add(definition, Origin::Api)
    }

    /// Changes a schema's definition; requests under way finish with the old one. `change` may be called again if the
    /// schema is changed concurrently.
    pub fn update(&self, name: &str, change: impl Fn(&mut SchemaDefinition)) -> Result<Arc<Registered>, RegistryError> {
        loop {
            let current = self
                .find(name)
                .ok_or_else(|| RegistryError::NotFound(name.to_owned()))?;

            let mut definition = current.definition.clone();
            change(&mut definition);
            definition.name.clone_from(&current.definition.name);

            self.run_pre_registration(&mut definition)?;
            let origin = current.info.origin;
            // A changed definition comes from REST, whoever registered the schema.
            let built = build(
                &self.database,
                &self.apps,
                &self.shared,
                &self.exposed,
                &definition,
                Origin::Api,
            )?;

            let registered = self.to_registered(definition, built, origin, current.info.registered_at);
            if self.swap(&current, Some(&registered)) {
                self.observer.emit(&Event::Changed { schema: name });
                self.run_post_registration(&registered.info);
                return Ok(registered);
            }
        }
    }

    /// Allows schemas from REST to serve a table, by its GraphQL type, that none of the program's own schemas serves.
    /// Returns whether there is exactly one such table.
    pub fn expose(&self, model: &str) -> bool {
        let found = find(&self.apps, model);
        self.exposed.add(found.as_slice());
        found.is_some()
    }

    /// Enables or disables a schema.
    pub fn set_enabled(&self, name: &str, enabled: bool) -> Result<Arc<Registered>, RegistryError> {
        loop {
            let current = self
                .find(name)
                .ok_or_else(|| RegistryError::NotFound(name.to_owned()))?;

            let mut definition = current.definition.clone();
            definition.enabled = enabled;
            let mut info = current.info.clone();
            info.enabled = enabled;
            info.updated_at = SystemTime::now();
            info.revision = self.next_revision();

            let registered = Arc::new(Registered {
                info,
                engine: current.engine.clone(),
                effective: current.effective.clone(),
                meter: Arc::clone(&current.meter),
                limiter: current.limiter.clone(),
                definition,
            });

            if self.swap(&current, Some(&registered)) {
                self.observer.emit(&Event::Changed { schema: name });
                return Ok(registered);
            }
        }
    }

    /// Removes a schema.
    pub fn remove(&self, name: &str) -> Result<(), RegistryError> {
        loop {
            let current = self
                .find(name)
                .ok_or_else(|| RegistryError::NotFound(name.to_owned()))?;

            if self.swap(&current, None) {
                self.observer.emit(&Event::Removed { schema: name });
                return Ok(());
            }
        }
    }

    /// Removes all schemas, and returns how many there were.
    pub fn clear(&self) -> usize {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.schemas.swap(Arc::default());

        for schema in before.iter() {
            self.observer.emit(&Event::Removed {
                schema: &schema.info.name,
            });
        }

        before.len()
    }

    /// Returns the schemas, in the order of registration.
    pub fn schemas(&self) -> Arc<Vec<Arc<Registered>>> {
        self.schemas.load_full()
    }

    /// Returns a schema by name.
    pub fn find(&self, name: &str) -> Option<Arc<Registered>> {
        self.schemas
            .load()
            .iter()
            .find(|schema| schema.info.name == name)
            .cloned()
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Returns the apps that schemas can be made of.
    pub fn apps(&self) -> &[&'static App] {
        &self.apps
    }

    /// Returns the hooks: functions that are called at points of a schema's life.
    pub fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// The plugins.
    pub fn plugins(&self) -> &Plugins {
        &self.plugins
    }

    /// Checks and installs a plugin.
    pub fn install(&self, plugin: impl Plugin) -> Result<(), String> {
        self.plugins.install(Arc::new(plugin))
    }

    /// Returns the observer, which logs and counts every event.
    pub fn observer(&self) -> &Observer {
        &self.observer
    }

    /// Returns the cache of answers.
    pub fn cache(&self) -> Arc<dyn AnswerCache> {
        Arc::clone(&self.cache.load())
    }

    /// Replaces the cache of answers.
    pub fn set_cache(&self, cache: Arc<dyn AnswerCache>) {
        self.cache.store(Arc::new(cache));
    }

    /// Returns when discovery last ended.
    pub fn last_discovery(&self) -> Option<SystemTime> {
        **self.last_discovery.load()
    }

    pub(super) fn add(
        &self,
        mut definition: SchemaDefinition,
        origin: Origin,
    ) -> Result<Arc<Registered>, RegistryError> {
        self.check_free(&definition)?;
        self.run_pre_registration(&mut definition)?;

        let built = build(
            &self.database,
            &self.apps,
            &self.shared,
            &self.exposed,
            &definition,
            origin,
        )?;

        let registered = self.to_registered(definition, built, origin, SystemTime::now());
        {
            let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            self.check_free(&registered.definition)?;
            let mut schemas = (*self.schemas.load_full()).clone();
            schemas.push(Arc::clone(&registered));
            self.schemas.store(Arc::new(schemas));
        }

        self.observer.emit(&Event::Registered {
            schema: &registered.info.name,
            origin: origin.as_str(),
        });
        self.run_post_registration(&registered.info);

        Ok(registered)
    }

    fn check_free(&self, definition: &SchemaDefinition) -> Result<(), RegistryError> {
        match self.find(&definition.name) {
            None => Ok(()),
            Some(known) => Err(RegistryError::Duplicate {
                name: definition.name.clone(),
                first: known.definition.location.clone(),
                second: definition.location.clone(),
            }),
        }
    }

    /// Replaces `current` by `new`, or removes it if `new` is `None`. Returns `false` if it was no longer registered.
    fn swap(&self, current: &Arc<Registered>, new: Option<&Arc<Registered>>) -> bool {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut schemas = (*self.schemas.load_full()).clone();
        let Some(at) = schemas.iter().position(|known| Arc::ptr_eq(known, current)) else {
            return false;
        };

        match new {
            Some(new) => schemas[at] = Arc::clone(new),
            None => drop(schemas.remove(at)),
        }
        self.schemas.store(Arc::new(schemas));

        true
    }

    fn to_registered(
        &self,
        definition: SchemaDefinition,
        built: Built,
        origin: Origin,
        registered_at: SystemTime,
    ) -> Arc<Registered> {
        let info = SchemaInfo {
            name: definition.name.clone(),
            description: definition.description.clone(),
            version: built.version,
            apps: definition.apps.clone(),
            models: definition.models.clone(),
            served: built.served,
            exclude_models: definition.exclude_models.clone(),
            settings: definition.settings.clone(),
            auto_discover: definition.auto_discover,
            enabled: definition.enabled,
            origin,
            registered_at,
            updated_at: SystemTime::now(),
            revision: self.next_revision(),
            warnings: built.warnings,
        };

        let meter = self.observer.meter(&info.name);
        let (engine, effective, limiter) = (built.engine, built.effective, built.limiter);

        Arc::new(Registered {
            info,
            engine,
            effective,
            meter,
            limiter,
            definition,
        })
    }

    fn next_revision(&self) -> u64 {
        self.revision.fetch_add(1, Ordering::Relaxed)
    }
}

//! The registered schemas: one writer at a time, readers on an immutable snapshot.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use semver::Version;

use super::definition::{Origin, SchemaDefinition, SchemaInfo};
use super::{SettingError, linked_registrations};
use crate::execute::Database;
use crate::graphql::{ComposeError, Composition, Engine, Extension, linked_extensions, sdl};
use crate::meta::{App, Table, linked_apps};
use crate::model::{Limits, Model};

/// Why a schema was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The name is taken.
    #[error("the schema `{name}` is defined twice: at {first} and at {second}; give one of them another name")]
    Duplicate {
        /// The name.
        name: String,
        /// Where it is defined.
        first: String,
        /// Where it is defined again.
        second: String,
    },
    /// The name cannot be part of a path.
    #[error("`{0}` is no schema name; use letters, digits, `_` and `-`, at most 100")]
    Name(String),
    /// The version is not semantic.
    #[error("schema `{name}`: `{version}` is no semantic version; write it as in `1.2.3`")]
    Version {
        /// The schema.
        name: String,
        /// Its version.
        version: String,
    },
    /// An app that the program does not carry.
    #[error(
        "schema `{schema}` (at {location}): the program carries no app `{app}`; it carries: {known}. \
         If a crate defines it, name the crate: `use that_crate as _;`"
    )]
    UnknownApp {
        /// The schema.
        schema: String,
        /// Where it is defined.
        location: String,
        /// The app.
        app: String,
        /// The apps there are.
        known: String,
    },
    /// A table that the program does not carry.
    #[error("schema `{schema}` (at {location}): the program carries no model `{model}`")]
    UnknownModel {
        /// The schema.
        schema: String,
        /// Where it is defined.
        location: String,
        /// The GraphQL type.
        model: String,
    },
    /// A setting with a value of the wrong kind.
    #[error("schema `{schema}`: {source}")]
    Setting {
        /// The schema.
        schema: String,
        /// The setting.
        source: SettingError,
    },
    /// A setting that this version knows and does not act on.
    #[error(
        "schema `{schema}`: the setting `{setting}` is known but does nothing yet; \
         a schema that relied on it would be served without it"
    )]
    Unsupported {
        /// The schema.
        schema: String,
        /// The setting.
        setting: String,
    },
    /// The parts make no schema.
    #[error("schema `{schema}` (at {location}): {source}")]
    Compose {
        /// The schema.
        schema: String,
        /// Where it is defined.
        location: String,
        /// What does not fit.
        source: ComposeError,
    },
}

/// A registered schema and its engine.
#[derive(Debug)]
pub struct Registered {
    /// What lists show of it.
    pub info: SchemaInfo,
    /// What answers its requests.
    pub engine: Engine,
    /// Whether browsers get `GraphiQL`.
    pub graphiql: bool,
    location: String,
}

/// The schemas of a program over one database.
#[derive(Debug)]
pub struct Registry {
    database: Database,
    apps: Vec<&'static App>,
    schemas: ArcSwap<Vec<Arc<Registered>>>,
    writer: Mutex<()>,
}

impl Registry {
    /// An empty registry of the apps that the linker gathered.
    pub fn new(database: Database) -> Self {
        Self::with_apps(database, linked_apps())
    }

    /// An empty registry of given apps.
    pub fn with_apps(database: Database, apps: Vec<&'static App>) -> Self {
        Self { database, apps, schemas: ArcSwap::default(), writer: Mutex::new(()) }
    }

    /// A registry with every schema that the linker gathered. All that cannot be registered are named together.
    pub fn discover(database: Database) -> Result<Self, Vec<RegistryError>> {
        let registry = Self::new(database);
        let errors: Vec<RegistryError> = linked_registrations()
            .into_iter()
            .filter_map(|definition| registry.add(definition, Origin::Derive).err())
            .collect();
        if errors.is_empty() { Ok(registry) } else { Err(errors) }
    }

    /// Registers a schema; it is served from the next request on.
    pub fn register(&self, definition: SchemaDefinition) -> Result<(), RegistryError> {
        self.add(definition, Origin::Manual)
    }

    /// The schemas, in the order of registration.
    pub fn schemas(&self) -> Arc<Vec<Arc<Registered>>> {
        self.schemas.load_full()
    }

    /// A schema by name.
    pub fn find(&self, name: &str) -> Option<Arc<Registered>> {
        self.schemas.load().iter().find(|schema| schema.info.name == name).cloned()
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    fn add(&self, definition: SchemaDefinition, origin: Origin) -> Result<(), RegistryError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.schemas.load_full();
        if let Some(known) = current.iter().find(|known| known.info.name == definition.name) {
            return Err(RegistryError::Duplicate {
                name: definition.name,
                first: known.location.clone(),
                second: definition.location,
            });
        }
        let mut schemas = (*current).clone();
        schemas.push(Arc::new(self.build(definition, origin)?));
        self.schemas.store(Arc::new(schemas));
        Ok(())
    }

    fn build(&self, definition: SchemaDefinition, origin: Origin) -> Result<Registered, RegistryError> {
        let (composition, version) = compose(&self.apps, &definition)?;
        let name = &definition.name;
        let graphiql = definition
            .settings
            .switch("enable_graphiql", true)
            .map_err(|source| RegistryError::Setting { schema: name.clone(), source })?;
        let models = composition.model.entities().iter().map(|entity| entity.table.type_name.to_owned()).collect();
        let engine =
            Engine::new(&composition, self.database.clone()).map_err(|source| compose_error(&definition, source))?;
        Ok(Registered {
            engine,
            graphiql,
            location: definition.location,
            info: SchemaInfo {
                name: definition.name,
                description: definition.description,
                version,
                apps: definition.apps,
                models,
                exclude_models: definition.exclude_models,
                settings: definition.settings,
                auto_discover: definition.auto_discover,
                enabled: definition.enabled,
                origin,
                registered_at: SystemTime::now(),
            },
        })
    }
}

/// A definition's schema in the schema definition language, for tools that serve nothing.
pub fn definition_sdl(apps: &[&'static App], definition: &SchemaDefinition) -> Result<String, RegistryError> {
    let (composition, _) = compose(apps, definition)?;
    sdl(&composition).map_err(|source| compose_error(definition, source))
}

fn compose_error(definition: &SchemaDefinition, source: ComposeError) -> RegistryError {
    RegistryError::Compose { schema: definition.name.clone(), location: definition.location.clone(), source }
}

/// Checks a definition and resolves what it is made of.
fn compose(apps: &[&'static App], definition: &SchemaDefinition) -> Result<(Composition, Version), RegistryError> {
    let name = &definition.name;
    if name.is_empty() || name.len() > 100 || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        return Err(RegistryError::Name(name.chars().take(100).collect()));
    }
    let version = Version::parse(&definition.version)
        .map_err(|_| RegistryError::Version { name: name.clone(), version: definition.version.clone() })?;
    if let Some(setting) = definition.settings.without_effect() {
        return Err(RegistryError::Unsupported { schema: name.clone(), setting: setting.to_owned() });
    }
    let setting = |source| RegistryError::Setting { schema: name.clone(), source };
    let defaults = Limits::default();
    let limits = Limits {
        page_size: definition.settings.count("default_page_size", defaults.page_size).map_err(setting)?,
        max_page_size: definition.settings.count("max_page_size", defaults.max_page_size).map_err(setting)?,
        max_rows: definition.settings.count("max_query_complexity", defaults.max_rows).map_err(setting)?,
        max_depth: definition.settings.count("max_query_depth", defaults.max_depth as u64).map_err(setting)? as usize,
        ..defaults
    };
    let tables = tables(apps, definition)?;
    let extensions: Vec<&'static Extension> = linked_extensions()
        .into_iter()
        .filter(|extension| tables.iter().any(|table| table.type_name == extension.meta.type_name))
        .collect();
    let metas = extensions.iter().map(|extension| extension.meta).collect();
    let composition = Composition {
        model: Arc::new(Model::new(tables, metas, limits)),
        extensions,
        queries: definition.queries.clone(),
        mutations: definition.mutations.clone(),
    };
    Ok((composition, version))
}

/// The tables of a definition's apps and models, in the order in which they are named.
fn tables(apps: &[&'static App], definition: &SchemaDefinition) -> Result<Vec<&'static Table>, RegistryError> {
    let mut tables: Vec<&'static Table> = Vec::new();
    for name in &definition.apps {
        let app = apps.iter().find(|app| app.name == *name).ok_or_else(|| RegistryError::UnknownApp {
            schema: definition.name.clone(),
            location: definition.location.clone(),
            app: name.clone(),
            known: apps.iter().map(|app| app.name).collect::<Vec<_>>().join(", "),
        })?;
        tables.extend(app.tables);
    }
    for model in &definition.models {
        let mut all = apps.iter().flat_map(|app| app.tables);
        let table = all.find(|table| table.type_name == model).ok_or_else(|| RegistryError::UnknownModel {
            schema: definition.name.clone(),
            location: definition.location.clone(),
            model: model.clone(),
        })?;
        tables.push(table);
    }
    tables.retain(|table| !definition.exclude_models.iter().any(|name| name == table.type_name));
    Ok(tables)
}

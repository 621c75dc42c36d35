//! Builds the engine of a definition. Nothing is locked meanwhile: the current engines go on serving.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use semver::Version;

use super::settings::Effective;
use super::{Origin, RegistryError, SchemaBuilder, SchemaDefinition, SchemaInfo};
use crate::graphql::{ComposeError, Composition, Engine, FieldResolver, SharedData, linked_computed_fields, sdl};
use crate::observe::SchemaMeter;
use meta::{App, Table};
use plan::model::Model;
use rows::execute::Database;

/// A registered schema and its engine.
#[derive(Debug)]
pub struct Registered {
    /// The schema as lists show it.
    pub info: SchemaInfo,
    /// The engine that answers its requests; `None` if it has nothing to serve.
    pub engine: Option<Arc<Engine>>,
    /// Its effective settings.
    pub effective: Effective,
    /// Counts its requests.
    pub meter: Arc<SchemaMeter>,
    /// Counts the requests of each caller, where they are limited.
    pub(crate) limiter: Option<Arc<DefaultKeyedRateLimiter<String>>>,
    pub(super) definition: SchemaDefinition,
}

impl Registered {
    /// Returns the engine. It panics if the schema has nothing to serve, which only a schema from REST can have.
    pub fn engine(&self) -> &Engine {
        self.engine
            .as_deref()
            .expect("invariant: only REST registers a schema that has nothing to serve")
    }

    /// Returns the definition as it was registered, including changes by hooks.
    pub fn definition(&self) -> &SchemaDefinition {
        &self.definition
    }
}

/// The result of checking and composing a definition.
pub(super) struct Built {
    pub(super) engine: Option<Arc<Engine>>,
    pub(super) effective: Effective,
    pub(super) version: Version,
    pub(super) served: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) limiter: Option<Arc<DefaultKeyedRateLimiter<String>>>,
}

/// Builds the engine of a definition. A definition from REST may name apps and models that the program does not carry:
/// they become warnings, and the schema serves the rest.
pub(super) fn build(
    database: &Database,
    apps: &[&'static App],
    shared: &Mutex<Vec<SharedData>>,
    exposed: &ExposedTables,
    definition: &SchemaDefinition,
    origin: Origin,
) -> Result<Built, RegistryError> {
    let lenient = origin == Origin::Api;
    let (effective, version) = check(definition)?;

    let mut warnings: Vec<String> = definition
        .settings
        .unknown()
        .map(|name| format!("Unknown setting '{name}' is kept and does nothing"))
        .collect();

    let mut tables = tables(apps, definition, lenient.then_some(&mut warnings))?;
    if lenient {
        exposed.restrict(&mut tables, &mut warnings);
    } else {
        exposed.add(&tables);
    }

    let mut composition = compose(definition, &effective, tables)?;
    composition.data.splice(
        0..0,
        shared.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned(),
    );

    let served: Vec<String> = composition
        .model
        .entities()
        .iter()
        .map(|entity| entity.table.type_name.to_owned())
        .collect();

    let engine = match Engine::new(&composition, database.clone()) {
        Ok(engine) => Some(Arc::new(engine)),
        Err(ComposeError::Empty) if lenient => {
            warnings.push("The schema has nothing to serve".into());
            None
        }
        Err(source) => return Err(compose_error(definition, source)),
    };

    let limit = effective.rate_limit.and_then(NonZeroU32::new);
    let limiter = limit.map(|limit| Arc::new(RateLimiter::keyed(Quota::per_minute(limit))));

    Ok(Built {
        engine,
        effective,
        version,
        served,
        warnings,
        limiter,
    })
}

/// The tables that schemas from REST may serve: those that one of the program's own schemas serves, and those that the
/// program exposes. The other tables of an app are for the program only.
#[derive(Debug, Default)]
pub(super) struct ExposedTables(Mutex<Vec<&'static Table>>);

impl ExposedTables {
    /// Allows schemas from REST to serve tables.
    pub(super) fn add(&self, tables: &[&'static Table]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(tables);
    }

    fn restrict(&self, tables: &mut Vec<&'static Table>, warnings: &mut Vec<String>) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);

        tables.retain(|table| {
            // Two crates may have the same table with different policies, so names do not tell them apart.
            let is_exposed = known.iter().any(|known| std::ptr::eq(*known, *table));
            if !is_exposed {
                let name = table.type_name;
                warnings.push(format!(
                    "Model '{name}' is not served by any schema of this program, and is left out"
                ));
            }
            is_exposed
        });
    }
}

/// Returns the SDL of a definition, for tools that serve nothing.
pub fn definition_sdl(apps: &[&'static App], definition: &SchemaDefinition) -> Result<String, RegistryError> {
    let (effective, _) = check(definition)?;
    let composition = compose(definition, &effective, tables(apps, definition, None)?)?;
    sdl(&composition).map_err(|source| compose_error(definition, source))
}

/// Checks what needs no tables: name, version and settings.
pub(super) fn check(definition: &SchemaDefinition) -> Result<(Effective, Version), RegistryError> {
    let name = &definition.name;
    if name.is_empty() || name.len() > 100 || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        return Err(RegistryError::Name(name.chars().take(100).collect()));
    }

    let version = Version::parse(&definition.version).map_err(|_| RegistryError::Version {
        name: name.clone(),
        version: definition.version.clone(),
    })?;
    let effective = definition
        .settings
        .effective()
        .map_err(|source| RegistryError::Setting {
            schema: name.clone(),
            source,
        })?;

    Ok((effective, version))
}

fn compose(
    definition: &SchemaDefinition,
    effective: &Effective,
    tables: Vec<&'static Table>,
) -> Result<Composition, RegistryError> {
    let extensions: Vec<&'static FieldResolver> = linked_computed_fields()
        .into_iter()
        .filter(|extension| tables.iter().any(|table| table.type_name == extension.meta.type_name))
        .collect();
    let metas = extensions.iter().map(|extension| extension.meta).collect();

    let parts = match &definition.build {
        None => SchemaBuilder::default(),
        Some(build) => crate::panics::catch_panic(|| build(SchemaBuilder::default())).map_err(|reason| {
            let (schema, by) = (definition.name.clone(), "its builder".to_owned());
            RegistryError::Refused { schema, by, reason }
        })?,
    };

    let description = Some(definition.description.clone()).filter(|description| !description.is_empty());

    Ok(Composition {
        description,
        model: Arc::new(Model::new(tables, metas, effective.limits)),
        resolvers: extensions,
        data: parts.data,
        queries: parts.queries,
        mutations: if effective.mutations {
            parts.mutations
        } else {
            Vec::new()
        },
    })
}

fn compose_error(definition: &SchemaDefinition, source: ComposeError) -> RegistryError {
    RegistryError::Compose {
        schema: definition.name.clone(),
        location: definition.location.clone(),
        source,
    }
}

/// Returns the tables of a definition's apps and models, in the order in which they are named. Unknown ones become
/// warnings if `warnings` is given, and are an error otherwise.
fn tables(
    apps: &[&'static App],
    definition: &SchemaDefinition,
    mut warnings: Option<&mut Vec<String>>,
) -> Result<Vec<&'static Table>, RegistryError> {
    let mut tables: Vec<&'static Table> = Vec::new();

    for name in &definition.apps {
        check_unique_app(apps, name)?;

        match (apps.iter().find(|app| app.name == *name), &mut warnings) {
            (Some(app), _) => tables.extend(app.tables),
            (None, Some(warnings)) => warnings.push(format!("App '{name}' is not part of this program")),
            (None, None) => {
                return Err(RegistryError::UnknownApp {
                    schema: definition.name.clone(),
                    location: definition.location.clone(),
                    app: name.clone(),
                    known: apps.iter().map(|app| app.name).collect::<Vec<_>>().join(", "),
                });
            }
        }
    }

    for model in &definition.models {
        let found: Vec<(&'static App, &'static Table)> = matches(apps, model).collect();

        match (found.as_slice(), &mut warnings) {
            (&[(_, table)], _) => tables.push(table),
            ([], Some(warnings)) => warnings.push(format!("Model '{model}' is not part of this program")),
            ([], None) => {
                return Err(RegistryError::UnknownModel {
                    schema: definition.name.clone(),
                    location: definition.location.clone(),
                    model: model.clone(),
                });
            }
            (several, _) => {
                return Err(RegistryError::AmbiguousModel {
                    schema: definition.name.clone(),
                    model: model.clone(),
                    known: several
                        .iter()
                        .map(|(app, table)| format!("`{}.{}`", app.name, table.type_name))
                        .collect(),
                });
            }
        }
    }

    let excluded: Vec<&Table> = definition
        .exclude_models
        .iter()
        .flat_map(|model| matches(apps, model))
        .map(|(_, table)| table)
        .collect();

    if let Some(warnings) = &mut warnings {
        let unknown = definition
            .exclude_models
            .iter()
            .filter(|model| matches(apps, model).next().is_none());
        warnings.extend(unknown.map(|model| format!("Model '{model}' is not part of this program")));
    }

    tables.retain(|table| !excluded.iter().any(|excluded| std::ptr::eq(*excluded, *table)));

    Ok(tables)
}

/// Refuses an app's name that two crates of the program have: each has its own policies for the tables.
pub(super) fn check_unique_app(apps: &[&'static App], name: &str) -> Result<(), RegistryError> {
    let mut found = apps.iter().filter(|app| app.name == name);

    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(RegistryError::DuplicateApp {
            app: name.to_owned(),
            first: first.module.to_owned(),
            second: second.module.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Returns the table of a GraphQL type, or of an app and a type: `Product`, `products.Product`. `None` if no app or
/// several apps have it.
pub(super) fn find(apps: &[&'static App], model: &str) -> Option<&'static Table> {
    let mut found = matches(apps, model);
    let (_, table) = found.next()?;
    found.next().is_none().then_some(table)
}

fn matches<'a>(apps: &'a [&'static App], model: &'a str) -> impl Iterator<Item = (&'static App, &'static Table)> + 'a {
    let (app, type_name) = model
        .rsplit_once('.')
        .map_or((None, model), |(app, name)| (Some(app), name));

    apps.iter()
        .filter(move |candidate| app.is_none_or(|app| app == candidate.name))
        .flat_map(|app| app.tables.iter().map(|table| (*app, *table)))
        .filter(move |(_, table)| table.type_name == type_name)
}

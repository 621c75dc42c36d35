//! Definitions of schemas.

use std::sync::Arc;

use super::{SchemaBuilder, SettingValue, Settings};

/// Who registered a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `#[derive(RegisteredSchema)]` or `#[register_schema]`, at the program's start
    Derive,
    /// [`Registry::register`](super::Registry::register)
    Manual,
    /// Discovery, after the start
    Discovered,
    /// The REST API
    Api,
}

impl Origin {
    /// Returns its name in lists of schemas.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Derive => "derive",
            Self::Manual => "manual",
            Self::Discovered => "discovered",
            Self::Api => "api",
        }
    }
}

/// Adds hand-written parts to a schema; called each time the schema is built.
pub(super) type BuildFunction = dyn Fn(SchemaBuilder) -> Result<SchemaBuilder, String> + Send + Sync;

/// Checks a definition before it is built; an error refuses it.
pub(super) type CheckFunction = dyn Fn(&SchemaDefinition) -> Result<(), String> + Send + Sync;

/// A schema to register.
#[derive(Clone)]
pub struct SchemaDefinition {
    /// The last part of `/graphql/<name>/`: letters, digits, `_`, `-`.
    pub name: String,
    /// The description for the schema's users.
    pub description: String,
    /// The semantic version.
    pub version: String,
    /// The apps whose tables it serves.
    pub apps: Vec<String>,
    /// GraphQL types of further tables; without apps, the only ones. `Product`, or `products.Product` with its app.
    pub models: Vec<String>,
    /// GraphQL types that it does not serve, even if its apps have them.
    pub exclude_models: Vec<String>,
    /// Its settings.
    pub settings: Settings,
    /// Whether discovery registers it.
    pub auto_discover: bool,
    /// Whether it answers requests.
    pub enabled: bool,
    /// Where the program defines it, for messages.
    pub location: String,
    /// Adds hand-written roots.
    pub(super) build: Option<Arc<BuildFunction>>,
    /// Checks it before it is built.
    pub(super) check: Option<Arc<CheckFunction>>,
}

impl std::fmt::Debug for SchemaDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SchemaDefinition")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("apps", &self.apps)
            .field("models", &self.models)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

impl SchemaDefinition {
    /// Returns a definition without tables or roots, version 1.0.0.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            description: format!("Schema: {name}"),
            name,
            version: "1.0.0".into(),
            apps: Vec::new(),
            models: Vec::new(),
            exclude_models: Vec::new(),
            settings: Settings::default(),
            auto_discover: true,
            enabled: true,
            location: "the program".into(),
            build: None,
            check: None,
        }
    }

    /// Sets the description for the schema's users.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets the semantic version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Serves the tables of these apps.
    #[must_use]
    pub fn apps(mut self, apps: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.apps.extend(apps.into_iter().map(Into::into));
        self
    }

    /// Serves these tables, by GraphQL type.
    #[must_use]
    pub fn models(mut self, models: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.models.extend(models.into_iter().map(Into::into));
        self
    }

    /// Leaves these tables out, by GraphQL type.
    #[must_use]
    pub fn exclude_models(mut self, models: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude_models.extend(models.into_iter().map(Into::into));
        self
    }

    /// Sets a setting.
    #[must_use]
    pub fn setting(mut self, name: &str, value: impl Into<SettingValue>) -> Self {
        self.settings.insert(name, value.into());
        self
    }

    /// Sets whether discovery registers it.
    #[must_use]
    pub fn auto_discover(mut self, on: bool) -> Self {
        self.auto_discover = on;
        self
    }

    /// Sets whether it answers requests.
    #[must_use]
    pub fn enabled(mut self, on: bool) -> Self {
        self.enabled = on;
        self
    }

    /// Adds hand-written parts, after those added before: `|schema| schema.query(Featured)`.
    #[must_use]
    pub fn builder(self, build: impl Fn(SchemaBuilder) -> SchemaBuilder + Send + Sync + 'static) -> Self {
        self.try_builder(move |schema| Ok(build(schema)))
    }

    /// Like [`builder`](Self::builder), with parts that may be refused.
    #[must_use]
    pub fn try_builder(
        mut self,
        build: impl Fn(SchemaBuilder) -> Result<SchemaBuilder, String> + Send + Sync + 'static,
    ) -> Self {
        self.build = Some(match self.build.take() {
            None => Arc::new(build),
            Some(first) => Arc::new(move |schema| build(first(schema)?)),
        });
        self
    }

    /// Sets a function that checks the definition before it is built; an error refuses it.
    #[must_use]
    pub fn validate(mut self, check: impl Fn(&SchemaDefinition) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// Adds a hand-written query root.
    #[must_use]
    pub fn query<T: async_graphql::ObjectType + Clone + 'static>(self, root: T) -> Self {
        self.builder(move |schema| schema.query(root.clone()))
    }

    /// Adds a hand-written mutation root.
    #[must_use]
    pub fn mutation<T: async_graphql::ObjectType + Clone + 'static>(self, root: T) -> Self {
        self.builder(move |schema| schema.mutation(root.clone()))
    }

    /// Sets where the program defines it, for messages.
    #[must_use]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }
}

/// A type with a schema definition; `#[derive(RegisteredSchema)]` implements it.
pub trait DefinedSchema {
    /// The schema.
    fn definition() -> SchemaDefinition;
}

/// A type that adds to its schema what attributes cannot express; `#[schema(provider)]` uses it. Every method has a
/// default.
pub trait SchemaProvider {
    /// Adds hand-written parts to those of the attributes.
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        Ok(schema)
    }

    /// Returns the schema's description, instead of the attribute's.
    fn description() -> Option<String> {
        None
    }

    /// Checks the definition before it is built, including changes by hooks; an error refuses it.
    fn validate_configuration(definition: &SchemaDefinition) -> Result<(), String> {
        let _ = definition;
        Ok(())
    }
}

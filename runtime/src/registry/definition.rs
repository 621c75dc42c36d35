//! What a schema is made of.

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
    /// Its name in lists of schemas.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Derive => "derive",
            Self::Manual => "manual",
            Self::Discovered => "discovered",
            Self::Api => "api",
        }
    }
}

/// Adds hand-written parts to a schema; asked each time that the schema is built.
pub(super) type BuildFunction = dyn Fn(SchemaBuilder) -> Result<SchemaBuilder, String> + Send + Sync;

/// Looks at a definition before it is built; a text refuses it.
pub(super) type CheckFunction = dyn Fn(&SchemaDefinition) -> Result<(), String> + Send + Sync;

/// A schema to register.
#[derive(Clone)]
pub struct SchemaDefinition {
    /// The last part of `/graphql/<name>/`: letters, digits, `_`, `-`.
    pub name: String,
    /// For the schema's users.
    pub description: String,
    /// Semantic version.
    pub version: String,
    /// The apps whose tables it serves.
    pub apps: Vec<String>,
    /// GraphQL types of further tables; without apps, the only ones. `Product`, or `products.Product` with its app.
    pub models: Vec<String>,
    /// GraphQL types that it does not serve, whatever its apps have.
    pub exclude_models: Vec<String>,
    /// Its settings.
    pub settings: Settings,
    /// Whether discovery registers it.
    pub auto_discover: bool,
    /// Whether it answers.
    pub enabled: bool,
    /// Where the program defines it, for messages.
    pub location: String,
    /// Adds hand-written roots.
    pub(super) build: Option<Arc<BuildFunction>>,
    /// Looks at it before it is built.
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
    /// A schema without tables or roots yet, version 1.0.0.
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

    /// For the schema's users.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Semantic version.
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

    /// Whether discovery registers it.
    #[must_use]
    pub fn auto_discover(mut self, on: bool) -> Self {
        self.auto_discover = on;
        self
    }

    /// Whether it answers.
    #[must_use]
    pub fn enabled(mut self, on: bool) -> Self {
        self.enabled = on;
        self
    }

    /// Adds hand-written parts, behind those that are there: `|schema| schema.query(Featured)`.
    #[must_use]
    pub fn builder(self, build: impl Fn(SchemaBuilder) -> SchemaBuilder + Send + Sync + 'static) -> Self {
        self.try_builder(move |schema| Ok(build(schema)))
    }

    /// The same, with parts that can be refused.
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

    /// Lets a function look at the definition before it is built.
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

    /// Where the program defines it.
    #[must_use]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }
}

/// What `#[derive(RegisteredSchema)]` makes of a type.
pub trait DefinedSchema {
    /// The schema.
    fn definition() -> SchemaDefinition;
}

/// A type that says more of its schema than attributes can; `#[schema(provider)]` asks for it. Each method may be
/// left out.
pub trait SchemaProvider {
    /// Adds hand-written parts to those of the attributes.
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        Ok(schema)
    }

    /// The schema's description, in place of the attribute's.
    fn description() -> Option<String> {
        None
    }

    /// Looks at the definition before it is built, hooks' changes included; a text refuses it.
    fn validate_configuration(definition: &SchemaDefinition) -> Result<(), String> {
        let _ = definition;
        Ok(())
    }
}

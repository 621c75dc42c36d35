//! What a schema is made of.

use std::time::SystemTime;

use semver::Version;

use super::{SettingValue, Settings};
use crate::graphql::RootObject;

/// Who registered a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `#[derive(RegisteredSchema)]`
    Derive,
    /// [`Registry::register`](super::Registry::register)
    Manual,
}

impl Origin {
    /// Its name in lists of schemas.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Derive => "derive",
            Self::Manual => "manual",
        }
    }
}

/// A schema to register.
#[derive(Debug, Clone)]
pub struct SchemaDefinition {
    /// The last part of `/graphql/<name>/`: letters, digits, `_`, `-`.
    pub name: String,
    /// For the schema's users.
    pub description: String,
    /// Semantic version.
    pub version: String,
    /// The apps whose tables it serves.
    pub apps: Vec<String>,
    /// GraphQL types of further tables; without apps, the only ones.
    pub models: Vec<String>,
    /// GraphQL types that it does not serve, whatever its apps have.
    pub exclude_models: Vec<String>,
    /// Its settings.
    pub settings: Settings,
    /// Whether discovery registers it.
    pub auto_discover: bool,
    /// Whether it answers.
    pub enabled: bool,
    /// Hand-written query roots.
    pub queries: Vec<RootObject>,
    /// Hand-written mutation roots.
    pub mutations: Vec<RootObject>,
    /// Where the program defines it, for messages.
    pub location: String,
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
            queries: Vec::new(),
            mutations: Vec::new(),
            location: "the program".into(),
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

    /// Adds a hand-written query root.
    #[must_use]
    pub fn query<T: async_graphql::ObjectType + 'static>(mut self, root: T) -> Self {
        self.queries.push(RootObject::new(root));
        self
    }

    /// Adds a hand-written mutation root.
    #[must_use]
    pub fn mutation<T: async_graphql::ObjectType + 'static>(mut self, root: T) -> Self {
        self.mutations.push(RootObject::new(root));
        self
    }

    /// Where the program defines it.
    #[must_use]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }
}

/// A type that describes a schema; `#[derive(RegisteredSchema)]` implements it.
pub trait SchemaProvider {
    /// The schema.
    fn definition() -> SchemaDefinition;
}

/// A registered schema, as lists show it.
#[derive(Debug, Clone)]
pub struct SchemaInfo {
    /// The last part of `/graphql/<name>/`.
    pub name: String,
    /// For the schema's users.
    pub description: String,
    /// Semantic version.
    pub version: Version,
    /// The apps whose tables it serves.
    pub apps: Vec<String>,
    /// The tables it serves, by GraphQL type.
    pub models: Vec<String>,
    /// The tables it leaves out.
    pub exclude_models: Vec<String>,
    /// Its settings.
    pub settings: Settings,
    /// Whether discovery registers it.
    pub auto_discover: bool,
    /// Whether it answers.
    pub enabled: bool,
    /// Who registered it.
    pub origin: Origin,
    /// When.
    pub registered_at: SystemTime,
}

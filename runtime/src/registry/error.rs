//! Errors of the registry.

use super::SettingError;
use crate::graphql::ComposeError;

/// Why a schema was not registered, changed or removed.
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
    /// There is no such schema.
    #[error("Schema '{0}' not found")]
    NotFound(String),
    /// The name cannot be part of a path.
    #[error("`{0}` is not a valid schema name; use at most 100 letters, digits, `_` and `-`")]
    Name(String),
    /// The version is not semantic.
    #[error("schema `{name}`: `{version}` is not a semantic version; write it like `1.2.3`")]
    Version {
        /// The schema.
        name: String,
        /// Its version.
        version: String,
    },
    /// Two crates define apps with the same name, so it is unknown which one a schema means.
    #[error(
        "the program carries two apps named `{app}`, in `{first}` and in `{second}`; rename one of them in its \
         codegen.toml (`[apps.NAME]`) and in the schemas that name it"
    )]
    DuplicateApp {
        /// The app.
        app: String,
        /// The module that has it.
        first: String,
        /// The other module that has it.
        second: String,
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
        /// The known apps.
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
    /// A GraphQL type that several apps have, each with its own policies.
    #[error("schema `{schema}`: several apps have a model `{model}`; name one of {}", .known.join(", "))]
    AmbiguousModel {
        /// The schema.
        schema: String,
        /// The GraphQL type.
        model: String,
        /// The types with their apps.
        known: Vec<String>,
    },
    /// A setting with an invalid value.
    #[error("schema `{schema}`: {source}")]
    Setting {
        /// The schema.
        schema: String,
        /// The setting.
        source: SettingError,
    },
    /// A hook, a plugin or the schema's own check refused it.
    #[error("schema `{schema}`: `{by}` refuses it: {reason}")]
    Refused {
        /// The schema.
        schema: String,
        /// The hook or plugin.
        by: String,
        /// Why.
        reason: String,
    },
    /// The parts do not form a valid schema.
    #[error("schema `{schema}` (at {location}): {source}")]
    Compose {
        /// The schema.
        schema: String,
        /// Where it is defined.
        location: String,
        /// What is wrong.
        source: ComposeError,
    },
}

impl RegistryError {
    /// Returns the error code of the REST API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Duplicate { .. } => "SCHEMA_ALREADY_EXISTS",
            Self::NotFound(_) => "SCHEMA_NOT_FOUND",
            Self::Refused { .. } => "PLUGIN_REFUSED",
            Self::Name(_)
            | Self::Version { .. }
            | Self::UnknownApp { .. }
            | Self::DuplicateApp { .. }
            | Self::UnknownModel { .. }
            | Self::AmbiguousModel { .. }
            | Self::Setting { .. }
            | Self::Compose { .. } => "VALIDATION_ERROR",
        }
    }
}

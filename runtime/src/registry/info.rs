//! Schemas as lists show them.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use semver::Version;
use serde_json::{Value, json};

use super::{Origin, Settings};

/// A registered schema, as lists show it.
#[derive(Debug, Clone)]
pub struct SchemaInfo {
    /// The last part of `/graphql/<name>/`.
    pub name: String,
    /// The description for the schema's users.
    pub description: String,
    /// The semantic version.
    pub version: Version,
    /// The apps whose tables it serves.
    pub apps: Vec<String>,
    /// The further tables that its definition names.
    pub models: Vec<String>,
    /// The tables it serves, by GraphQL type.
    pub served: Vec<String>,
    /// The tables it leaves out.
    pub exclude_models: Vec<String>,
    /// Its settings.
    pub settings: Settings,
    /// Whether discovery registers it.
    pub auto_discover: bool,
    /// Whether it answers requests.
    pub enabled: bool,
    /// Who registered it.
    pub origin: Origin,
    /// When it was registered.
    pub registered_at: SystemTime,
    /// When it was last changed.
    pub updated_at: SystemTime,
    /// Counts the changes of all schemas: no two states of the registry share one.
    pub revision: u64,
    /// The parts of its definition that have no effect.
    pub warnings: Vec<String>,
}

impl SchemaInfo {
    /// Returns the schema as JSON, with models as the definition names them, and URLs that start with `public_path`.
    pub fn json(&self, public_path: &str) -> Value {
        json!({
            "name": self.name,
            "description": self.description,
            "version": self.version.to_string(),
            "apps": self.apps,
            "models": self.models,
            "exclude_models": self.exclude_models,
            "settings": self.settings,
            "auto_discover": self.auto_discover,
            "enabled": self.enabled,
            "origin": self.origin.as_str(),
            "registered_at": timestamp(self.registered_at),
            "updated_at": timestamp(self.updated_at),
            "graphql_url": format!("{public_path}/graphql/{}/", self.name),
            "warnings": self.warnings,
        })
    }

    /// Like [`json`](Self::json), with the models resolved to the tables that are served.
    pub fn resolved_json(&self, public_path: &str) -> Value {
        let mut json = self.json(public_path);
        json["models"] = json!(self.served);
        json
    }
}

/// Formats a time as RFC 3339 in UTC, with milliseconds.
pub(crate) fn timestamp(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Millis, true)
}

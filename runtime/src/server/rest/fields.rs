//! Reads and checks request bodies field by field.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::envelope::Failure;
use crate::registry::SchemaDefinition;
use crate::server::media_type::check_json;

/// The fields that a body can have.
const FIELDS: &[&str] = &[
    "name",
    "description",
    "version",
    "apps",
    "models",
    "exclude_models",
    "settings",
    "auto_discover",
    "enabled",
];

/// Further fields of answers. They are ignored in a body, so that a client may send back what it got.
const ANSWERED: &[&str] = &[
    "origin",
    "registered_at",
    "updated_at",
    "graphql_url",
    "warnings",
    "schema",
];

/// Parses a body, which must be a JSON object.
pub(super) fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Failure> {
    check_json(headers)
        .map_err(|message| Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message))?;

    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Failure::invalid("Data must be a dictionary")),
        Err(_) => Err(Failure::invalid("Invalid JSON body")),
    }
}

/// The fields of a schema in a body; `None` for those that it does not name.
#[derive(Debug, Default)]
pub(super) struct SchemaBody {
    description: Option<String>,
    version: Option<String>,
    apps: Option<Vec<String>>,
    models: Option<Vec<String>>,
    exclude_models: Option<Vec<String>>,
    settings: Option<Map<String, Value>>,
    auto_discover: Option<bool>,
    enabled: Option<bool>,
    /// One warning per unknown field.
    pub(super) warnings: Vec<String>,
}

/// Reads and checks a schema's name.
pub(super) fn name(object: &Map<String, Value>) -> Result<String, Failure> {
    let name = match object.get("name") {
        Some(Value::String(name)) if !name.trim().is_empty() => name.trim().to_owned(),
        None | Some(Value::Null | Value::String(_)) => {
            return Err(Failure::field("name", "Schema name is required"));
        }
        Some(_) => return Err(Failure::field("name", "Schema name must be a string")),
    };

    if name.chars().count() > 100 || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        let message = "Schema name must contain only alphanumeric characters, hyphens, and underscores";
        return Err(Failure::field("name", message));
    }

    Ok(name)
}

impl SchemaBody {
    pub(super) fn read(object: &Map<String, Value>) -> Result<Self, Failure> {
        let unknown = object
            .keys()
            .filter(|key| !FIELDS.contains(&key.as_str()) && !ANSWERED.contains(&key.as_str()));

        let body = Self {
            apps: list(object, "apps")?,
            models: list(object, "models")?,
            exclude_models: list(object, "exclude_models")?,
            settings: match object.get("settings") {
                None => None,
                Some(Value::Object(settings)) => Some(settings.clone()),
                Some(_) => return Err(Failure::field("settings", "Settings must be a dictionary")),
            },
            description: text(object, "description")?,
            version: text(object, "version")?,
            auto_discover: switch(object, "auto_discover")?,
            enabled: switch(object, "enabled")?,
            warnings: unknown
                .map(|key| format!("Unknown field '{key}' is not used"))
                .collect(),
        };

        if let Some(version) = &body.version
            && semver::Version::parse(version).is_err()
        {
            return Err(Failure::field(
                "version",
                format!("'{version}' is not a semantic version such as 1.2.3"),
            ));
        }

        Ok(body)
    }

    /// Changes the fields that the body names. Settings are replaced as a whole, or merged if `merge` is set.
    pub(super) fn apply(&self, definition: &mut SchemaDefinition, merge: bool) {
        let set = |place: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                place.clone_from(value);
            }
        };

        set(&mut definition.description, &self.description);
        set(&mut definition.version, &self.version);

        for (place, value) in [
            (&mut definition.apps, &self.apps),
            (&mut definition.models, &self.models),
            (&mut definition.exclude_models, &self.exclude_models),
        ] {
            if let Some(value) = value {
                place.clone_from(value);
            }
        }

        definition.auto_discover = self.auto_discover.unwrap_or(definition.auto_discover);
        definition.enabled = self.enabled.unwrap_or(definition.enabled);

        if let Some(settings) = &self.settings {
            if !merge {
                definition.settings = crate::registry::Settings::default();
            }
            for (name, value) in settings {
                definition.settings.insert(name, value.clone());
            }
        }
    }
}

fn list(object: &Map<String, Value>, field: &str) -> Result<Option<Vec<String>>, Failure> {
    let items = match object.get(field) {
        None => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Failure::field(field, format!("{field} must be a list"))),
    };

    let texts = items.iter().map(|item| match item {
        Value::String(text) if text.trim().is_empty() => {
            Err(Failure::field(field, format!("Empty strings not allowed in {field}")))
        }
        Value::String(text) => Ok(text.trim().to_owned()),
        _ => Err(Failure::field(field, format!("All items in {field} must be strings"))),
    });

    texts.collect::<Result<_, _>>().map(Some)
}

fn text(object: &Map<String, Value>, field: &str) -> Result<Option<String>, Failure> {
    match object.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Failure::field(field, format!("{field} must be a string"))),
    }
}

fn switch(object: &Map<String, Value>, field: &str) -> Result<Option<bool>, Failure> {
    match object.get(field) {
        None => Ok(None),
        Some(Value::Bool(on)) => Ok(Some(*on)),
        Some(_) => Err(Failure::field(field, format!("{field} must be a boolean"))),
    }
}

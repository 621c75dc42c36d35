//! Rules that every schema of a program follows.

use regex::Regex;

use crate::registry::{Plugin, SchemaDefinition};

/// Refuses schemas that lack a field, have a version of another form, or a description that is too long.
#[derive(Debug, Clone, Default)]
pub struct ValidationPlugin {
    required: Vec<String>,
    version_pattern: Option<String>,
    description_length: Option<usize>,
}

/// The fields that can be required.
const FIELDS: &[&str] = &["description", "apps", "models", "settings"];

impl ValidationPlugin {
    /// Returns a plugin without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires that a field is not empty: `description`, `apps`, `models` or `settings`.
    #[must_use]
    pub fn require(mut self, field: &str) -> Self {
        self.required.push(field.to_owned());
        self
    }

    /// Requires versions to match a regular expression as a whole.
    #[must_use]
    pub fn version_pattern(mut self, pattern: &str) -> Self {
        self.version_pattern = Some(format!("^(?:{pattern})$"));
        self
    }

    /// Limits descriptions to this number of characters.
    #[must_use]
    pub fn description_length(mut self, characters: usize) -> Self {
        self.description_length = Some(characters);
        self
    }
}

impl Plugin for ValidationPlugin {
    fn name(&self) -> &'static str {
        "validation"
    }

    fn check(&self) -> Result<(), String> {
        if let Some(unknown) = self.required.iter().find(|field| !FIELDS.contains(&field.as_str())) {
            return Err(format!(
                "`{unknown}` cannot be required; expected one of {}",
                FIELDS.join(", ")
            ));
        }

        if let Some(pattern) = &self.version_pattern {
            Regex::new(pattern).map_err(|error| format!("the version pattern is not a regular expression: {error}"))?;
        }

        Ok(())
    }

    fn validate_schema(&self, definition: &SchemaDefinition) -> Result<(), String> {
        for field in &self.required {
            let is_missing = match field.as_str() {
                "description" => definition.description.trim().is_empty(),
                "apps" => definition.apps.is_empty(),
                "models" => definition.models.is_empty(),
                _ => definition.settings.iter().next().is_none(),
            };
            if is_missing {
                return Err(format!("`{field}` is required"));
            }
        }

        if let Some(pattern) = self
            .version_pattern
            .as_deref()
            .and_then(|pattern| Regex::new(pattern).ok())
            && !pattern.is_match(&definition.version)
        {
            return Err(format!(
                "the version `{}` does not match `{pattern}`",
                definition.version
            ));
        }

        match self.description_length {
            Some(most) if definition.description.chars().count() > most => {
                Err(format!("the description has more than {most} characters"))
            }
            _ => Ok(()),
        }
    }
}

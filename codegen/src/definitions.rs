//! The schemas of a model, ready to be registered.

use crate::schema::{Schema, SettingValue};
use crate::verify::Verified;

/// Returns the schemas of a model.
pub fn definitions(schema: &Verified<Schema>) -> Vec<runtime::SchemaDefinition> {
    schema
        .schemas
        .iter()
        .map(|api| {
            let definition = runtime::SchemaDefinition::new(&api.name)
                .version(&api.version)
                .description(&api.description)
                .apps(&api.apps)
                .location("the configuration");
            api.settings
                .iter()
                .fold(definition, |definition, (name, value)| match value {
                    SettingValue::Bool(value) => definition.setting(name, *value),
                    SettingValue::Int(value) => definition.setting(name, *value),
                    SettingValue::Text(value) => definition.setting(name, value.as_str()),
                })
        })
        .collect()
}

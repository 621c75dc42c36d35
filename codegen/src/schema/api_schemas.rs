//! The schemas to register.

use super::apps::MAIN_APP;
use super::{ApiSchema, App, Diagnostic, RustName, SettingValue};
use crate::config::{SchemaSettings, Settings};
use crate::text::{self};

pub(super) fn schemas(apps: &[App], settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Vec<ApiSchema> {
    if !settings.register {
        return Vec::new();
    }
    if settings.schemas.is_empty() {
        return default_schemas(apps, settings, diagnostics);
    }

    for (name, schema) in settings.schemas.iter() {
        for app in &schema.apps {
            if !apps.iter().any(|known| known.name == *app) {
                diagnostics.push(Diagnostic::error(
                    format!("[schemas.{name}]: there is no app `{app}`"),
                    format!(
                        "the apps are: {}",
                        apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>().join(", ")
                    ),
                ));
            }
        }
    }

    settings
        .schemas
        .iter()
        .map(|(name, settings)| schema(name, settings, diagnostics))
        .collect()
}

/// Returns one schema for each app of the settings, and one over all other tables, so that the relations between their
/// namespaces are kept.
fn default_schemas(apps: &[App], settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Vec<ApiSchema> {
    let is_declared =
        |app: &&App| app.name != MAIN_APP && settings.apps.iter().any(|(declared, _)| declared == app.name);
    let (declared, others): (Vec<&App>, Vec<&App>) = apps.iter().partition(is_declared);
    let mut named: Vec<(&str, Vec<String>)> = declared
        .iter()
        .map(|app| (app.name.as_str(), vec![app.name.clone()]))
        .collect();
    if !others.is_empty() {
        named.push((MAIN_APP, others.iter().map(|app| app.name.clone()).collect()));
    }

    named.sort();
    named
        .into_iter()
        .map(|(name, apps)| {
            schema(
                name,
                &SchemaSettings {
                    apps,
                    ..Default::default()
                },
                diagnostics,
            )
        })
        .collect()
}

fn schema(name: &str, settings: &SchemaSettings, diagnostics: &mut Vec<Diagnostic>) -> ApiSchema {
    let version = settings.version.clone().unwrap_or_else(|| "1.0.0".into());
    if semver::Version::parse(&version).is_err() {
        diagnostics.push(Diagnostic::error(
            format!("[schemas.{name}]: `{version}` is not a semantic version"),
            "use a version such as `1.2.3`",
        ));
    }

    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        diagnostics.push(Diagnostic::error(
            format!("[schemas.{name}]: a schema's name may have only letters, digits, `_` and `-`"),
            "it is the last part of `/graphql/<name>/`",
        ));
    }

    let mut values = Vec::new();
    for (key, value) in &settings.settings {
        match value {
            toml::Value::Boolean(value) => values.push((key.clone(), SettingValue::Bool(*value))),
            toml::Value::Integer(value) => values.push((key.clone(), SettingValue::Int(*value))),
            toml::Value::String(value) => values.push((key.clone(), SettingValue::Text(value.clone()))),
            _ => diagnostics.push(Diagnostic::error(
                format!("[schemas.{name}.settings]: `{key}` must be a string, an integer or a boolean"),
                "write it as in `\"text\"`, `10` or `true`",
            )),
        }
    }

    let description = settings
        .description
        .clone()
        .unwrap_or_else(|| match settings.apps.as_slice() {
            [app] if app == MAIN_APP => "The tables of the database.".into(),
            [app] => format!("The tables of the app `{app}`."),
            apps => format!(
                "The tables of the apps {}.",
                apps.iter().map(|app| format!("`{app}`")).collect::<Vec<_>>().join(", ")
            ),
        });

    let base = RustName::camel(name);
    let base = base.as_str().strip_suffix("Schema").unwrap_or(base.as_str()).to_owned();

    ApiSchema {
        rust: RustName::camel(&format!("{base}_schema")),
        name: name.to_owned(),
        version,
        description: text::plain_text(&description).unwrap_or_default(),
        apps: settings.apps.clone(),
        settings: values,
    }
}

//! Lists, registers, shows, changes and removes schemas.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::envelope::{Failure, success};
use super::fields::{SchemaBody, name, object};
use crate::registry::{Registry, SchemaDefinition};
use crate::server::App;

pub(super) fn list(app: &App, query: &HashMap<String, String>) -> Result<Response, Failure> {
    let (registry, path) = (&app.registry, &app.config.public_path);
    let enabled = match query.get("enabled").map(|value| value.to_ascii_lowercase()) {
        None => None,
        Some(value) if matches!(value.as_str(), "true" | "1" | "yes") => Some(true),
        Some(value) if matches!(value.as_str(), "false" | "0" | "no") => Some(false),
        Some(_) => {
            return Err(Failure::field(
                "enabled",
                "enabled must be one of: true, false, 1, 0, yes, no",
            ));
        }
    };

    let detailed = match query.get("format").map(String::as_str) {
        None | Some("summary") => false,
        Some("detailed") => true,
        Some(_) => return Err(Failure::field("format", "format must be one of: summary, detailed")),
    };

    let all = registry.schemas();
    let schemas: Vec<Value> = all
        .iter()
        .map(|schema| &schema.info)
        .filter(|info| enabled.is_none_or(|enabled| info.enabled == enabled))
        .filter(|info| query.get("app").is_none_or(|app| info.apps.contains(app)))
        .map(|info| {
            if detailed {
                return info.json(path);
            }

            json!({
                "name": info.name,
                "description": info.description,
                "version": info.version.to_string(),
                "enabled": info.enabled,
                "apps": info.apps,
                "models": info.models,
                "apps_count": info.apps.len(),
                "models_count": info.models.len(),
            })
        })
        .collect();

    let on = all.iter().filter(|schema| schema.info.enabled).count();
    let data = json!({
        "count": schemas.len(),
        "schemas": schemas,
        "total_count": all.len(),
        "enabled_count": on,
        "disabled_count": all.len() - on,
    });

    Ok(success(StatusCode::OK, &data, None))
}

/// Returns a schema's fields directly and once more under `schema`, with `warnings` added to those it has.
fn twice(mut schema: Value, warnings: Vec<String>) -> Value {
    if let Some(known) = schema["warnings"].as_array_mut() {
        known.extend(warnings.into_iter().map(Value::from));
    }
    let inner = schema.clone();
    schema["schema"] = inner;
    schema
}

pub(super) fn register(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<Response, Failure> {
    let (registry, path) = (&app.registry, &app.config.public_path);
    let object = object(headers, body)?;
    let name = name(&object)?;
    let body = SchemaBody::read(&object)?;

    let mut definition = SchemaDefinition::new(&name).location("the REST API");
    body.apply(&mut definition, false);
    let registered = registry.register_api(definition)?;

    let data = twice(registered.info.json(path), body.warnings);
    let message = format!("Schema '{name}' registered successfully");
    let mut response = success(StatusCode::CREATED, &data, Some(&message));
    if let Ok(location) = HeaderValue::from_str(&format!("{path}/api/v1/schemas/{name}/")) {
        response.headers_mut().insert(header::LOCATION, location);
    }

    Ok(response)
}

pub(super) fn show(app: &App, name: &str) -> Result<Response, Failure> {
    let schema = app.registry.find(name).ok_or_else(|| Failure::not_found(name))?;
    Ok(success(
        StatusCode::OK,
        &twice(schema.info.resolved_json(&app.config.public_path), Vec::new()),
        None,
    ))
}

/// Changes the fields that the body names. `merge` keeps settings that it does not name.
pub(super) fn change(
    app: &App,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    merge: bool,
) -> Result<Response, Failure> {
    let registry = &app.registry;
    let object = object(headers, body)?;

    if registry.find(path).is_none() {
        return Err(Failure::not_found(path));
    }

    if object.contains_key("name") && name(&object)? != path {
        return Err(Failure::field("name", "A schema's name cannot be changed"));
    }

    let body = SchemaBody::read(&object)?;
    let changed = registry.update(path, |definition| body.apply(definition, merge))?;

    let message = format!("Schema '{path}' updated successfully");
    Ok(success(
        StatusCode::OK,
        &twice(changed.info.resolved_json(&app.config.public_path), body.warnings),
        Some(&message),
    ))
}

pub(super) fn remove(registry: &Registry, name: &str) -> Result<Response, Failure> {
    registry.remove(name)?;
    let message = format!("Schema '{name}' deleted successfully");
    Ok(success(StatusCode::OK, &json!({ "name": name }), Some(&message)))
}

//! The public list of the schemas that are served.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde_json::json;

use super::App;

/// `GET /schemas/`: the enabled schemas with their URLs; `?disabled=true` also lists the disabled ones.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Query(parameters): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let public_path = &app.config.public_path;
    let disabled_too = parameters.get("disabled").is_some_and(|value| value == "true");

    let schemas: Vec<_> = app
        .registry
        .schemas()
        .iter()
        .filter(|schema| schema.info.enabled || disabled_too)
        .map(|schema| {
            let info = &schema.info;
            json!({
                "name": info.name,
                "description": info.description,
                "version": info.version.to_string(),
                "enabled": info.enabled,
                "requires_authentication": schema.effective.require_authentication,
                "graphiql": schema.effective.graphiql,
                "apps": info.apps,
                "models": info.served,
                "origin": info.origin.as_str(),
                "graphql_url": format!("{public_path}/graphql/{}/", info.name),
                "sdl_url": format!("{public_path}/graphql/{}/schema.graphql", info.name),
            })
        })
        .collect();

    Json(json!({ "count": schemas.len(), "schemas": schemas }))
}

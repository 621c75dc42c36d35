//! The list of what is served.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::json;

use super::App;

/// `GET /schemas/`: the enabled schemas with their addresses.
pub(super) async fn list(State(app): State<Arc<App>>) -> impl IntoResponse {
    let schemas: Vec<_> = app
        .registry
        .schemas()
        .iter()
        .filter(|schema| schema.info.enabled)
        .map(|schema| {
            let info = &schema.info;
            json!({
                "name": info.name,
                "description": info.description,
                "version": info.version.to_string(),
                "apps": info.apps,
                "models": info.served,
                "origin": info.origin.as_str(),
                "graphql_url": format!("/graphql/{}/", info.name),
                "sdl_url": format!("/graphql/{}/schema.graphql", info.name),
            })
        })
        .collect();
    Json(json!({ "count": schemas.len(), "schemas": schemas }))
}

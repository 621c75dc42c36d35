//! The management API below `/api/v1/`.

mod access;
pub(super) mod endpoints;
mod envelope;
mod fields;
mod management;
mod schemas;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};

use self::access::authorize;
use self::endpoints::{ENDPOINTS, Endpoint};
use self::envelope::Failure;
use super::App;
use super::api_keys::Scope;
use super::body::{self, BodyError};
use super::openapi;

/// The routes; each path with and without its trailing slash.
pub(super) fn routes() -> Router<Arc<App>> {
    let mut router = Router::new();
    for endpoint in ENDPOINTS {
        let path = format!("/api/v1{}", endpoint.path);
        let handler = |state, name, query, peer, request| handle(endpoint, state, name, query, peer, request);
        let bare = path.strip_suffix('/').unwrap_or(&path);

        router = router
            .route(bare, any(handler))
            .route(&format!("{bare}/"), any(handler));
    }

    router
}

async fn handle(
    endpoint: &'static Endpoint,
    State(app): State<Arc<App>>,
    name: Option<Path<String>>,
    Query(query): Query<HashMap<String, String>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    request: Request,
) -> Response {
    let limit = app.config.max_body;
    let (parts, body) = body::prepared(request, limit).into_parts();
    let (method, headers) = (parts.method, parts.headers);
    let method = if method == Method::HEAD { Method::GET } else { method };

    let Some(call) = endpoint.calls.iter().find(|call| call.method == method.as_str()) else {
        return Failure::method(endpoint.allow()).into_response();
    };

    let peer = peer.map(|Extension(info)| info.0);
    if let Some(scope) = call.scope
        && let Err(failure) = authorize(&app, &headers, peer, scope)
    {
        return failure.into_response();
    }

    let body = match body::read(body, limit).await {
        Ok(body) => body,
        Err(error) => {
            let code = if error == BodyError::Broken {
                "VALIDATION_ERROR"
            } else {
                error.code()
            };
            return Failure::new(error.status(), code, error.message(limit)).into_response();
        }
    };

    if call.id == "health" {
        let is_known = authorize(&app, &headers, peer, Scope::Read).is_ok();
        return management::health(&app.registry, is_known).await;
    }

    // Building a schema is CPU-bound, so it must not block the tasks of other requests.
    let id = call.id;
    let span = tracing::Span::current();
    let done = tokio::task::spawn_blocking(move || {
        let name = name.map(|Path(name)| name).unwrap_or_default();
        span.in_scope(|| answer(id, &app, &name, &query, &headers, &body))
    });

    match done.await {
        Ok(Ok(response)) => response,
        Ok(Err(failure)) => failure.into_response(),
        Err(error) => {
            tracing::error!(%error, "a call of the management API panicked");
            let message = "The request failed on the server; its log has the cause";
            Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", message).into_response()
        }
    }
}

fn answer(
    id: &str,
    app: &App,
    name: &str,
    query: &HashMap<String, String>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Failure> {
    let registry = &app.registry;
    match id {
        "listSchemas" => schemas::list(app, query),
        "registerSchema" => schemas::register(app, headers, body),
        "getSchema" => schemas::show(app, name),
        "replaceSchema" => schemas::change(app, name, headers, body, false),
        "changeSchema" => schemas::change(app, name, headers, body, true),
        "deleteSchema" => schemas::remove(registry, name),
        "manage" => management::manage(registry, headers, body),
        "discoveryState" => Ok(management::discovery_state(registry)),
        "discover" => Ok(management::discover(registry)),
        "metrics" => Ok(management::metrics(registry)),
        "index" => Ok(management::index(&app.config.public_path)),
        _ => Ok((
            [(header::CONTENT_TYPE, "application/json")],
            openapi::document(&app.config).to_string(),
        )
            .into_response()),
    }
}

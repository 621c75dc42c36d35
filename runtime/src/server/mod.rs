//! The HTTP server: GraphQL for every schema, `GraphiQL`, the list of schemas, and the orchestrator's probes.

mod accept;
mod config;
mod error;
mod graphiql;
mod graphql_http;
mod request_id;
mod schemas;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::execute::Database;
use crate::registry::Registry;

pub use config::ServerConfig;
pub use error::ServeError;

/// Connects to the database, registers every schema that the program carries, and serves until `Ctrl-C` or
/// `SIGTERM`; requests under way are finished first.
pub async fn serve(config: ServerConfig) -> Result<(), ServeError> {
    let url = config.database_url.as_deref().ok_or(ServeError::NoDatabase)?;
    let database = Database::connect(url, config.max_connections).await?;
    let registry = Registry::discover(database).map_err(ServeError::Registry)?;
    serve_registry(config, Arc::new(registry), shutdown_signal()).await
}

/// Serves a registry that the program made itself, until `shutdown` is ready.
pub async fn serve_registry(
    config: ServerConfig,
    registry: Arc<Registry>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|source| ServeError::Listen { address: config.listen, source })?;
    let address = listener.local_addr().map_err(ServeError::Serve)?;
    tracing::info!(%address, schemas = registry.schemas().len(), "listening");
    (config.on_listening)(address, &registry);
    let database = registry.database().clone();
    let app = router(registry);
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await.map_err(ServeError::Serve)?;
    database.close().await;
    Ok(())
}

/// The routes, for a program that has a server of its own.
pub fn router(registry: Arc<Registry>) -> Router {
    let graphql = get(graphql_http::get).post(graphql_http::post);
    Router::new()
        .route("/graphql", graphql.clone())
        .route("/graphql/", graphql.clone())
        .route("/graphql/{name}", graphql.clone())
        .route("/graphql/{name}/", graphql)
        .route("/graphql/{name}/schema.graphql", get(graphql_http::sdl))
        .route("/graphiql/{file}", get(graphiql::asset))
        .route("/schemas", get(schemas::list))
        .route("/schemas/", get(schemas::list))
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .fallback(error::not_found)
        .layer(
            // The first is the outermost.
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::x_request_id(request_id::Counter::new()))
                .layer(PropagateRequestIdLayer::x_request_id())
                .layer(TraceLayer::new_for_http())
                .layer(CatchPanicLayer::custom(error::panicked))
                .layer(RequestBodyLimitLayer::new(2 * 1024 * 1024))
                .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(30)))
                .layer(CompressionLayer::new()),
        )
        .with_state(registry)
}

/// Ready while the database answers.
async fn ready(State(registry): State<Arc<Registry>>) -> Response {
    let asked = tokio::time::timeout(Duration::from_secs(2), registry.database().ping()).await;
    match asked {
        Ok(Ok(())) => "ok".into_response(),
        Ok(Err(cause)) => {
            tracing::warn!(%cause, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer in time").into_response(),
    }
}

/// A future that is ready at `Ctrl-C` or `SIGTERM`. The handlers stand when this returns, not when the future is first
/// polled: a signal that arrives in between is not lost, and does not kill the program.
#[cfg(unix)]
pub fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = signal(SignalKind::interrupt());
    let terminate = signal(SignalKind::terminate());
    async move {
        let wait = |installed: std::io::Result<tokio::signal::unix::Signal>| async move {
            match installed {
                Ok(mut signal) => drop(signal.recv().await),
                Err(cause) => {
                    tracing::warn!(%cause, "a signal cannot be caught");
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            () = wait(interrupt) => {}
            () = wait(terminate) => {}
        }
    }
}

/// A future that is ready at `Ctrl-C`.
#[cfg(not(unix))]
pub fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

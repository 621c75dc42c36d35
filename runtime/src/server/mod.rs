//! The HTTP server: GraphQL for every schema, GraphiQL, the list of schemas, the management API, metrics, and the
//! orchestrator's probes.

mod api_keys;
pub(crate) mod authenticate;
mod body;
mod body_limit;
mod config;
mod cors;
mod environment;
mod error;
mod etag;
mod graphiql;
mod graphql_body;
mod graphql_http;
mod guesses;
pub(crate) mod listen;
mod management_access;
mod media_type;
mod openapi;
mod persisted;
mod proxies;
mod refusal;
mod request_id;
mod rest;
mod schemas;
mod trace;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use crate::cache::{RedisCache, RedisOptions};
use crate::observe::request_id::RequestIdLayer;
use crate::registry::Registry;
use rows::execute::Database;

use persisted::PersistedQueries;

pub use api_keys::{ApiKey, Scope};
pub use config::ServerConfig;
pub use environment::VARIABLES;
pub use error::ServeError;
pub use listen::{ConnectionCounts, ConnectionLimits, TimedOut, signals};
pub use management_access::{Management, ManagementRead};

/// The state that all handlers share.
pub(super) struct App {
    pub(super) registry: Arc<Registry>,
    pub(super) config: ServerConfig,
    /// Whether only this machine can reach the server.
    pub(super) loopback_only: bool,
    /// The counts of connections; `None` if the program runs its own server.
    pub(super) connections: Option<Arc<ConnectionCounts>>,
    /// The texts of persisted queries.
    persisted: PersistedQueries,
    /// Limits wrong keys of the management API.
    guesses: guesses::Guesses,
}

impl App {
    fn new(registry: Arc<Registry>, config: ServerConfig) -> Self {
        let persisted = PersistedQueries::new(config.persisted_queries);

        Self {
            registry,
            config,
            loopback_only: false,
            connections: None,
            persisted,
            guesses: guesses::Guesses::new(),
        }
    }
}

/// Connects to the database, registers every schema that is linked into the program, and serves until `Ctrl-C` or
/// `SIGTERM`. Requests in flight are finished first; a second signal drops them.
pub async fn serve(config: ServerConfig) -> Result<(), ServeError> {
    let registry = registry(&config).await?;
    let (shutdown, kill) = signals();

    serve_until(config, Arc::new(registry), shutdown, kill).await
}

/// Connects to the configured database, and returns a registry with every schema that is linked into the program.
pub async fn registry(config: &ServerConfig) -> Result<Registry, ServeError> {
    let url = config.database_url.as_deref().ok_or(ServeError::NoDatabase)?;
    let database = Database::connect_with(url, config.connect).await?;
    let registry = Registry::new(database);

    prepare(&registry, config).await?;
    registry.register_linked().map_err(ServeError::Registry)?;

    Ok(registry)
}

/// Prepares a registry before schemas are registered: connects the configured shared cache, and runs the `setup`
/// functions, which install hooks and plugins.
pub async fn prepare(registry: &Registry, config: &ServerConfig) -> Result<(), ServeError> {
    if let Some(url) = &config.redis_url {
        let mut options = RedisOptions::new(registry.database().identity()).user(registry.database().user());
        if let Some(authority) = &config.redis_authority {
            options = options.authority(authority.clone());
        }
        if let Some(secret) = &config.redis_secret {
            options = options.secret(secret.as_str());
        }

        registry.set_cache(Arc::new(
            RedisCache::connect(url, &options).await.map_err(ServeError::Cache)?,
        ));
    }

    for setup in &config.setup {
        setup(registry).map_err(ServeError::Setup)?;
    }

    Ok(())
}

/// Serves a registry that the program made itself, until `shutdown` is ready. Requests in flight are finished first.
pub async fn serve_registry(
    config: ServerConfig,
    registry: Arc<Registry>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    serve_until(config, registry, shutdown, std::future::pending()).await
}

/// Serves a registry until `shutdown` or `kill` is ready. After `shutdown` requests in flight are finished first; after
/// `kill` they are dropped at once.
pub async fn serve_until(
    mut config: ServerConfig,
    registry: Arc<Registry>,
    shutdown: impl Future<Output = ()> + Send + 'static,
    kill: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|source| ServeError::Listen {
            address: config.listen,
            source,
        })?;

    let address = listener.local_addr().map_err(ServeError::Serve)?;
    management_access::settle(&mut config, address)?;

    tracing::info!(%address, schemas = registry.schemas().len(), "listening");
    (config.on_listening)(address, &registry);

    let database = registry.database().clone();
    let loopback_only = address.ip().is_loopback();
    let (limits, counts) = (config.connections.clone(), Arc::default());
    let connections = Some(Arc::clone(&counts));

    let app = routes(App {
        loopback_only,
        connections,
        ..App::new(registry, config)
    });

    listen::serve_counted(listener, app, limits, counts, shutdown, kill)
        .await
        .map_err(ServeError::Serve)?;

    database.close();
    Ok(())
}

/// Returns the routes, for a program that runs its own server. The address of that server is not known here, so nobody
/// may change schemas without an API key.
pub fn router(registry: Arc<Registry>, config: ServerConfig) -> Router {
    routes(App::new(registry, config))
}

fn routes(app: App) -> Router {
    let own = app.config.routes.clone();
    let open = graphql_routes()
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .merge(own.with_state(()));

    // CORS never covers the management API.
    let open = match cors::layer(&app.config.cors_origins) {
        Some(cors) => open.layer(cors),
        None => open,
    };

    let registry = Arc::clone(&app.registry);
    let counted = move |response: Response<_>| {
        registry.observer().answered(response.status().as_u16());
        response
    };

    open.merge(rest::routes())
        .fallback(error::not_found)
        .layer(
            // The first layer is the outermost.
            ServiceBuilder::new()
                .map_request(trace::checked)
                .layer(SetRequestIdLayer::x_request_id(request_id::Counter::new()))
                .layer(PropagateRequestIdLayer::x_request_id())
                .layer(
                    TraceLayer::new_for_http()
                        .make_span_with(trace::span)
                        .on_request(())
                        .on_response(trace::answered)
                        .on_failure(()),
                )
                .layer(RequestIdLayer(app.registry.observer().in_flight()))
                .map_response(counted)
                .map_response(unsniffed)
                .layer(CatchPanicLayer::custom(error::panicked))
                // The fastest level: better compression costs the server more than the network gains.
                .layer(CompressionLayer::new().quality(CompressionLevel::Fastest)),
        )
        .with_state(Arc::new(app))
}

/// The routes outside the management API. Except for files, each has a variant without its trailing slash.
fn graphql_routes() -> Router<Arc<App>> {
    let graphql = get(graphql_http::get).post(graphql_http::post);
    let alive = get(|| async { "ok" });

    Router::new()
        .route("/graphql", graphql.clone())
        .route("/graphql/", graphql.clone())
        .route("/graphql/{name}", graphql.clone())
        .route("/graphql/{name}/", graphql)
        .route("/graphql/{name}/schema.graphql", get(graphql_http::sdl))
        .route("/graphiql/{version}/{file}", get(graphiql::asset))
        .route("/schemas", get(schemas::list))
        .route("/schemas/", get(schemas::list))
        .route("/livez", alive.clone())
        .route("/livez/", alive)
        .route("/readyz", get(ready))
        .route("/readyz/", get(ready))
        .route("/metrics", get(prometheus))
        .route("/metrics/", get(prometheus))
}

/// Tells browsers not to guess another media type than the declared one.
fn unsniffed<B>(mut response: Response<B>) -> Response<B> {
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Updates the connection metrics with the current counts.
fn count_connections(app: &App) {
    let observer = app.registry.observer();
    let pool = app.registry.database().pool_usage();
    let database = [
        ("open", pool.open as u64),
        ("idle", pool.idle as u64),
        ("most", pool.max as u64),
        ("down", u64::from(pool.is_down)),
    ];
    for (state, count) in database {
        observer.connections("database", state, count);
    }

    let Some(counts) = &app.connections else { return };

    let clients = [
        ("open", counts.open()),
        ("accepted", counts.accepted()),
        ("evicted", counts.evicted()),
        ("refused", counts.refused()),
    ];
    let timed_out = TimedOut::ALL.map(|step| (step.name(), counts.timed_out(step)));

    for (state, count) in clients.into_iter().chain(timed_out) {
        observer.connections("http", state, count);
    }
}

/// Answers 200 if the database answers within 2 s, otherwise 503.
async fn ready(State(app): State<Arc<App>>) -> Response {
    let asked = tokio::time::timeout(Duration::from_secs(2), app.registry.database().ping()).await;
    match asked {
        Ok(Ok(())) => "ok".into_response(),
        Ok(Err(cause)) => {
            tracing::warn!(%cause, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer in time").into_response(),
    }
}

/// Returns all metrics in Prometheus' text format.
async fn prometheus(State(app): State<Arc<App>>) -> Response {
    count_connections(&app);
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (
        [(header::CONTENT_TYPE, media_type)],
        app.registry.observer().prometheus(),
    )
        .into_response()
}

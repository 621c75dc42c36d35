//! Errors that stop a server, and error responses that do not come from a GraphQL engine.

use std::any::Any;
use std::net::SocketAddr;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::media_type::MediaType;
use crate::cache::CacheError;
use crate::observe::request_id;
use crate::registry::RegistryError;
use plan::json::escape;
use rows::execute::ConnectError;

/// Why a server did not start or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No database URL.
    #[error("no database is configured; set one with `ServerConfig::database_url`")]
    NoDatabase,
    /// An environment variable is invalid.
    #[error("invalid environment variable `{name}`: {reason}")]
    Environment {
        /// The variable.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A `setup` function of the configuration failed.
    #[error("{0}")]
    Setup(String),
    /// The shared cache's URL or options are invalid.
    #[error("cannot use the shared cache: {0}")]
    Cache(CacheError),
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Some schemas cannot be registered.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Registry(Vec<RegistryError>),
    /// The server cannot listen on the address.
    #[error("cannot listen on {address}: {source}{hint}", hint = listen_hint(.source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        source: std::io::Error,
    },
    /// The management API is configured as open, but others can reach the server.
    #[error(
        "the management API cannot be open while the server listens on {address}, which others can reach; listen on \
         127.0.0.1, or configure a key with GRAPHQL_API_KEYS"
    )]
    OpenManagement {
        /// The address.
        address: SocketAddr,
    },
    /// The listener failed.
    #[error("the server stopped: {0}")]
    Serve(std::io::Error),
}

fn listen_hint(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => "; another program uses the port: stop it, or choose another port",
        std::io::ErrorKind::PermissionDenied => "; ports below 1024 need extra privileges: choose another port",
        _ => "",
    }
}

/// The response `{"errors": [{"message": ..., "extensions": {"code": ...}}]}`; `extra` are further extensions.
pub(super) fn graphql_error(
    media_type: MediaType,
    status: StatusCode,
    message: &str,
    code: &str,
    extra: &[(&str, &str)],
) -> Response {
    let mut body = b"{\"errors\":[{\"message\":".to_vec();
    escape::write(message, &mut body);
    body.extend_from_slice(b",\"extensions\":{\"code\":");
    escape::write(code, &mut body);

    for (name, value) in extra {
        body.push(b',');
        escape::write(name, &mut body);
        body.push(b':');
        escape::write(value, &mut body);
    }

    if status.is_server_error()
        && let Some(id) = request_id::current()
    {
        body.extend_from_slice(b",\"requestId\":");
        escape::write(&id, &mut body);
    }

    body.extend_from_slice(b"}}]}");
    (status, [(header::CONTENT_TYPE, media_type.content_type())], body).into_response()
}

/// The response to a path without a route: 404.
pub(super) async fn not_found(headers: HeaderMap) -> Response {
    graphql_error(
        MediaType::of_refusal(&headers),
        StatusCode::NOT_FOUND,
        "Nothing is served at this path; `/schemas/` lists the schemas",
        "NOT_FOUND",
        &[],
    )
}

/// The response after a handler panicked: 500. Only the log gets the cause.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    tracing::error!(
        cause = crate::panics::panic_message(&*panic),
        "a request handler panicked"
    );

    graphql_error(
        MediaType::Json,
        StatusCode::INTERNAL_SERVER_ERROR,
        "The request failed on the server; its log has the cause",
        "INTERNAL_SERVER_ERROR",
        &[],
    )
}

//! The JSON envelope of every answer.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::registry::{RegistryError, timestamp};

/// A success response with its data.
pub(super) fn success(status: StatusCode, data: &Value, message: Option<&str>) -> Response {
    let mut body = json!({"status": "success", "data": data, "timestamp": timestamp(SystemTime::now())});
    if let Some(message) = message {
        body["message"] = message.into();
    }
    json_response(status, &body)
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Why a call failed.
#[derive(Debug)]
pub(super) struct Failure(Box<Reason>);

#[derive(Debug)]
struct Reason {
    status: StatusCode,
    message: String,
    details: Map<String, Value>,
    allow: Option<String>,
    retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let mut details = Map::new();
        details.insert("error_code".into(), code.into());
        Self(Box::new(Reason {
            status,
            message: message.into(),
            details,
            allow: None,
            retry_after: None,
        }))
    }

    /// An invalid body or query.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }

    /// An invalid field of a body or query.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(message).with("field", field)
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.details.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn not_found(name: &str) -> Self {
        let message = format!("Schema '{name}' not found");
        Self::new(StatusCode::NOT_FOUND, "SCHEMA_NOT_FOUND", message).with("schema_name", name)
    }

    pub(super) fn method(allow: String) -> Self {
        let mut failure = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            "Method not allowed",
        );
        failure.0.allow = Some(allow);
        failure
    }

    /// Too many wrong keys from one address, which may try again after `wait`.
    pub(super) fn too_many_keys(wait: Duration) -> Self {
        let message = "Too many wrong API keys from this address; try again later";
        let mut failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", message);
        failure.0.retry_after = Some(wait);
        failure
    }

    /// The message for the client.
    pub(super) fn into_message(self) -> String {
        self.0.message
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let code = error.code();
        match error {
            RegistryError::Duplicate { name, .. } => {
                let message = format!("Schema '{name}' already exists");
                Self::new(StatusCode::CONFLICT, code, message).with("field", "name")
            }
            RegistryError::NotFound(name) => Self::not_found(&name),
            RegistryError::Refused { by, reason, .. } => Self::new(
                StatusCode::BAD_REQUEST,
                code,
                format!("'{by}' refuses the schema: {reason}"),
            )
            .with("plugin", by),
            RegistryError::Setting { source, .. } => {
                Self::field("settings", upper_first(&source.to_string())).with("setting", source.name)
            }
            RegistryError::Version { version, .. } => Self::field(
                "version",
                format!("'{version}' is not a semantic version such as 1.2.3"),
            ),
            RegistryError::Name(_) => Self::field(
                "name",
                "Schema name must contain only alphanumeric characters, hyphens, and underscores",
            ),
            RegistryError::UnknownApp { app, .. } => {
                Self::field("apps", format!("App '{app}' is not part of this program"))
            }
            RegistryError::DuplicateApp { app, .. } => {
                Self::field("apps", format!("Several crates of this program have an app '{app}'"))
            }
            RegistryError::AmbiguousModel { model, known, .. } => Self::field(
                "models",
                format!("Several apps have a model '{model}'; name one of {}", known.join(", ")),
            ),
            RegistryError::UnknownModel { model, .. } => {
                Self::field("models", format!("Model '{model}' is not part of this program"))
            }
            RegistryError::Compose { source, schema, .. } => {
                // The cause is internal to the program, so only its log gets it.
                tracing::warn!(schema, cause = %source, "the parts of a schema cannot be combined");
                Self::invalid("The parts of the schema cannot be combined; the server's log has the cause")
            }
        }
    }
}

fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Reason {
            status,
            message,
            details,
            allow,
            retry_after,
        } = *self.0;

        let body = json!({
            "status": "error",
            "data": {"message": message, "details": details},
            "message": message,
            "timestamp": timestamp(SystemTime::now()),
        });

        let mut response = json_response(status, &body);
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = retry_after {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if let Some(allow) = allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
            response.headers_mut().insert(header::ALLOW, allow);
        }

        response
    }
}

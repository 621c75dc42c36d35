//! Refusals of requests before they reach a schema's engine, sent in the media type that the client accepts.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::body::BodyError;
use super::error::graphql_error;
use super::media_type::MediaType;
use crate::graphql::Answer;
use crate::server::authenticate::AuthenticationError;

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Refusal(Box<Reason>);

#[derive(Debug)]
struct Reason {
    status: StatusCode,
    /// The status with `application/json`, for which well-formed requests always get 200.
    json_status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<(&'static str, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let (message, details, headers) = (message.into(), Vec::new(), Vec::new());

        Self(Box::new(Reason {
            status,
            json_status: status,
            code,
            message,
            details,
            headers,
        }))
    }

    fn of_schema(self, name: &str) -> Self {
        self.detail("schema_name", name)
    }

    fn detail(mut self, name: &'static str, value: &str) -> Self {
        self.0.details.push((name, value.to_owned()));
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Returns the error response in a media type.
    pub(super) fn into_response(self, media_type: MediaType) -> Response {
        let Reason {
            status,
            json_status,
            code,
            message,
            details,
            headers,
        } = *self.0;

        let status = if media_type == MediaType::Json {
            json_status
        } else {
            status
        };
        let details: Vec<(&str, &str)> = details.iter().map(|(name, value)| (*name, value.as_str())).collect();

        let mut response = graphql_error(media_type, status, &message, code, &details);
        response.headers_mut().extend(headers);
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }

        response
    }

    /// Whether it concerns one request of a list, not the caller: a step of the protocol of persisted queries.
    pub(super) fn is_of_one_request(&self) -> bool {
        self.0.code.starts_with("PERSISTED_QUERY")
    }

    /// Returns the refusal as one answer of a list.
    pub(super) fn into_answer(self) -> Answer {
        Answer::refuse(self.0.message, self.0.code)
    }
}

/// A constructor for each refusal.
impl Refusal {
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub(super) fn body(error: BodyError, limit: usize) -> Self {
        Self::new(error.status(), error.code(), error.message(limit))
    }

    pub(super) fn media_type(message: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
            .header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, identity"))
    }

    pub(super) fn not_acceptable() -> Self {
        let message = "`Accept` must allow application/graphql-response+json or application/json";
        Self::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
    }

    pub(super) fn subscriptions(status: StatusCode) -> Self {
        Self::new(
            status,
            "SUBSCRIPTIONS_NOT_SUPPORTED",
            "Subscriptions are not available yet",
        )
    }

    pub(super) fn unknown_schema(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "SCHEMA_NOT_FOUND",
            format!("Schema '{name}' not found"),
        )
        .of_schema(name)
    }

    pub(super) fn disabled_schema(name: &str) -> Self {
        let message = format!("Schema '{name}' is disabled");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "SCHEMA_DISABLED", message).of_schema(name)
    }

    pub(super) fn empty_schema(name: &str) -> Self {
        let message = format!("Schema '{name}' has nothing to serve: the program has none of its apps and models");
        let mut refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, "SCHEMA_EMPTY", message).of_schema(name);
        refusal.0.json_status = StatusCode::OK;
        refusal
    }

    pub(super) fn needs_tls(name: &str) -> Self {
        let message = format!("Schema '{name}' is served over HTTPS only");
        Self::new(StatusCode::FORBIDDEN, "SSL_REQUIRED", message).of_schema(name)
    }

    pub(super) fn no_introspection() -> Self {
        let message = "introspection is disabled for this schema";
        Self::new(StatusCode::FORBIDDEN, "INTROSPECTION_DISABLED", message)
    }

    pub(super) fn unauthenticated() -> Self {
        // Without credentials there is no error to name (RFC 6750, 3.1).
        let challenge = HeaderValue::from_static("Bearer");
        Self::challenge("AUTHENTICATION_REQUIRED", "Authentication is required", challenge)
    }

    pub(super) fn bad_credentials(error: &AuthenticationError) -> Self {
        Self::challenge("INVALID_CREDENTIALS", error.to_string(), error.challenge())
    }

    fn challenge(code: &'static str, message: impl Into<String>, challenge: HeaderValue) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message).header(header::WWW_AUTHENTICATE, challenge)
    }

    pub(super) fn rate_limited(wait: Duration) -> Self {
        let seconds = HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        let message = "Too many requests; try again later";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", message).header(header::RETRY_AFTER, seconds)
    }

    pub(super) fn timed_out(limit: Duration) -> Self {
        let message = format!("The request took longer than {} s", limit.as_secs());
        Self::new(StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", message)
    }
}

/// The response if a route does not support the method: 405. The router adds `Allow`.
pub(super) async fn method_not_allowed(headers: HeaderMap) -> Response {
    let message = "This path does not support the method; the header `Allow` lists the supported ones";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
        .into_response(MediaType::of_refusal(&headers))
}

//! GraphQL over HTTP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Variables;
use axum::Extension;
use axum::extract::{ConnectInfo, Query, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;

use super::accept::{MediaType, wants_html};
use super::error::graphql_error;
use super::proxies::origin;
use super::{App, graphiql};
use crate::graphql::{Answer, Outcome, Request};
use crate::registry::{Registered, Registry};
use crate::service::{Rejection, respond};
use crate::viewer::Viewer;

/// `POST` with a JSON body. The request is taken apart by hand: extractors would copy its headers.
pub(super) async fn post(State(app): State<Arc<App>>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let schema = match schema(&app.registry, name_in(parts.uri.path())) {
        Ok(schema) => schema,
        Err(response) => return response,
    };
    let headers = &parts.headers;
    let Ok(body) = axum::body::to_bytes(body, app.config.max_body).await else {
        let message = format!("The body could not be read, or has more than {} bytes", app.config.max_body);
        return graphql_error(StatusCode::PAYLOAD_TOO_LARGE, &message, "PAYLOAD_TOO_LARGE", &[]);
    };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.split(';').next().unwrap_or_default().trim() != "application/json" {
        return graphql_error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be JSON, with the header `Content-Type: application/json`",
            "UNSUPPORTED_MEDIA_TYPE",
            &[],
        );
    }
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let caller = Caller { app: &app, schema: &schema, headers, peer };
    if app.config.max_batch > 0 && body.trim_ascii_start().first() == Some(&b'[') {
        return Box::pin(caller.batch(&body)).await;
    }
    match parse_body(&body) {
        // In a box, so that the layers around it do not move all of it with each of their own futures.
        Ok(request) => Box::pin(caller.answer(request)).await,
        Err(message) => bad_request(&message),
    }
}

/// `GET` with the request in the query string; a browser gets `GraphiQL`, and the list of schemas where it names none.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    uri: Uri,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let name = name_in(uri.path());
    if name.is_none() && wants_html(&headers) {
        let schemas = app.registry.schemas();
        if schemas.iter().any(|schema| schema.info.enabled && schema.effective.graphiql) {
            return graphiql::list(schemas.iter().map(AsRef::as_ref), uri.path());
        }
    }
    let schema = match schema(&app.registry, name) {
        Ok(schema) => schema,
        Err(response) => return response,
    };
    if wants_html(&headers) && schema.effective.graphiql {
        return graphiql::page(&schema, uri.path());
    }
    let caller = Caller { app: &app, schema: &schema, headers: &headers, peer: peer.map(|Extension(info)| info.0) };
    match parse_parameters(parameters) {
        Ok(request) => caller.answer(request).await,
        Err(message) => bad_request(&message),
    }
}

/// The schema's definition as text.
pub(super) async fn sdl(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let schema = match schema(&app.registry, name_in(uri.path())) {
        Ok(schema) => schema,
        Err(response) => return response,
    };
    if !schema.effective.introspection {
        let message = "This schema does not tell its types";
        return graphql_error(StatusCode::FORBIDDEN, message, "INTROSPECTION_DISABLED", &[]);
    }
    let caller = Caller { app: &app, schema: &schema, headers: &headers, peer: None };
    match (caller.viewer().await, &schema.engine) {
        (Err(response), _) => response,
        (Ok(viewer), _) if schema.effective.require_authentication && !viewer.is_authenticated() => unauthenticated(),
        (Ok(_), Some(engine)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], engine.sdl()).into_response(),
        (Ok(_), None) => empty(&schema.info.name),
    }
}

/// The schema's name in `/graphql/<name>/`. A name needs no decoding, so one that would is none.
fn name_in(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/graphql/")?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

/// The schema of the path; without a name the default one: `default`, or the first.
#[expect(clippy::result_large_err, reason = "the error is the answer")]
fn schema(registry: &Registry, name: Option<&str>) -> Result<Arc<Registered>, Response> {
    let found = match name {
        Some(name) => registry.find(name),
        None => registry.find("default").or_else(|| registry.schemas().first().cloned()),
    };
    let name = name.unwrap_or("default");
    match found {
        Some(schema) if schema.info.enabled => Ok(schema),
        Some(_) => Err(graphql_error(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!("Schema '{name}' is disabled"),
            "SCHEMA_DISABLED",
            &[("schema_name", name)],
        )),
        None => Err(graphql_error(
            StatusCode::NOT_FOUND,
            &format!("Schema '{name}' not found"),
            "SCHEMA_NOT_FOUND",
            &[("schema_name", name)],
        )),
    }
}

/// A request's surroundings.
struct Caller<'c> {
    app: &'c App,
    schema: &'c Registered,
    headers: &'c HeaderMap,
    peer: Option<SocketAddr>,
}

impl Caller<'_> {
    /// Who asks; an answer where the credentials are no good.
    async fn viewer(&self) -> Result<Viewer, Response> {
        match &self.app.config.authenticator {
            None => Ok(Viewer::anonymous()),
            Some(authenticator) => authenticator.viewer(self.headers).await.map_err(|error| {
                let response = graphql_error(StatusCode::UNAUTHORIZED, &error.to_string(), "INVALID_CREDENTIALS", &[]);
                with_challenge(response, error.challenge())
            }),
        }
    }

    async fn answer(self, request: Request) -> Response {
        let limit = self.app.config.request_timeout;
        let headers = self.headers;
        tokio::time::timeout(limit, self.answer_in_time(request)).await.unwrap_or_else(|_| timed_out(headers, limit))
    }

    async fn answer_in_time(self, request: Request) -> Response {
        let Some(media_type) = MediaType::negotiate(self.headers) else {
            return graphql_error(
                StatusCode::NOT_ACCEPTABLE,
                "Answers are application/graphql-response+json or application/json; `Accept` names neither",
                "NOT_ACCEPTABLE",
                &[],
            );
        };
        match self.respond(request).await {
            Ok(answer) => finished(media_type, answer),
            Err(response) => response,
        }
    }

    /// Several requests in one body, answered one after the other.
    async fn batch(self, body: &[u8]) -> Response {
        let limit = self.app.config.request_timeout;
        let headers = self.headers;
        tokio::time::timeout(limit, self.batch_in_time(body)).await.unwrap_or_else(|_| timed_out(headers, limit))
    }

    async fn batch_in_time(self, body: &[u8]) -> Response {
        let most = self.app.config.max_batch;
        let list: Vec<&RawValue> = match serde_json::from_slice(body) {
            Ok(list) => list,
            Err(error) => return bad_request(&format!("The body is no JSON: {error}")),
        };
        if list.is_empty() || list.len() > most {
            return bad_request(&format!("The body holds {} requests; 1 to {most} are taken", list.len()));
        }
        let mut out = vec![b'['];
        for (at, item) in list.iter().enumerate() {
            let answer = match parse_body(item.get().as_bytes()) {
                Ok(request) => self.respond(request).await,
                Err(message) => Ok(Answer::refuse(message, "BAD_REQUEST")),
            };
            match answer {
                Ok(answer) => {
                    out.extend_from_slice(if at > 0 { b"," } else { b"" });
                    out.extend_from_slice(&answer.body);
                }
                Err(response) => return response,
            }
        }
        out.push(b']');
        ([(header::CONTENT_TYPE, MediaType::Json.content_type())], out).into_response()
    }

    async fn respond(&self, request: Request) -> Result<Answer, Response> {
        let name = &self.schema.info.name;
        let origin = origin(&self.app.config.trusted_proxies, self.peer, self.headers);
        if self.schema.effective.requires_ssl && !origin.is_encrypted {
            let message = format!("Schema '{name}' answers over HTTPS only");
            return Err(graphql_error(StatusCode::FORBIDDEN, &message, "SSL_REQUIRED", &[("schema_name", name)]));
        }
        let viewer = self.viewer().await?;
        let caller = origin.address;
        let (registry, slow) = (&self.app.registry, self.app.config.slow_query);
        respond(registry, self.schema, viewer, caller, request, slow).await.map_err(|rejection| match rejection {
            Rejection::Unauthenticated => unauthenticated(),
            Rejection::Empty => empty(name),
            Rejection::RateLimited(wait) => {
                let message = "Too many requests; try again later";
                let mut response = graphql_error(StatusCode::TOO_MANY_REQUESTS, message, "RATE_LIMITED", &[]);
                let seconds = HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
                response
            }
        })
    }
}

fn finished(media_type: MediaType, answer: Answer) -> Response {
    let mut response = (
        media_type.status(answer.outcome),
        [(header::CONTENT_TYPE, HeaderValue::from_static(media_type.content_type()))],
        answer.body,
    )
        .into_response();
    if answer.outcome == Outcome::QueryOnly {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

fn timed_out(headers: &HeaderMap, limit: Duration) -> Response {
    let message = format!("The request took longer than {} s", limit.as_secs());
    let mut response = graphql_error(StatusCode::GATEWAY_TIMEOUT, &message, "TIMEOUT", &[]);
    if let Some(media_type) = MediaType::negotiate(headers) {
        let media_type = HeaderValue::from_static(media_type.content_type());
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    }
    response
}

fn unauthenticated() -> Response {
    let message = "Authentication is required";
    let response = graphql_error(StatusCode::UNAUTHORIZED, message, "AUTHENTICATION_REQUIRED", &[]);
    // Without credentials there is no error to name (RFC 6750, 3.1).
    with_challenge(response, HeaderValue::from_static("Bearer"))
}

fn with_challenge(mut response: Response, challenge: HeaderValue) -> Response {
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn empty(name: &str) -> Response {
    let message = format!("Schema '{name}' has nothing to serve: this program carries none of its apps and models");
    graphql_error(StatusCode::OK, &message, "SCHEMA_EMPTY", &[("schema_name", name)])
}

fn bad_request(message: &str) -> Response {
    graphql_error(StatusCode::BAD_REQUEST, message, "BAD_REQUEST", &[])
}

/// A request as most clients send it.
#[derive(serde::Deserialize)]
struct Body {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<HashMap<async_graphql::Name, async_graphql::Value>>,
    extensions: Option<serde::de::IgnoredAny>,
}

/// A request's body. What is not of the usual form is looked at member by member, so that the mistake is named.
fn parse_body(body: &[u8]) -> Result<Request, String> {
    match serde_json::from_slice::<Body>(body) {
        Ok(Body { query, operation_name, variables, extensions: None }) => {
            let mut given = Variables::default();
            given.extend(variables.unwrap_or_default());
            Ok(Request { query, operation_name, variables: given, ..Request::default() })
        }
        _ => parse_members(body),
    }
}

fn parse_members(body: &[u8]) -> Result<Request, String> {
    let value: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("The body is no JSON: {error}"))?;
    let serde_json::Value::Object(mut members) = value else {
        return Err("The body must be one JSON object with `query`; a list of requests is not taken".into());
    };
    let query = match members.remove("query") {
        Some(serde_json::Value::String(query)) => query,
        Some(_) => return Err("`query` must be a text".into()),
        None => return Err("`query` is missing".into()),
    };
    let operation_name = match members.remove("operationName") {
        Some(serde_json::Value::String(name)) => Some(name),
        None | Some(serde_json::Value::Null) => None,
        Some(_) => return Err("`operationName` must be a text".into()),
    };
    let variables = match members.remove("variables") {
        None | Some(serde_json::Value::Null) => Variables::default(),
        Some(variables @ serde_json::Value::Object(_)) => Variables::from_json(variables),
        Some(_) => return Err("`variables` must be an object".into()),
    };
    match members.remove("extensions") {
        None | Some(serde_json::Value::Null | serde_json::Value::Object(_)) => {}
        Some(_) => return Err("`extensions` must be an object".into()),
    }
    Ok(Request { query, operation_name, variables, ..Request::default() })
}

fn parse_parameters(mut parameters: HashMap<String, String>) -> Result<Request, String> {
    let query = parameters.remove("query").ok_or("The parameter `query` is missing")?;
    let operation_name = parameters.remove("operationName").filter(|name| !name.is_empty());
    let variables = match parameters.remove("variables").filter(|text| !text.is_empty()) {
        None => Variables::default(),
        Some(text) => match serde_json::from_str(&text) {
            Ok(variables @ serde_json::Value::Object(_)) => Variables::from_json(variables),
            Ok(serde_json::Value::Null) => Variables::default(),
            Ok(_) => return Err("`variables` must be a JSON object".into()),
            Err(error) => return Err(format!("`variables` is no JSON: {error}")),
        },
    };
    Ok(Request { query, operation_name, variables, query_only: true, ..Request::default() })
}

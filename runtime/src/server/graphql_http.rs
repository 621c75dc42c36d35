//! GraphQL over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Variables;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::{MediaType, wants_html};
use super::error::graphql_error;
use super::graphiql;
use crate::graphql::{Outcome, Request};
use crate::registry::{Registered, Registry};

/// `POST` with a JSON body.
pub(super) async fn post(
    State(registry): State<Arc<Registry>>,
    name: Option<Path<String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let schema = match schema(&registry, name) {
        Ok(schema) => schema,
        Err(response) => return response,
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
    match parse_body(&body) {
        Ok(request) => answer(&schema, &headers, request).await,
        Err(message) => bad_request(&message),
    }
}

/// `GET` with the request in the query string; a browser that sends none gets `GraphiQL`.
pub(super) async fn get(
    State(registry): State<Arc<Registry>>,
    name: Option<Path<String>>,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let schema = match schema(&registry, name) {
        Ok(schema) => schema,
        Err(response) => return response,
    };
    if wants_html(&headers) && schema.graphiql {
        return graphiql::page(&schema.info.name);
    }
    match parse_parameters(parameters) {
        Ok(request) => answer(&schema, &headers, request).await,
        Err(message) => bad_request(&message),
    }
}

/// The schema's definition as text.
pub(super) async fn sdl(State(registry): State<Arc<Registry>>, name: Option<Path<String>>) -> Response {
    match schema(&registry, name) {
        Ok(schema) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], schema.engine.sdl()).into_response(),
        Err(response) => response,
    }
}

/// The schema of the path; without a name the default one: `default`, or the first.
#[expect(clippy::result_large_err, reason = "the error is the answer")]
fn schema(registry: &Registry, name: Option<Path<String>>) -> Result<Arc<Registered>, Response> {
    let found = match &name {
        Some(Path(name)) => registry.find(name),
        None => registry.find("default").or_else(|| registry.schemas().first().cloned()),
    };
    let name = name.map_or_else(|| "default".to_owned(), |Path(name)| name);
    match found {
        Some(schema) if schema.info.enabled => Ok(schema),
        Some(_) => Err(graphql_error(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!("Schema '{name}' is disabled"),
            "SCHEMA_DISABLED",
            &[("schema_name", &name)],
        )),
        None => Err(graphql_error(
            StatusCode::NOT_FOUND,
            &format!("Schema '{name}' not found"),
            "SCHEMA_NOT_FOUND",
            &[("schema_name", &name)],
        )),
    }
}

async fn answer(schema: &Registered, headers: &HeaderMap, request: Request) -> Response {
    let Some(media_type) = MediaType::negotiate(headers) else {
        return graphql_error(
            StatusCode::NOT_ACCEPTABLE,
            "Answers are application/graphql-response+json or application/json; `Accept` names neither",
            "NOT_ACCEPTABLE",
            &[],
        );
    };
    let answer = schema.engine.execute(request).await;
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

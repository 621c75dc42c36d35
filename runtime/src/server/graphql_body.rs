//! Parses GraphQL requests from JSON bodies and from the parameters of a URL.

use std::collections::HashMap;

use async_graphql::Variables;
use serde_json::Value;

use super::persisted::{Hash, hash_in};
use crate::graphql::Request;

/// A request as it was sent. Its query text may be missing if it has a hash.
#[derive(Debug)]
pub(super) struct Sent {
    /// Everything except the query text.
    pub(super) request: Request,
    pub(super) query: Option<String>,
    /// The hash of a persisted query.
    pub(super) hash: Option<Hash>,
}

/// The usual form of a body.
#[derive(serde::Deserialize)]
struct Body {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<HashMap<async_graphql::Name, async_graphql::Value>>,
    extensions: Option<serde::de::IgnoredAny>,
}

/// Parses a body. One that is not of the usual form is parsed member by member, so that the error names the member.
pub(super) fn parse_body(body: &[u8]) -> Result<Sent, String> {
    match serde_json::from_slice::<Body>(body) {
        Ok(Body {
            query,
            operation_name,
            variables,
            extensions: None,
        }) => {
            let mut given = Variables::default();
            given.extend(variables.unwrap_or_default());
            let request = Request {
                operation_name,
                variables: given,
                ..Request::default()
            };

            Ok(Sent {
                request,
                query: Some(query),
                hash: None,
            })
        }
        _ => parse_members(body),
    }
}

fn parse_members(body: &[u8]) -> Result<Sent, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("The body is not JSON: {error}"))?;
    let Value::Object(mut members) = value else {
        return Err("The body must be one JSON object with `query`; a list of requests is not accepted".into());
    };

    let hash = match members.remove("extensions") {
        None | Some(Value::Null) => None,
        Some(extensions @ Value::Object(_)) => hash_in(&extensions)?,
        Some(_) => return Err("`extensions` must be an object".into()),
    };
    let query = match members.remove("query") {
        Some(Value::String(query)) => Some(query),
        None | Some(Value::Null) if hash.is_some() => None,
        None => return Err("`query` is missing".into()),
        Some(_) => return Err("`query` must be a string".into()),
    };

    let operation_name = match members.remove("operationName") {
        Some(Value::String(name)) => Some(name),
        None | Some(Value::Null) => None,
        Some(_) => return Err("`operationName` must be a string".into()),
    };
    let variables = match members.remove("variables") {
        None | Some(Value::Null) => Variables::default(),
        Some(variables @ Value::Object(_)) => Variables::from_json(variables),
        Some(_) => return Err("`variables` must be an object".into()),
    };

    Ok(Sent {
        request: Request {
            operation_name,
            variables,
            ..Request::default()
        },
        query,
        hash,
    })
}

/// Parses the request in the parameters of a URL, which may only be a query.
pub(super) fn parse_parameters(mut parameters: HashMap<String, String>) -> Result<Sent, String> {
    let hash = match object(&mut parameters, "extensions")? {
        Some(extensions) => hash_in(&extensions)?,
        None => None,
    };
    let query = parameters.remove("query").filter(|query| !query.is_empty());
    if query.is_none() && hash.is_none() {
        return Err("The parameter `query` is missing".into());
    }

    let operation_name = parameters.remove("operationName").filter(|name| !name.is_empty());
    let variables = object(&mut parameters, "variables")?
        .map(Variables::from_json)
        .unwrap_or_default();
    let request = Request {
        operation_name,
        variables,
        query_only: true,
        ..Request::default()
    };

    Ok(Sent { request, query, hash })
}

/// Takes a parameter that is a JSON object; `None` if it is missing, empty or null.
fn object(parameters: &mut HashMap<String, String>, name: &str) -> Result<Option<Value>, String> {
    let Some(text) = parameters.remove(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };

    match serde_json::from_str(&text) {
        Ok(object @ Value::Object(_)) => Ok(Some(object)),
        Ok(Value::Null) => Ok(None),
        Ok(_) => Err(format!("`{name}` must be a JSON object")),
        Err(error) => Err(format!("`{name}` is not JSON: {error}")),
    }
}

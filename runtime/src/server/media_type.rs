//! Media types: which one an answer has (see "Accept" in the GraphQL-over-HTTP draft), and which ones a body may have.
//! Names are compared without case (RFC 9110, section 8.3.1).

use axum::http::{HeaderMap, StatusCode, header};

use crate::graphql::Outcome;

/// The media types of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: always 200 once the request is well formed.
    Json,
    /// `application/graphql-response+json`: the status tells the request's outcome.
    GraphqlResponse,
}

impl MediaType {
    /// The type that the client prefers, the first of equally preferred ones; `application/json` without an `Accept`
    /// header. `None` if the client accepts neither. See "Accept" in RFC 9110.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut any = false;
        let mut best: Option<(f32, Self)> = None;
        for range in ranges(headers) {
            any = true;
            let mut parts = range.split(';').map(str::trim);
            let Some(media_type) = parts.next().and_then(Self::of_range) else {
                continue;
            };

            let weight = parts.find_map(weight).unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, media_type));
            }
        }

        match best {
            Some((_, media_type)) => Some(media_type),
            None => (!any).then_some(Self::Json),
        }
    }

    /// The type of a refusal: `application/json` for a client that accepts neither, since it must get an answer.
    pub(super) fn of_refusal(headers: &HeaderMap) -> Self {
        Self::negotiate(headers).unwrap_or(Self::Json)
    }

    fn of_range(range: &str) -> Option<Self> {
        match range.to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => Some(Self::GraphqlResponse),
            "application/json" | "application/*" | "*/*" => Some(Self::Json),
            _ => None,
        }
    }

    /// The value of the `Content-Type` header.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// The HTTP status of an answer with this type.
    pub(super) fn status(self, outcome: Outcome) -> StatusCode {
        match (self, outcome) {
            (_, Outcome::QueryOnly) => StatusCode::METHOD_NOT_ALLOWED,
            (Self::Json, _) | (_, Outcome::Executed) => StatusCode::OK,
            (Self::GraphqlResponse, Outcome::Refused) => StatusCode::BAD_REQUEST,
            (Self::GraphqlResponse, Outcome::TimedOut) => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// The media ranges of all `Accept` headers.
fn ranges(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
}

/// Parses a weight such as `q=0.5`; `None` for any other parameter.
fn weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    if name.trim().eq_ignore_ascii_case("q") {
        value.trim().parse().ok()
    } else {
        None
    }
}

/// Whether `Accept` contains a media type by name, not as a wildcard.
fn names(headers: &HeaderMap, media_type: &str) -> bool {
    ranges(headers).any(|range| {
        let name = range.split(';').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case(media_type)
    })
}

/// Whether the client is a browser that asks for a page.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    names(headers, "text/html")
}

/// Whether the client accepts nothing except the events of a subscription.
pub(super) fn wants_events(headers: &HeaderMap) -> bool {
    names(headers, "text/event-stream") && MediaType::negotiate(headers).is_none()
}

/// Checks by the headers that the body is JSON in UTF-8. Returns an error message if it is not.
pub(super) fn check_json(headers: &HeaderMap) -> Result<(), &'static str> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    if !parts
        .next()
        .unwrap_or_default()
        .eq_ignore_ascii_case("application/json")
    {
        return Err("The body must be JSON, with the header `Content-Type: application/json`");
    }

    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    });
    if charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("utf8")) {
        return Err("The body must be in UTF-8");
    }

    // A gzip body has been unpacked before, and its header removed.
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map_or(&b"identity"[..], |value| value.as_bytes());
    if !encoding.eq_ignore_ascii_case(b"identity") {
        return Err("The body may be compressed with gzip only");
    }

    Ok(())
}

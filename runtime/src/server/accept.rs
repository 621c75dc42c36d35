//! Which media type an answer has, see "Accept" in the GraphQL-over-HTTP draft.

use axum::http::{HeaderMap, StatusCode, header};

use crate::graphql::Outcome;

/// The media types of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: always 200 once the request is well formed.
    Json,
    /// `application/graphql-response+json`: the status says what became of the request.
    GraphqlResponse,
}

impl MediaType {
    /// The one that the client likes best; of equals the first; `application/json` where the client does not say.
    /// `None` if it takes neither. See "Accept" in RFC 9110.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut any = false;
        let mut best: Option<(f32, Self)> = None;
        for value in &headers.get_all(header::ACCEPT) {
            any = true;
            for range in value.to_str().unwrap_or_default().split(',') {
                let mut parts = range.split(';').map(str::trim);
                let media_type = match parts.next().unwrap_or_default() {
                    "application/graphql-response+json" => Self::GraphqlResponse,
                    "application/json" | "application/*" | "*/*" => Self::Json,
                    _ => continue,
                };
                let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
                if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                    best = Some((weight, media_type));
                }
            }
        }
        match best {
            Some((_, media_type)) => Some(media_type),
            None => (!any).then_some(Self::Json),
        }
    }

    /// The header's value.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// The status of an answer.
    pub(super) fn status(self, outcome: Outcome) -> StatusCode {
        match (self, outcome) {
            (_, Outcome::QueryOnly) => StatusCode::METHOD_NOT_ALLOWED,
            (Self::Json, _) | (_, Outcome::Executed) => StatusCode::OK,
            (Self::GraphqlResponse, Outcome::Refused) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Whether the client is a browser that asks for a page.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|range| range.trim().starts_with("text/html"))
}

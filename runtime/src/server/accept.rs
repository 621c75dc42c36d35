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
    /// The first acceptable one; `application/json` where the client does not say. `None` if it takes neither.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let accept = headers.get_all(header::ACCEPT);
        let mut any = false;
        for value in &accept {
            any = true;
            for range in value.to_str().unwrap_or_default().split(',') {
                match range.split(';').next().unwrap_or_default().trim() {
                    "application/graphql-response+json" => return Some(Self::GraphqlResponse),
                    "application/json" | "application/*" | "*/*" => return Some(Self::Json),
                    _ => {}
                }
            }
        }
        (!any).then_some(Self::Json)
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

//! Which web pages' scripts may call this server: none, unless the configuration names them.

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

pub(super) fn layer(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let headers =
        [header::CONTENT_TYPE, header::AUTHORIZATION, header::ACCEPT, HeaderName::from_static("x-request-id")];
    Some(CorsLayer::new().allow_origin(allowed).allow_methods(methods).allow_headers(headers))
}

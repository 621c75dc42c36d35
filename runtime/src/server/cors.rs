//! CORS: which web pages' scripts may call this server. None may, unless the configuration names their origins.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::observe::request_id;

/// How long a browser may cache a preflight response: two hours, the most that Chromium allows.
const MAX_AGE: Duration = Duration::from_hours(2);

/// The CORS layer for the configured origins; `None` if there are none.
pub(super) fn layer(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }

    let is_open = origins.iter().any(|origin| origin == "*");
    let allowed = if is_open {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };

    let told = [
        HeaderName::from_static(request_id::HEADER),
        header::RETRY_AFTER,
        header::ETAG,
    ];

    // Only origins that are named may send their user's cookies.
    let cors = CorsLayer::new()
        .allow_origin(allowed)
        .allow_credentials(!is_open)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(told)
        .max_age(MAX_AGE);

    Some(cors)
}

//! A page that is a client of the schemas: it signs in, browses, fills a cart and orders. One file, and nothing from
//! elsewhere.

use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;

/// Only what the page itself has in it may run or be loaded.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
                      img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The page at `/`.
pub fn routes() -> Router {
    Router::new().route(
        "/",
        get(|| async { ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(include_str!("../page/index.html"))) }),
    )
}

//! A web page that is a client of the schemas: customers sign in, browse, fill a cart and order. It has three files and
//! loads nothing from other hosts. Its addresses are relative, so it also works below a path prefix.

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;

use crate::setup::{DEMO_PASSWORD, DEMO_USERS};

/// The Content-Security-Policy: only the page's own files may be loaded or run.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// Returns the routes of the page at `/`, its style sheet and its script.
pub fn routes() -> Router {
    let file = |media_type: &'static str, text: &'static str| {
        get(async move || {
            (
                [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")],
                text,
            )
        })
    };

    Router::new()
        .route("/", get(index))
        .route(
            "/shop.css",
            file("text/css; charset=utf-8", include_str!("../page/shop.css")),
        )
        .route(
            "/shop.js",
            file("text/javascript; charset=utf-8", include_str!("../page/shop.js")),
        )
}

/// Renders the page with the demo accounts.
async fn index() -> impl IntoResponse {
    let users: Vec<_> = DEMO_USERS
        .iter()
        .map(|id| format!("<button type=\"button\">user{id}</button>"))
        .collect();

    let page = include_str!("../page/index.html");
    let page = page
        .replace("{users}", &users.join(" "))
        .replace("{password}", DEMO_PASSWORD);

    (
        [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        Html(page),
    )
}

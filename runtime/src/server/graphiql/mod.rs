//! `GraphiQL` from the program itself: version 3.9.0 with React 18.3.1, both MIT (their licences lie beside this file).

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Name, media type, and whether the bytes are compressed.
const ASSETS: &[(&str, &str, &[u8], bool)] = &[
    ("graphiql.js", "text/javascript", include_bytes!("graphiql.min.js.gz"), true),
    ("graphiql.css", "text/css", include_bytes!("graphiql.min.css.gz"), true),
    ("react.js", "text/javascript", include_bytes!("react.min.js.gz"), true),
    ("react-dom.js", "text/javascript", include_bytes!("react-dom.min.js.gz"), true),
    ("start.js", "text/javascript", include_bytes!("start.js"), false),
];

/// The page for a schema.
pub(super) fn page(schema: &str) -> Response {
    // A schema's name has letters, digits, `_` and `-` only, so it needs no escaping.
    let html = include_str!("page.html").replace("{schema}", schema);
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:";
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::VARY, "Accept"),
        ],
        html,
    )
        .into_response()
}

/// A file of the page.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let Some((_, media_type, bytes, compressed)) = ASSETS.iter().find(|asset| asset.0 == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response =
        ([(header::CONTENT_TYPE, *media_type), (header::CACHE_CONTROL, "public, max-age=86400")], *bytes)
            .into_response();
    if *compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    response
}

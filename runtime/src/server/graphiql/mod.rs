//! Pages for browsers: the list of schemas, and GraphiQL, which is embedded in the program: version 3.9.0 with React
//! 18.3.1, both MIT (their licences are next to this file). All URLs in them are relative, so that they work below any
//! path prefix. The URLs of the assets contain a version, so that browsers may cache them for good.

use std::io::Read as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};

use crate::registry::Registered;

/// A file that a page loads.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    /// Whether `bytes` is compressed with gzip.
    gzip: bool,
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const ASSETS: &[Asset] = &[
    Asset {
        name: "graphiql.js",
        media_type: SCRIPT,
        bytes: include_bytes!("graphiql.min.js.gz"),
        gzip: true,
    },
    Asset {
        name: "graphiql.css",
        media_type: CSS,
        bytes: include_bytes!("graphiql.min.css.gz"),
        gzip: true,
    },
    Asset {
        name: "react.js",
        media_type: SCRIPT,
        bytes: include_bytes!("react.min.js.gz"),
        gzip: true,
    },
    Asset {
        name: "react-dom.js",
        media_type: SCRIPT,
        bytes: include_bytes!("react-dom.min.js.gz"),
        gzip: true,
    },
    Asset {
        name: "start.js",
        media_type: SCRIPT,
        bytes: include_bytes!("start.js"),
        gzip: false,
    },
    Asset {
        name: "page.css",
        media_type: CSS,
        bytes: include_bytes!("page.css"),
        gzip: false,
    },
];

/// A hash of all assets, the version in their URLs.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let hash = ASSETS
        .iter()
        .fold(Sha256::new(), |hash, asset| hash.chain_update(asset.bytes))
        .finalize();
    URL_SAFE_NO_PAD.encode(&hash[..9])
});

/// The content security policy. GraphiQL sets inline styles from its script. No page may be put into a frame, which
/// prevents clickjacking.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
                      img-src 'self' data:; object-src 'none'; form-action 'none'; frame-ancestors 'none'; \
                      base-uri 'none'";

/// The GraphiQL page of a schema. `path` is the path of the request.
pub(super) fn page(schema: &Registered, path: &str) -> Response {
    let authentication = schema.effective.require_authentication.to_string();
    // A schema's name has letters, digits, `_` and `-` only, so it needs no escaping.
    let html = include_str!("page.html").replace("{schema}", &schema.info.name);
    html_response(&html.replace("{authentication}", &authentication), path)
}

/// The page with the list of schemas. `path` is the path of the request.
pub(super) fn list<'s>(schemas: impl IntoIterator<Item = &'s Registered>, path: &str) -> Response {
    let items: String = schemas.into_iter().map(item).collect();
    html_response(&include_str!("list.html").replace("{schemas}", &items), path)
}

/// A schema's list item, with links only to what a browser can open.
fn item(schema: &Registered) -> String {
    let (info, effective) = (&schema.info, &schema.effective);
    let name = &info.name;
    let opens = info.enabled && effective.graphiql;
    let title = if opens {
        format!("<a href=\"{{root}}graphql/{name}/\">{name}</a>")
    } else {
        name.clone()
    };

    let mut marks = String::new();
    for (applies, text) in [
        (!info.enabled, "disabled"),
        (effective.require_authentication, "needs authentication"),
    ] {
        if applies {
            marks.extend([" <span class=\"mark\">", text, "</span>"]);
        }
    }

    let version = escaped(&info.version.to_string());
    let shows_types = info.enabled && effective.introspection && !effective.require_authentication;
    let sdl = if shows_types {
        format!(" · <a href=\"{{root}}graphql/{name}/schema.graphql\">SDL<span class=\"hidden\"> of {name}</span></a>")
    } else {
        String::new()
    };

    let class = if info.enabled { "" } else { " class=\"disabled\"" };
    let description = escaped(&info.description);

    format!(
        "<li{class}><h2>{title}</h2>{marks}<p>{description}</p><p class=\"quiet\">Version {version}{sdl}</p></li>\n"
    )
}

/// Escapes text between tags.
fn escaped(text: &str) -> String {
    // Braces are placeholders of the template.
    text.replace('&', "&amp;").replace('<', "&lt;").replace('{', "&#123;")
}

/// Fills in the relative path from the page to the server's root, and returns the page.
fn html_response(html: &str, path: &str) -> Response {
    let root = "../".repeat(path.matches('/').count().saturating_sub(1));
    let assets = format!("{root}graphiql/{}", *VERSION);
    let html = html.replace("{assets}", &assets).replace("{root}", &root);

    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept"),
    ];

    (headers, html).into_response()
}

/// Serves a file of a page. With the version of an earlier program, which an open page may still use, caches must not
/// store it.
pub(super) async fn asset(Path((version, file)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };

    let kept = if version == *VERSION {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };

    let mut response = if asset.gzip && !takes_gzip(&headers) {
        let mut plain = Vec::new();
        GzDecoder::new(asset.bytes)
            .read_to_end(&mut plain)
            .expect("invariant: embedded files are complete");
        plain.into_response()
    } else {
        asset.bytes.into_response()
    };

    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if asset.gzip {
        out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if takes_gzip(&headers) {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }

    response
}

/// Whether `Accept-Encoding` allows gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());

    let weights = values.flat_map(|value| value.split(',')).filter_map(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let name = name.trim();
        let named = ["gzip", "x-gzip"].iter().any(|gzip| name.eq_ignore_ascii_case(gzip));
        let weight = parameters
            .trim()
            .strip_prefix("q=")
            .map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
        (named || name == "*").then_some((named, weight.unwrap_or(0.0)))
    });

    // `gzip` by name takes precedence over `*`.
    weights
        .max_by_key(|(named, _)| *named)
        .is_some_and(|(_, weight)| weight > 0.0)
}

//! Who may call.

use std::net::SocketAddr;

use axum::http::{HeaderMap, StatusCode, header};

use super::envelope::Failure;
use crate::server::keys::{Scope, scope_of};
use crate::server::proxies::origin;
use crate::server::{App, Management, ManagementRead};

/// Whether a caller may do what needs a scope.
pub(super) fn authorize(
    app: &App,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
    needed: Scope,
) -> Result<(), Failure> {
    let is_open = match needed {
        Scope::Read => app.config.management_read == ManagementRead::Open,
        Scope::Admin => app.config.management == Management::Open && is_at_home(app, headers, peer),
    };
    if is_open {
        return Ok(());
    }
    if app.config.api_keys.is_empty() {
        return Err(Failure::new(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "Without a key this is open to programs on this machine at most; configure an API key: \
             GRAPHQL_API_KEYS=admin:SHA256, or ServerConfig::api_key",
        ));
    }
    match presented(app, headers) {
        None if headers.contains_key(header::AUTHORIZATION)
            && let Err(wait) = app
                .guesses
                .count(origin(&app.config.trusted_proxies, peer, headers).address) =>
        {
            Err(Failure::too_many_keys(wait))
        }
        None => Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "AUTHENTICATION_REQUIRED",
            "An API key is required: Authorization: Bearer <api key>. Without configured keys (GRAPHQL_API_KEYS) the server \
             makes one at its start and prints it to standard error",
        )),
        Some(scope) if scope >= needed => Ok(()),
        Some(_) => Err(Failure::new(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "The API key does not allow this",
        )),
    }
}

/// What the presented key allows.
pub(super) fn presented(app: &App, headers: &HeaderMap) -> Option<Scope> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    scope_of(&app.config.api_keys, key.trim())
}

/// Headers that a proxy or a web page adds, and a program on this machine does not.
const FOREIGN: [&str; 9] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
    "cf-connecting-ip",
    "origin",
    "sec-fetch-site",
];

/// Whether the request comes from a program on this machine: over loopback, as far as can be seen through no proxy, and
/// not from a web page.
fn is_at_home(app: &App, headers: &HeaderMap, peer: Option<SocketAddr>) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    app.loopback_only
        && peer.is_some_and(|peer| peer.ip().is_loopback())
        && matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        && !FOREIGN.iter().any(|name| headers.contains_key(*name))
}

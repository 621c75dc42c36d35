//! Checks who may call the management API.

use std::net::SocketAddr;

use axum::http::{HeaderMap, StatusCode, header};

use super::envelope::Failure;
use crate::server::api_keys::{Scope, scope_of};
use crate::server::proxies::origin;
use crate::server::{App, Management, ManagementRead};

/// Checks whether a caller may make a call that needs a scope. The error is the response to send.
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
            "Without a key only programs on this machine may be allowed; configure an API key: \
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
            "An API key is required: Authorization: Bearer <api key>. If none is configured (GRAPHQL_API_KEYS), \
             the server generates one at its start and prints it to standard error",
        )),
        Some(scope) if scope >= needed => Ok(()),
        Some(_) => Err(Failure::new(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "The API key does not allow this",
        )),
    }
}

/// The scope of the presented key; `None` without a valid one.
pub(super) fn presented(app: &App, headers: &HeaderMap) -> Option<Scope> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }

    scope_of(&app.config.api_keys, key.trim())
}

/// Headers that proxies and web pages add, but programs on this machine do not.
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

/// Whether the request comes from a program on this machine: over loopback, without signs of a proxy, and not from a
/// web page.
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

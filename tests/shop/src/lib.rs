//! A complete shop, as an example to read from the top:
//!
//! 1. [`api`] is generated from the tables. `codegen.toml` groups the tables into apps and says what clients may write
//!    and who sees what.
//! 2. Five modules declare a schema each and add what cannot be generated: [`accounts`] signs people in, [`catalog`]
//!    finds products, [`cart`] fills carts, [`orders`] turns carts into orders, and [`admin`] shows everything to staff.
//! 3. [`extras`] installs plugins and hooks, [`page`] is a client in the browser, and [`start`] puts everything into a
//!    server.

pub mod accounts;
pub mod admin;
pub mod cart;
pub mod catalog;
pub mod extras;
pub mod orders;
pub mod page;
pub mod passwords;
pub mod ratings;
pub mod setup;

/// The code that `build.rs` generated.
pub mod api {
    runtime::include_schema!();
}

use async_graphql::{Context, Error, ErrorExtensions as _, ID, Result};
use runtime::ServerConfig;
use runtime::{JwtAuthenticator, JwtError, Viewer};

/// Adds authentication, plugins, hooks and the page to a configuration that has an address and a database.
///
/// # Errors
///
/// The secret is too short to sign tokens with.
pub fn start(config: ServerConfig, secret: &[u8]) -> Result<ServerConfig, JwtError> {
    let config = config.authenticator(
        JwtAuthenticator::hs256(secret)?
            .issuer(accounts::ISSUER)
            .numbered_subjects(),
    );
    let config = accounts::with_tokens(config, secret);
    Ok(extras::install(config).routes(page::routes()))
}

/// Parses an id from a client; `name` is the argument that the error message names.
fn number(id: &ID, name: &str) -> Result<i64> {
    id.parse()
        .map_err(|_| wrong(format!("`{name}` must be the id of a row, not `{}`", id.as_str())))
}

/// Returns an error with the code `BAD_USER_INPUT`, for an invalid value from the client.
fn wrong(message: String) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", "BAD_USER_INPUT"))
}

/// Returns the id of the signed-in viewer; without one, an error with the code `AUTHENTICATION_REQUIRED`.
fn viewer_id(ctx: &Context<'_>) -> Result<i64> {
    let exact = |id: &str| id.parse::<i64>().ok().filter(|number| number.to_string() == id);
    let id = ctx
        .data_opt::<Viewer>()
        .and_then(|viewer| viewer.id.as_deref())
        .and_then(exact);
    id.ok_or_else(|| {
        let error = Error::new("Authentication is required");
        error.extend_with(|_, extensions| extensions.set("code", "AUTHENTICATION_REQUIRED"))
    })
}

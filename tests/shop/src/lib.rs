//! A shop, as an example to read from the top:
//!
//! 1. [`api`] is generated from the tables. `codegen.toml` says which of them belong together, what clients may write,
//!    and who sees what.
//! 2. Each of the other modules declares a schema and adds what no rule could know: [`accounts`] signs people in,
//!    [`catalog`] finds products, [`cart`] fills carts, [`orders`] turns them into orders, [`admin`] shows it all to staff.
//! 3. [`extras`] are the plugins and hooks, [`page`] is a client, and [`start`] puts everything into a server.

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

/// The generated code, as `build.rs` made it.
pub mod api {
    runtime::include_schema!();
}

use async_graphql::{Context, Error, ErrorExtensions as _, ID, Result};
use runtime::ServerConfig;
use runtime::{JwtAuthenticator, JwtError, Viewer};

/// Everything but the address and the database.
///
/// # Errors
///
/// A secret that is too short to sign with.
pub fn start(config: ServerConfig, secret: &[u8]) -> Result<ServerConfig, JwtError> {
    let config = config.authenticator(
        JwtAuthenticator::hs256(secret)?
            .issuer(accounts::ISSUER)
            .numbered_subjects(),
    );
    let config = accounts::with_tokens(config, secret);
    Ok(extras::install(config).routes(page::routes()))
}

/// A number that a client gives as an id.
fn number(id: &ID, name: &str) -> Result<i64> {
    id.parse()
        .map_err(|_| wrong(format!("`{name}` must be the id of a row, not `{}`", id.as_str())))
}

/// A mistake of the client's.
fn wrong(message: String) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", "BAD_USER_INPUT"))
}

/// The id of who is signed in.
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

//! Who sends a request: viewers by tokens, sessions, or whatever the program uses.

mod error;
mod jwt;

use async_graphql::async_trait::async_trait;
use axum::http::HeaderMap;
use plan::viewer::Viewer;

pub use error::AuthenticationError;
pub use jwt::{FetchError, FileKeys, JwtAuthenticator, JwtError, KeySet, KeySource, TokenError, TokenKey};

/// Tells who sends a request: by a session, a token, or whatever the program uses.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// The viewer of a request; anonymous where it has no credentials.
    async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, AuthenticationError>;
}

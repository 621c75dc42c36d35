//! Who sends a request: viewers by tokens, sessions, or whatever the program uses.

mod challenge;
mod error;
mod jwt;

use async_graphql::async_trait::async_trait;
use axum::http::HeaderMap;
use plan::viewer::Viewer;

pub use error::AuthenticationError;
pub use jwt::{FetchError, FileKeys, JwtAuthenticator, JwtError, KeySet, KeySource, TokenError, TokenKey};

/// Identifies the caller of a request: by a session, a token, or whatever the program uses.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Returns the viewer of a request: anonymous without credentials, an error if the credentials are invalid.
    async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, AuthenticationError>;
}

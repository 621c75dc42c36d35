//! Errors of authentication, and their challenges in HTTP.

use axum::http::HeaderValue;

use super::TokenError;
use super::challenge::invalid_token;

/// Why credentials are refused. The text is shown to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// The token is refused.
    #[error("Not signed in: {0}")]
    Token(#[from] TokenError),
    /// Other credentials are refused; the text comes from the program's own [`Authenticate`](super::Authenticate).
    #[error("{0}")]
    Credentials(String),
}

impl AuthenticationError {
    /// Returns an error with a reason, which is shown to the caller.
    pub fn new(reason: impl Into<String>) -> Self {
        Self::Credentials(reason.into())
    }

    /// Returns the value of `WWW-Authenticate` in the answer, see RFC 6750, section 3.
    pub fn challenge(&self) -> HeaderValue {
        match self {
            Self::Token(error) => error.challenge(),
            Self::Credentials(reason) => invalid_token(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_holds_no_foreign_header() {
        let error = AuthenticationError::new("no \"session\"\r\nSet-Cookie: a=ü\\");
        assert_eq!(
            error.challenge(),
            "Bearer error=\"invalid_token\", error_description=\"no 'session'??Set-Cookie: a=?'\""
        );
        assert!(AuthenticationError::new("x".repeat(5000)).challenge().len() < 300);
    }
}

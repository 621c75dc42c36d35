//! Errors of authentication, and their challenges in HTTP.

use axum::http::HeaderValue;

use super::TokenError;

/// The longest description of a challenge, in characters.
const LONGEST_DESCRIPTION: usize = 200;

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

/// Returns the challenge for refused credentials. Characters that a description must not have are replaced.
pub(super) fn invalid_token(reason: &str) -> HeaderValue {
    let description: String = reason
        .chars()
        .take(LONGEST_DESCRIPTION)
        .map(|character| match character {
            '"' | '\\' => '\'',
            ' '..='~' => character,
            _ => '?',
        })
        .collect();

    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{description}\"");
    HeaderValue::try_from(challenge).expect("invariant: printable ASCII is a header's value")
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

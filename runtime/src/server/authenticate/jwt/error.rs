//! What is wrong with a token or a key. No text of a token is in it.

use axum::http::HeaderValue;

use super::FetchError;
use crate::server::authenticate::error::invalid_token;

/// Why a token is refused. What its claims say is told only to those whose signature fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// `Authorization` is of another scheme, or there are several.
    #[error("the header must be one `Authorization: Bearer <token>`")]
    Scheme,
    /// It is too long to be looked at.
    #[error("the token is longer than 16 KiB")]
    TooLong,
    /// It is not three parts in base64url, two of them JSON objects that name each member once.
    #[error("the token cannot be read")]
    Malformed,
    /// Its header has `crit` or `b64`, none of whose extensions is known here.
    #[error("the token asks for an extension that is not known")]
    Extension,
    /// Its `typ` is that of another kind, such as a logout token.
    #[error("the token is of another kind")]
    Type,
    /// No key goes with its `alg`.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// No key has its `kid`.
    #[error("the token's key is not known")]
    UnknownKey,
    /// It has no `kid`, and too many keys could be meant.
    #[error("the token must name its key (`kid`)")]
    NoKeyId,
    /// It was signed by another key, or changed since.
    #[error("the signature does not fit")]
    Signature,
    /// A claim is missing.
    #[error("the claim `{0}` is missing")]
    Missing(&'static str),
    /// A claim is not of its type.
    #[error("the claim `{0}` is not of its type")]
    Claim(&'static str),
    /// `exp` is past.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is to come.
    #[error("the token is not valid yet")]
    NotYet,
    /// `iat` is to come.
    #[error("the token was issued in the future")]
    Future,
    /// `iss` is somebody else.
    #[error("the token is of another issuer")]
    Issuer,
    /// `aud` is somebody else.
    #[error("the token is for another audience")]
    Audience,
}

impl TokenError {
    /// The value of `WWW-Authenticate` in the answer, see RFC 6750, section 3.
    pub fn challenge(&self) -> HeaderValue {
        match self {
            // There is no token, of which an error could be told.
            Self::Scheme => HeaderValue::from_static("Bearer"),
            refused => invalid_token(&refused.to_string()),
        }
    }
}

/// A key that tokens cannot be checked with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// An HS256 secret that can be guessed.
    #[error("the secret has {0} bytes; HS256 needs 32 at least")]
    ShortSecret(usize),
    /// A key that is none.
    #[error("the key cannot be read: {0}")]
    Key(#[from] jsonwebtoken::errors::Error),
    /// A key of a kind, a curve or a size that is not taken.
    #[error("the key cannot be used: {0}")]
    Unsuitable(&'static str),
    /// A key set that is none, or holds no key of a kind that is taken.
    #[error("the key set cannot be used: {0}")]
    KeySet(String),
    /// A source that does not give its keys.
    #[error("the keys cannot be fetched: {0}")]
    Fetch(#[source] FetchError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_say_why() {
        assert_eq!(TokenError::Scheme.challenge(), "Bearer");
        assert_eq!(
            TokenError::Expired.challenge(),
            "Bearer error=\"invalid_token\", error_description=\"the token has expired\""
        );
        assert_eq!(
            TokenError::Missing("exp").challenge(),
            "Bearer error=\"invalid_token\", error_description=\"the claim `exp` is missing\""
        );
    }
}

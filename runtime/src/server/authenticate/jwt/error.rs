//! Errors of tokens and keys. No error holds text of a token.

use axum::http::HeaderValue;

use crate::server::authenticate::challenge::invalid_token;

/// Why a source could not return its keys. It is logged.
pub type FetchError = Box<dyn std::error::Error + Send + Sync>;

/// Why a token is refused. An error in a claim is reported only if the signature is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// `Authorization` has another scheme, or there are several of them.
    #[error("the header must be one `Authorization: Bearer <token>`")]
    Scheme,
    /// It is longer than 16 KiB.
    #[error("the token is longer than 16 KiB")]
    TooLong,
    /// It is not three parts in base64url, the first two of them JSON objects without duplicate members.
    #[error("the token cannot be read")]
    Malformed,
    /// Its header has `crit` or `b64`; no extension is supported.
    #[error("the token requires an unsupported extension")]
    Extension,
    /// Its `typ` names another kind of token, such as a logout token.
    #[error("the token is not an access token")]
    Type,
    /// No key may be used with its `alg`.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// No key has its `kid`.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// It has no `kid`, and too many keys could have signed it.
    #[error("the token must name its key (`kid`)")]
    NoKeyId,
    /// It was signed by another key, or changed after it was signed.
    #[error("the signature is invalid")]
    Signature,
    /// A claim is missing.
    #[error("the claim `{0}` is missing")]
    Missing(&'static str),
    /// A claim has the wrong type or an invalid value.
    #[error("the claim `{0}` is invalid")]
    Claim(&'static str),
    /// `exp` is past.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is in the future.
    #[error("the token is not valid yet")]
    NotYet,
    /// `iat` is in the future.
    #[error("the token was issued in the future")]
    Future,
    /// `iss` names another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` names another audience.
    #[error("the token is for another audience")]
    Audience,
}

impl TokenError {
    /// Returns the value of `WWW-Authenticate` in the answer, see RFC 6750, section 3.
    pub fn challenge(&self) -> HeaderValue {
        match self {
            // Without a token there is no error to report.
            Self::Scheme => HeaderValue::from_static("Bearer"),
            refused => invalid_token(&refused.to_string()),
        }
    }
}

/// Why tokens cannot be checked with a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// An HS256 secret that can be guessed.
    #[error("the secret has {0} bytes; HS256 needs at least 32")]
    ShortSecret(usize),
    /// A key that cannot be read.
    #[error("the key cannot be read: {0}")]
    Key(#[from] jsonwebtoken::errors::Error),
    /// A key of an unsupported kind, curve or size.
    #[error("the key cannot be used: {0}")]
    Unsuitable(&'static str),
    /// A key set that is invalid, or holds no key of a supported kind.
    #[error("the key set cannot be used: {0}")]
    KeySet(String),
    /// A source that could not return its keys.
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

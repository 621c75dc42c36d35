//! Splits a token into its parts, before anything in it is trusted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::{TokenError, key, unique};

/// The longest token that is read, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;

/// A token whose header has been read and whose signature has not been checked. It has no `Debug`, so that no log shows
/// it.
pub(super) struct Token<'t> {
    /// The algorithm that its header names.
    pub(super) algorithm: Algorithm,
    /// The key that its header names.
    pub(super) key_id: Option<String>,
    /// The part that is signed: header and claims.
    pub(super) message: &'t str,
    /// The signature in base64url.
    pub(super) signature: &'t str,
    claims: &'t str,
}

impl<'t> Token<'t> {
    /// Splits a token and reads its header.
    pub(super) fn read(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::TooLong);
        }

        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;

        if claims.contains('.') {
            return Err(TokenError::Malformed);
        }

        let header = decode_object(header)?;

        // Not even an empty list is allowed, and `b64` has an effect only if `crit` lists it (RFC 7515, 4.1.11 and
        // RFC 7797).
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(TokenError::Extension);
        }

        if !is_access_token(header.get("typ"))? {
            return Err(TokenError::Type);
        }

        let Some(Value::String(algorithm)) = header.get("alg") else {
            return Err(TokenError::Malformed);
        };
        let algorithm = key::algorithm(algorithm).ok_or(TokenError::Algorithm)?;
        let key_id = text(header.get("kid"))?.map(str::to_owned);

        Ok(Self {
            algorithm,
            key_id,
            message,
            signature,
            claims,
        })
    }

    /// Returns the claims. Call it only after the signature has been checked.
    pub(super) fn claims(&self) -> Result<Map<String, Value>, TokenError> {
        decode_object(self.claims)
    }
}

/// Decodes an object in base64url, without padding and left-over bits.
fn decode_object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;

    unique::object(&json).ok_or(TokenError::Malformed)
}

fn text(member: Option<&Value>) -> Result<Option<&str>, TokenError> {
    match member {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenError::Malformed),
    }
}

/// Whether `typ` does not name another kind of JWT, such as `logout+jwt` or `dpop+jwt` (RFC 8725, 3.11).
fn is_access_token(kind: Option<&Value>) -> Result<bool, TokenError> {
    let kind = text(kind)?.unwrap_or_default().to_ascii_lowercase();

    Ok(!kind.ends_with("+jwt") || kind.ends_with("at+jwt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<Option<String>, TokenError> {
        let token = format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode("{}")
        );
        Token::read(&token).map(|token| token.key_id)
    }

    #[test]
    fn headers_are_read_strictly() {
        assert_eq!(
            read(r#"{"alg":"HS256","typ":"JWT","kid":"a","x5t":"unknown"}"#),
            Ok(Some("a".into()))
        );
        assert_eq!(read(r#"{"alg":"ES256","typ":"application/at+JWT"}"#), Ok(None));
        assert_eq!(read(r#"{"alg":"Ed25519"}"#), Ok(None));

        for (header, error) in [
            (r#"{"alg":"HS256","crit":["exp"],"exp":1}"#, TokenError::Extension),
            (r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, TokenError::Extension),
            (r#"{"alg":"HS256","crit":[]}"#, TokenError::Extension),
            (r#"{"alg":"HS256","crit":null}"#, TokenError::Extension),
            (r#"{"alg":"HS256","b64":true}"#, TokenError::Extension),
            (r#"{"alg":"HS256","typ":"logout+jwt"}"#, TokenError::Type),
            (r#"{"alg":"none"}"#, TokenError::Algorithm),
            (r#"{"alg":"hs256"}"#, TokenError::Algorithm),
            (r#"{"alg":"HS512"}"#, TokenError::Algorithm),
            (r#"{"alg":"HS256","alg":"none"}"#, TokenError::Malformed),
            (r#"{"alg":"HS256","kid":1}"#, TokenError::Malformed),
            (r#"{"alg":"HS256","typ":null}"#, TokenError::Malformed),
            (r#"{"alg":["HS256"]}"#, TokenError::Malformed),
            ("{}", TokenError::Malformed),
            ("[]", TokenError::Malformed),
        ] {
            assert_eq!(read(header), Err(error), "{header}");
        }
    }

    #[test]
    fn a_token_has_three_parts_and_an_end() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
        let error = |token: &str| Token::read(token).err();

        assert_eq!(error(&format!("{header}.e30.")), None);

        for token in [
            "",
            ".",
            "..",
            &header,
            &format!("{header}.e30"),
            &format!("{header}=.e30.x"),
            "é.e30.x",
        ] {
            assert_eq!(error(token), Some(TokenError::Malformed), "{token}");
        }
        assert_eq!(error(&format!("{header}.e30.e30.e30.e30")), Some(TokenError::Malformed));

        assert_eq!(error(&"x".repeat(LONGEST_TOKEN)), Some(TokenError::Malformed));
        assert_eq!(error(&"x".repeat(LONGEST_TOKEN + 1)), Some(TokenError::TooLong));
    }
}

//! Sets of keys, and the choice of the key for a token.

use serde_json::Value;

use super::key::Jwk;
use super::token::Token;
use super::{JwtError, TokenError, TokenKey};

/// The largest number of keys in a set.
const MOST_KEYS: usize = 64;

/// The largest number of keys that one token is checked with: each check costs the server time, and the sender nothing.
const MOST_TRIED: usize = 4;

/// Keys from which a token selects one by its `kid`.
#[derive(Debug, Clone)]
pub struct KeySet(Vec<TokenKey>);

impl KeySet {
    /// The largest size of a set as text, in bytes.
    pub const MOST_BYTES: usize = 256 * 1024;

    /// Returns a set of 1 to 64 keys.
    pub fn new(keys: impl IntoIterator<Item = TokenKey>) -> Result<Self, JwtError> {
        let keys: Vec<TokenKey> = keys.into_iter().take(MOST_KEYS + 1).collect();

        match keys.len() {
            0 => Err(JwtError::KeySet("it has no key".into())),
            1..=MOST_KEYS => Ok(Self(keys)),
            _ => Err(JwtError::KeySet(format!("it has more than {MOST_KEYS} keys"))),
        }
    }

    /// Reads the text of a file or a server: a JSON Web Key Set, a JSON Web Key, or public keys in PEM form.
    pub fn read(text: &str) -> Result<Self, JwtError> {
        if text.len() > Self::MOST_BYTES {
            return Err(JwtError::KeySet(format!("it has more than {} bytes", Self::MOST_BYTES)));
        }

        if !text.trim_start().starts_with('{') {
            return Self::pem(text);
        }

        let json: Value = serde_json::from_str(text).map_err(|error| JwtError::KeySet(error.to_string()))?;
        if json.get("kty").is_some() {
            Self::new([TokenKey::jwk(text)?])
        } else {
            Self::jwks(json)
        }
    }

    /// Reads the keys of supported kinds from a set; other keys are skipped (RFC 7517, section 5). Shared secrets are
    /// skipped too: a set is public.
    fn jwks(mut json: Value) -> Result<Self, JwtError> {
        let Some(Value::Array(list)) = json.get_mut("keys").map(Value::take) else {
            return Err(JwtError::KeySet("it has no list `keys`".into()));
        };

        if list.len() > MOST_KEYS {
            return Err(JwtError::KeySet(format!("it has more than {MOST_KEYS} keys")));
        }

        let mut keys = Vec::with_capacity(list.len());
        for (at, jwk) in list.into_iter().enumerate() {
            let jwk = serde_json::from_value(jwk).map_err(|_| JwtError::Unsuitable("it is not a JSON Web Key"));
            match jwk.and_then(Jwk::key) {
                Ok(key) => keys.push(key),
                Err(error) => tracing::debug!(at, cause = %error, "a key of the set is skipped"),
            }
        }

        if keys.is_empty() {
            return Err(JwtError::KeySet(
                "it has neither an RSA, nor a P-256, nor an Ed25519 key to use".into(),
            ));
        }
        Ok(Self(keys))
    }

    fn pem(text: &str) -> Result<Self, JwtError> {
        const BEGIN: &str = "-----BEGIN ";
        let blocks = text.split(BEGIN).skip(1).take(MOST_KEYS + 1);
        let keys = blocks.map(|block| TokenKey::pem(format!("{BEGIN}{block}").as_bytes()));

        Self::new(keys.collect::<Result<Vec<_>, _>>()?)
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Checks a token's signature with the key that it names.
    pub(super) fn verify(&self, token: &Token<'_>) -> Result<(), TokenError> {
        let named = || self.0.iter().filter(|key| key.matches_id(token.key_id.as_deref()));
        let fitting = || named().filter(|key| key.supports(token.algorithm));

        if named().next().is_none() {
            return Err(TokenError::UnknownKey);
        }

        match fitting().count() {
            0 => return Err(TokenError::Algorithm),
            1..=MOST_TRIED => {}
            _ => return Err(TokenError::NoKeyId),
        }

        let signed = fitting().any(|key| key.verifies(token.message, token.signature, token.algorithm));
        if signed { Ok(()) } else { Err(TokenError::Signature) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POINT: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ed25519(id: &str) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": POINT})
    }

    fn error(text: &str) -> String {
        KeySet::read(text).expect_err("no set").to_string()
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        let set = json!({"keys": [
            {"kty": "AKP", "alg": "ML-DSA-44", "pub": "x"},
            {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
            {"kty": "OKP", "crv": "Ed25519", "x": "short"},
            {"kty": "RSA", "use": 5},
            "text",
            ed25519("one"),
        ]});
        let set = KeySet::read(&set.to_string()).unwrap();
        assert_eq!(set.len(), 1);
        assert_eq!(KeySet::read(&ed25519("one").to_string()).unwrap().len(), 1);
    }

    #[test]
    fn sets_are_bounded() {
        let set = |count: usize| json!({"keys": vec![ed25519("one"); count]}).to_string();
        assert_eq!(KeySet::read(&set(MOST_KEYS)).unwrap().len(), MOST_KEYS);
        assert!(error(&set(MOST_KEYS + 1)).contains("more than 64 keys"));

        let long = " ".repeat(KeySet::MOST_BYTES);
        assert!(error(&format!("{long}{}", set(1))).contains("bytes"));
    }

    #[test]
    fn a_set_without_keys_is_none() {
        assert!(error("{\"keys\": []}").contains("neither an RSA"));
        assert!(error("{\"keys\": {}}").contains("no list"));
        assert!(error("{}").contains("no list"));
        assert!(error("{").contains("EOF"));
        assert!(error("").contains("no key"));
        assert!(KeySet::new([]).is_err());
    }
}

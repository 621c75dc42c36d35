//! Keys of the management API: kept as hashes, compared in constant time.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Reading.
    Read,
    /// Reading and changing.
    Admin,
}

/// A key's hash and what it allows.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    hash: [u8; 32],
    scope: Scope,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A key's hash is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an API key's hash must have 64 hexadecimal digits; `printf %s KEY | sha256sum` prints it")]
pub struct KeyError;

impl ApiKey {
    /// Makes an entry for a key. Only its hash is kept.
    pub fn new(key: &str, scope: Scope) -> Self {
        Self {
            hash: Sha256::digest(key.as_bytes()).into(),
            scope,
        }
    }

    /// Makes an entry for the key with this SHA-256, given as 64 hexadecimal digits.
    pub fn from_hash(hash: &str, scope: Scope) -> Result<Self, KeyError> {
        if hash.len() != 64 || !hash.is_ascii() {
            return Err(KeyError);
        }

        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hash[at * 2..at * 2 + 2], 16).map_err(|_| KeyError)?;
        }

        Ok(Self { hash: bytes, scope })
    }
}

/// The scope of a presented key; `None` if it is unknown. Every known key is compared, so that timing reveals nothing.
pub(super) fn scope_of(keys: &[ApiKey], presented: &str) -> Option<Scope> {
    let hash: [u8; 32] = Sha256::digest(presented.as_bytes()).into();
    let mut found = None;
    for key in keys {
        if bool::from(key.hash.ct_eq(&hash)) {
            found = found.max(Some(key.scope));
        }
    }

    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_hashes() {
        let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
        let keys = [
            ApiKey::new("look", Scope::Read),
            ApiKey::from_hash(hash, Scope::Admin).unwrap(),
        ];

        assert_eq!(scope_of(&keys, "look"), Some(Scope::Read));
        assert_eq!(scope_of(&keys, "secret"), Some(Scope::Admin));
        assert_eq!(scope_of(&keys, ""), None);
        assert!(ApiKey::from_hash("secret", Scope::Read).is_err());
        assert!(!format!("{keys:?}").contains("2bb8"));
    }
}

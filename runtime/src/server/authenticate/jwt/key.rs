//! Keys, each with the algorithms of its kind.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk as Components};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::JwtError;

/// The shortest secure secret for HS256 in bytes, see RFC 7518, section 3.2.
const SHORTEST_SECRET: usize = 32;

/// The sizes of RSA keys in bits: at least what RFC 7518, section 3.3 requires, at most what the library supports.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A key that checks signatures. It is used only with the algorithms of its kind, whatever a token's header says: a
/// public key never checks HS256.
#[derive(Clone)]
pub struct TokenKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey")
            .field("id", &self.id)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

impl TokenKey {
    /// A secret shared with the issuer of the tokens (HS256), of at least 32 bytes.
    pub fn secret(secret: &[u8]) -> Result<Self, JwtError> {
        if secret.len() < SHORTEST_SECRET {
            return Err(JwtError::ShortSecret(secret.len()));
        }

        Ok(Self {
            id: None,
            algorithms: vec![Algorithm::HS256],
            key: DecodingKey::from_secret(secret),
        })
    }

    /// A public key in PEM form: RSA (RS256 and PS256), P-256 (ES256), or Ed25519 (`EdDSA`).
    pub fn pem(pem: &[u8]) -> Result<Self, JwtError> {
        if pem.windows(11).any(|window| window == b"PRIVATE KEY") {
            return Err(JwtError::Unsuitable("it is private; use the public key instead"));
        }

        let key = DecodingKey::from_ed_pem(pem)
            .or_else(|_| DecodingKey::from_ec_pem(pem))
            .or_else(|_| DecodingKey::from_rsa_pem(pem))?;

        let components = Components::from_decoding_key(&key, None)?;

        let jwk = match components.algorithm {
            AlgorithmParameters::RSA(rsa) => Jwk {
                kty: "RSA".into(),
                n: Some(rsa.n),
                e: Some(rsa.e),
                ..Jwk::default()
            },
            AlgorithmParameters::EllipticCurve(point) => {
                // The length alone suggests the curve; whether the point lies on it is checked below.
                let crv = Some("P-256".into());
                Jwk {
                    kty: "EC".into(),
                    crv,
                    x: Some(point.x),
                    y: Some(point.y),
                    ..Jwk::default()
                }
            }
            AlgorithmParameters::OctetKeyPair(point) => Jwk {
                kty: "OKP".into(),
                crv: Some("Ed25519".into()),
                x: Some(point.x),
                ..Jwk::default()
            },
            _ => return Err(JwtError::Unsuitable("it is of an unknown kind")),
        };

        jwk.key()
    }

    /// A public key as a JSON Web Key. Shared secrets are refused: they are not public keys.
    pub fn jwk(json: &str) -> Result<Self, JwtError> {
        let jwk: Jwk = serde_json::from_str(json).map_err(|_| JwtError::Unsuitable("it is not a JSON Web Key"))?;

        jwk.key()
    }

    /// Sets the id by which tokens name the key (`kid`).
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Restricts the key to one of its algorithms. Another kind's algorithm is an error.
    pub fn only(mut self, algorithm: Algorithm) -> Result<Self, JwtError> {
        self.algorithms.retain(|own| *own == algorithm);

        if self.algorithms.is_empty() {
            Err(JwtError::Unsuitable("it is of another kind"))
        } else {
            Ok(self)
        }
    }

    /// Whether a token with this key id, or without one, may be signed by this key.
    pub(super) fn matches_id(&self, id: Option<&str>) -> bool {
        match (&self.id, id) {
            (Some(own), Some(named)) => own == named,
            _ => true,
        }
    }

    /// Whether the key may be used with an algorithm.
    pub(super) fn supports(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Whether a signature in base64url is valid for a message. HMACs are compared in constant time.
    pub(super) fn verifies(&self, message: &str, signature: &str, algorithm: Algorithm) -> bool {
        self.supports(algorithm)
            && jsonwebtoken::crypto::verify(signature, message.as_bytes(), &self.key, algorithm).unwrap_or(false)
    }
}

/// Returns the algorithm of a name; `None` if it is not supported.
pub(super) fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "HS256" => Some(Algorithm::HS256),
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        "ES256" => Some(Algorithm::ES256),
        // `Ed25519` is its name since RFC 9864.
        "EdDSA" | "Ed25519" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

/// The members of a JSON Web Key that are read.
#[derive(Default, serde::Deserialize)]
pub(super) struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    /// Returns the key. It must be for signatures, and of a supported kind.
    pub(super) fn key(self) -> Result<TokenKey, JwtError> {
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self
                .key_ops
                .as_ref()
                .is_none_or(|operations| operations.iter().any(|one| one == "verify"));
        if !signs {
            return Err(JwtError::Unsuitable("it is not for signatures"));
        }

        let (algorithms, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => (vec![Algorithm::RS256, Algorithm::PS256], self.rsa()?),
            ("EC", Some("P-256")) => (vec![Algorithm::ES256], self.p256()?),
            ("OKP", Some("Ed25519")) => (vec![Algorithm::EdDSA], self.ed25519()?),
            _ => return Err(JwtError::Unsuitable("it is neither RSA, nor P-256, nor Ed25519")),
        };

        let key = TokenKey {
            id: self.kid,
            algorithms,
            key,
        };

        match self.alg {
            None => Ok(key),
            Some(name) => key.only(algorithm(&name).ok_or(JwtError::Unsuitable("it is for another algorithm"))?),
        }
    }

    fn rsa(&self) -> Result<DecodingKey, JwtError> {
        let (n, e) = (bytes(self.n.as_deref())?, bytes(self.e.as_deref())?);
        let (n, e) = (without_zeros(&n), without_zeros(&e));

        let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
        if !RSA_BITS.contains(&bits) {
            return Err(JwtError::Unsuitable("an RSA key must have 2048 to 4096 bits"));
        }
        // With an exponent of 1 anybody can sign; an even one has no private key; a long one is slow.
        if e.len() > 4 || e == [1] || e.last().is_none_or(|last| last % 2 == 0) {
            return Err(JwtError::Unsuitable("its exponent is not valid for RSA"));
        }

        Ok(DecodingKey::from_rsa_raw_components(n, e))
    }

    fn p256(&self) -> Result<DecodingKey, JwtError> {
        let (x, y) = (
            self.x.as_deref().unwrap_or_default(),
            self.y.as_deref().unwrap_or_default(),
        );

        if bytes(Some(x))?.len() != 32 || bytes(Some(y))?.len() != 32 {
            return Err(JwtError::Unsuitable("a coordinate of P-256 must have 32 bytes"));
        }

        check_on_curve(DecodingKey::from_ec_components(x, y)?, Algorithm::ES256)
    }

    fn ed25519(&self) -> Result<DecodingKey, JwtError> {
        let x = self.x.as_deref().unwrap_or_default();
        // The library panics on a shorter key, and truncates a longer one.
        if bytes(Some(x))?.len() != 32 {
            return Err(JwtError::Unsuitable("an Ed25519 key must have 32 bytes"));
        }

        check_on_curve(DecodingKey::from_ed_components(x)?, Algorithm::EdDSA)
    }
}

/// Checks that a key lies on its curve: a verifier cannot be made from any other key.
fn check_on_curve(key: DecodingKey, algorithm: Algorithm) -> Result<DecodingKey, JwtError> {
    jsonwebtoken::crypto::verify("", b"", &key, algorithm)?;

    Ok(key)
}

fn bytes(member: Option<&str>) -> Result<Vec<u8>, JwtError> {
    let text = member.ok_or(JwtError::Unsuitable("a member is missing"))?;

    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| JwtError::Unsuitable("a member is not in base64url"))
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(jwk: &serde_json::Value) -> String {
        TokenKey::jwk(&jwk.to_string()).expect_err("no key").to_string()
    }

    fn encoded(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    #[test]
    fn unsound_keys_are_refused() {
        let n = encoded(&[0xff; 256]);
        let x = encoded(&[1; 32]);

        for (jwk, reason) in [
            (json!({"kty": "oct", "k": encoded(&[1; 64])}), "neither RSA"),
            (json!({"kty": "EC", "crv": "P-521", "x": x, "y": x}), "neither RSA"),
            (json!({"kty": "EC", "crv": "Ed25519", "x": x, "y": x}), "neither RSA"),
            (json!({"kty": "OKP", "crv": "X25519", "x": x}), "neither RSA"),
            (
                json!({"kty": "RSA", "n": encoded(&[0xff; 128]), "e": "AQAB"}),
                "2048 to 4096 bits",
            ),
            (
                json!({"kty": "RSA", "n": encoded(&[0xff; 513]), "e": "AQAB"}),
                "2048 to 4096 bits",
            ),
            (json!({"kty": "RSA", "n": "", "e": "AQAB"}), "2048 to 4096 bits"),
            (json!({"kty": "RSA", "n": n, "e": "AQ"}), "exponent"),
            (json!({"kty": "RSA", "n": n, "e": "AAAAAQ"}), "exponent"),
            (json!({"kty": "RSA", "n": n, "e": "Ag"}), "exponent"),
            (json!({"kty": "RSA", "n": n, "e": ""}), "exponent"),
            (json!({"kty": "RSA", "n": n, "e": n}), "exponent"),
            (json!({"kty": "RSA", "n": n}), "missing"),
            (json!({"kty": "RSA", "n": "+/+/", "e": "AQAB"}), "base64url"),
            (
                json!({"kty": "RSA", "n": n, "e": "AQAB", "use": "enc"}),
                "not for signatures",
            ),
            (
                json!({"kty": "RSA", "n": n, "e": "AQAB", "key_ops": ["encrypt"]}),
                "not for signatures",
            ),
            (
                json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RSA-OAEP"}),
                "another algorithm",
            ),
            (
                json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "HS256"}),
                "another kind",
            ),
            (
                json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "ES256"}),
                "another kind",
            ),
            (
                json!({"kty": "EC", "crv": "P-256", "x": x, "y": encoded(&[1; 31])}),
                "32 bytes",
            ),
            (json!({"kty": "EC", "crv": "P-256", "x": x, "y": x}), "cannot be read"),
            (
                json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(&[1; 31])}),
                "32 bytes",
            ),
            (
                json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(&[1; 33])}),
                "32 bytes",
            ),
            (json!({"kty": 1}), "not a JSON Web Key"),
            (json!([]), "not a JSON Web Key"),
        ] {
            let error = error(&jwk);
            assert!(error.contains(reason), "{jwk}: {error}");
        }
    }

    #[test]
    fn a_key_goes_with_the_algorithms_of_its_kind() {
        let jwk = json!({"kty": "RSA", "n": encoded(&[0xff; 256]), "e": "AQAB", "kid": "one"}).to_string();
        let key = TokenKey::jwk(&jwk).unwrap();

        assert!(key.supports(Algorithm::RS256) && key.supports(Algorithm::PS256));
        assert!(!key.supports(Algorithm::HS256) && !key.supports(Algorithm::RS512) && !key.supports(Algorithm::ES256));
        assert!(key.matches_id(None) && key.matches_id(Some("one")) && !key.matches_id(Some("two")));

        let key = key.only(Algorithm::PS256).unwrap();
        assert!(!key.supports(Algorithm::RS256) && key.supports(Algorithm::PS256));
        assert!(key.only(Algorithm::HS256).is_err());
    }

    #[test]
    fn secrets_are_long_and_not_shown() {
        assert!(TokenKey::secret(&[b'x'; 31]).is_err());
        let shown = format!("{:?}", TokenKey::secret(&[b'x'; 32]).unwrap().id("one"));
        assert_eq!(shown, "TokenKey { id: Some(\"one\"), algorithms: [HS256], .. }");
    }

    #[test]
    fn private_keys_are_not_taken() {
        let error = TokenKey::pem(b"-----BEGIN PRIVATE KEY-----\n").unwrap_err().to_string();
        assert!(error.contains("it is private"), "{error}");
        assert!(TokenKey::pem(b"").is_err());
    }
}

//! Viewers from JSON Web Tokens.

use std::collections::HashSet;

use async_graphql::async_trait::async_trait;
use axum::http::{HeaderMap, header};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::{Authenticate, AuthenticationError, Viewer};

/// The shortest secret that HS256 is sound with, see RFC 7518, section 3.2.
const SHORTEST_SECRET: usize = 32;

/// Reads the viewer from `Authorization: Bearer <token>`: `sub` is its id. Each key goes with the algorithms of its
/// kind, whatever a token's header says; a token without an end (`exp`) is refused.
#[derive(Clone)]
pub struct JwtAuthenticator {
    keys: Vec<Trusted>,
    audience: Option<HashSet<String>>,
    issuer: Option<HashSet<String>>,
    leeway: u64,
    roles_claim: String,
    staff_role: String,
}

#[derive(Clone)]
struct Trusted {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// A key that tokens cannot be checked with.
#[derive(Debug, thiserror::Error)]
pub enum JwtError {
    /// An HS256 secret that can be guessed.
    #[error("the secret has {0} bytes; HS256 needs 32 at least")]
    ShortSecret(usize),
    /// A key file that is none.
    #[error("the key cannot be read: {0}")]
    Key(#[from] jsonwebtoken::errors::Error),
    /// A key set that is none, or holds no key of a kind that is taken.
    #[error("the key set cannot be used: {0}")]
    KeySet(String),
}

impl std::fmt::Debug for JwtAuthenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JwtAuthenticator").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

impl JwtAuthenticator {
    fn new(keys: Vec<Trusted>) -> Self {
        Self { keys, audience: None, issuer: None, leeway: 30, roles_claim: "roles".into(), staff_role: "staff".into() }
    }

    /// A secret shared with whoever makes the tokens.
    pub fn hs256(secret: &[u8]) -> Result<Self, JwtError> {
        if secret.len() < SHORTEST_SECRET {
            return Err(JwtError::ShortSecret(secret.len()));
        }
        let key = DecodingKey::from_secret(secret);
        Ok(Self::new(vec![Trusted { id: None, algorithms: vec![Algorithm::HS256], key }]))
    }

    /// An RSA public key in PEM form.
    pub fn rs256(pem: &[u8]) -> Result<Self, JwtError> {
        let key = DecodingKey::from_rsa_pem(pem)?;
        Ok(Self::new(vec![Trusted { id: None, algorithms: vec![Algorithm::RS256], key }]))
    }

    /// An Ed25519 public key in PEM form.
    pub fn ed_dsa(pem: &[u8]) -> Result<Self, JwtError> {
        let key = DecodingKey::from_ed_pem(pem)?;
        Ok(Self::new(vec![Trusted { id: None, algorithms: vec![Algorithm::EdDSA], key }]))
    }

    /// The keys of a JSON Web Key Set. Shared secrets in it are not taken: a set is public.
    pub fn jwks(json: &str) -> Result<Self, JwtError> {
        use jsonwebtoken::jwk::AlgorithmParameters;
        let set: JwkSet = serde_json::from_str(json).map_err(|error| JwtError::KeySet(error.to_string()))?;
        let mut keys = Vec::new();
        for jwk in &set.keys {
            let algorithms = match &jwk.algorithm {
                AlgorithmParameters::RSA(_) => vec![Algorithm::RS256],
                AlgorithmParameters::OctetKeyPair(_) => vec![Algorithm::EdDSA],
                _ => continue,
            };
            keys.push(Trusted { id: jwk.common.key_id.clone(), algorithms, key: DecodingKey::from_jwk(jwk)? });
        }
        if keys.is_empty() {
            return Err(JwtError::KeySet("it has neither an RSA nor an Ed25519 key".into()));
        }
        Ok(Self::new(keys))
    }

    /// Takes only tokens that were made for this audience (`aud`).
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience.get_or_insert_default().insert(audience.into());
        self
    }

    /// Takes only tokens of this issuer (`iss`).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer.get_or_insert_default().insert(issuer.into());
        self
    }

    /// How many seconds clocks may differ; 30 if it is not said.
    #[must_use]
    pub fn leeway(mut self, seconds: u64) -> Self {
        self.leeway = seconds;
        self
    }

    /// The claim that holds the roles, as a list or as words; `roles` if it is not said.
    #[must_use]
    pub fn roles_claim(mut self, claim: impl Into<String>) -> Self {
        self.roles_claim = claim.into();
        self
    }

    /// The role of those who run the program; `staff` if it is not said.
    #[must_use]
    pub fn staff_role(mut self, role: impl Into<String>) -> Self {
        self.staff_role = role.into();
        self
    }

    fn check(&self, token: &str) -> Result<Viewer, AuthenticationError> {
        let refused = || AuthenticationError("The token is not valid, or not any more".into());
        let header = decode_header(token).map_err(|_| refused())?;
        let fits = |key: &&Trusted| {
            key.algorithms.contains(&header.alg) && (key.id.is_none() || header.kid.is_none() || key.id == header.kid)
        };
        for key in self.keys.iter().filter(fits) {
            let mut validation = Validation::new(header.alg);
            validation.algorithms.clone_from(&key.algorithms);
            validation.leeway = self.leeway;
            validation.validate_nbf = true;
            validation.validate_aud = self.audience.is_some();
            validation.aud.clone_from(&self.audience);
            validation.iss.clone_from(&self.issuer);
            if self.audience.is_some() {
                validation.required_spec_claims.insert("aud".into());
            }
            if self.issuer.is_some() {
                validation.required_spec_claims.insert("iss".into());
            }
            if let Ok(found) = decode::<Map<String, Value>>(token, &key.key, &validation) {
                return self.viewer_of(found.claims).ok_or_else(refused);
            }
        }
        Err(refused())
    }

    fn viewer_of(&self, claims: Map<String, Value>) -> Option<Viewer> {
        let id = match claims.get("sub")? {
            Value::String(id) if !id.is_empty() => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => return None,
        };
        let roles: Vec<String> = match claims.get(&self.roles_claim) {
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(words)) => words.split_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let is_staff = roles.contains(&self.staff_role);
        Some(Viewer { id: Some(id), roles, is_staff, claims })
    }
}

#[async_trait]
impl Authenticate for JwtAuthenticator {
    async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, AuthenticationError> {
        let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(Viewer::anonymous()) };
        let value = value.to_str().unwrap_or_default();
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => self.check(token.trim()),
            _ => Err(AuthenticationError("The header must be `Authorization: Bearer <token>`".into())),
        }
    }
}

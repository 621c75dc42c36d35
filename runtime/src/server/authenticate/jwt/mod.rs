//! Viewers from JSON Web Tokens.

mod claims;
mod error;
mod key;
mod refresh;
mod set;
mod source;
mod token;
mod unique;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_graphql::async_trait::async_trait;
use axum::http::{HeaderMap, header};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use self::claims::Rules;
use self::refresh::{Pace, Refreshed};
use self::token::Token;
use super::{Authenticate, AuthenticationError, Viewer};

pub use error::{JwtError, TokenError};
pub use key::TokenKey;
pub use set::KeySet;
pub use source::{FetchError, FileKeys, KeySource};

/// Reads the viewer from `Authorization: Bearer <token>`: `sub` is its id, as it is written. Each key goes with the
/// algorithms of its kind, whatever a token's header says; a token without an end (`exp`) is refused, and so is one that
/// is made for somebody (`aud`), unless [`audience`](Self::audience) names them.
#[derive(Clone)]
pub struct JwtAuthenticator {
    keys: Keys,
    rules: Rules,
    roles_claim: String,
    staff_role: String,
}

#[derive(Clone)]
enum Keys {
    Fixed(Arc<KeySet>),
    Refreshed(Arc<Refreshed>),
}

impl std::fmt::Debug for JwtAuthenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = match &self.keys {
            Keys::Fixed(set) => set.len(),
            Keys::Refreshed(keys) => keys.with(KeySet::len),
        };
        f.debug_struct("JwtAuthenticator")
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

/// Where the keys come from.
impl JwtAuthenticator {
    /// A secret shared with whoever makes the tokens.
    pub fn hs256(secret: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::secret(secret)?)
    }

    /// An RSA public key in PEM form.
    pub fn rs256(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::RS256)?)
    }

    /// An RSA public key in PEM form, for signatures with PSS.
    pub fn ps256(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::PS256)?)
    }

    /// A P-256 public key in PEM form.
    pub fn es256(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::ES256)?)
    }

    /// An Ed25519 public key in PEM form.
    pub fn ed_dsa(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::EdDSA)?)
    }

    /// The keys of a JSON Web Key Set. Shared secrets in it are not taken: a set is public.
    pub fn jwks(json: &str) -> Result<Self, JwtError> {
        Ok(Self::keys(KeySet::read(json)?))
    }

    /// Keys that stay.
    pub fn keys(keys: KeySet) -> Self {
        Self::new(Keys::Fixed(Arc::new(keys)))
    }

    /// Keys that are fetched now and then again in the background, every so often (30 s at least), and when a token
    /// names one that is not known, but then once in 30 s at most. While the source gives none, the old ones stay.
    pub async fn refreshed(source: impl KeySource, every: Duration) -> Result<Self, JwtError> {
        let keys = Refreshed::begin(source, Pace::every(every)).await?;
        Ok(Self::new(Keys::Refreshed(Arc::new(keys))))
    }

    fn of(key: TokenKey) -> Result<Self, JwtError> {
        Ok(Self::keys(KeySet::new([key])?))
    }

    fn new(keys: Keys) -> Self {
        Self {
            keys,
            rules: Rules::new(),
            roles_claim: "roles".into(),
            staff_role: "staff".into(),
        }
    }
}

/// What tokens must say.
impl JwtAuthenticator {
    /// Takes only tokens that were made for this audience (`aud`), or another that is named by a call of its own.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.rules.audiences.push(audience.into());
        self
    }

    /// Takes tokens for whomever they were made, where no audience is named: who makes them makes them for this
    /// program alone.
    #[must_use]
    pub fn any_audience(mut self) -> Self {
        self.rules.any_audience = true;
        self
    }

    /// Takes only tokens of this issuer (`iss`).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.rules.issuer = Some(issuer.into());
        self
    }

    /// How many seconds clocks may differ, 60 at most; 30 if it is not said.
    #[must_use]
    pub fn leeway(mut self, seconds: u64) -> Self {
        self.rules.set_leeway(Duration::from_secs(seconds));
        self
    }

    /// Takes tokens without an end (`exp`) too. One that has been stolen can be used until the key is changed.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        self.rules.endless = true;
        self
    }

    /// Takes only subjects that are whole numbers as they are printed: `2`, and not `+2`, `02` or ` 2`, which a
    /// database that is told of the viewer (row-level security) may read as 2.
    #[must_use]
    pub fn numbered_subjects(mut self) -> Self {
        self.rules.numbered = true;
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
}

impl JwtAuthenticator {
    async fn check(&self, token: &str) -> Result<Viewer, TokenError> {
        let token = Token::read(token)?;
        self.verify(&token).await?;

        let claims = token.claims()?;
        let id = self.rules.check(&claims, now())?.to_owned();

        Ok(self.viewer_of(id, claims))
    }

    /// Checks the signature. If its key is not known, it may be one that has just been made.
    async fn verify(&self, token: &Token<'_>) -> Result<(), TokenError> {
        match &self.keys {
            Keys::Fixed(set) => set.verify(token),
            Keys::Refreshed(keys) => match keys.with(|set| set.verify(token)) {
                Err(TokenError::UnknownKey) => {
                    keys.renew().await;
                    keys.with(|set| set.verify(token))
                }
                outcome => outcome,
            },
        }
    }

    fn viewer_of(&self, id: String, claims: Map<String, Value>) -> Viewer {
        let roles: Vec<String> = match claims.get(&self.roles_claim) {
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(words)) => words.split_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let is_staff = roles.contains(&self.staff_role);

        Viewer {
            id: Some(id),
            roles,
            is_staff,
            claims,
        }
    }
}

#[async_trait]
impl Authenticate for JwtAuthenticator {
    async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, AuthenticationError> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(Viewer::anonymous());
        };
        // Of several, a proxy may have looked at another one.
        if values.next().is_some() {
            return Err(TokenError::Scheme.into());
        }

        match value.to_str().unwrap_or_default().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(self.check(token.trim()).await?),
            _ => Err(TokenError::Scheme.into()),
        }
    }
}

/// The time since 1970. A clock that is before is wrong, and every token with an end has expired by it.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::MAX)
}

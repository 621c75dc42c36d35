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
use self::refresh::{RefreshingKeys, Schedule};
use self::token::Token;
use super::{Authenticate, AuthenticationError, Viewer};

pub use error::{FetchError, JwtError, TokenError};
pub use key::TokenKey;
pub use set::KeySet;
pub use source::{FileKeys, KeySource};

/// Reads the viewer from `Authorization: Bearer <token>`; `sub`, unchanged, is its id.
///
/// Each key is used only with the algorithms of its kind, whatever a token's header says. A token without an expiry
/// (`exp`) is refused. So is a token with an audience (`aud`), unless [`audience`](Self::audience) names it.
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
    Refreshed(Arc<RefreshingKeys>),
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
    /// Checks tokens with a secret shared with their issuer.
    pub fn hs256(secret: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::secret(secret)?)
    }

    /// Checks tokens with an RSA public key in PEM form.
    pub fn rs256(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::RS256)?)
    }

    /// Checks tokens with an RSA public key in PEM form, for signatures with PSS.
    pub fn ps256(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::PS256)?)
    }

    /// Checks tokens with a P-256 public key in PEM form.
    pub fn es256(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::ES256)?)
    }

    /// Checks tokens with an Ed25519 public key in PEM form.
    pub fn ed_dsa(pem: &[u8]) -> Result<Self, JwtError> {
        Self::of(TokenKey::pem(pem)?.only(Algorithm::EdDSA)?)
    }

    /// Checks tokens with the keys of a JSON Web Key Set. Shared secrets in it are ignored: a set is public.
    pub fn jwks(json: &str) -> Result<Self, JwtError> {
        Ok(Self::keys(KeySet::read(json)?))
    }

    /// Checks tokens with a fixed set of keys.
    pub fn keys(keys: KeySet) -> Self {
        Self::new(Keys::Fixed(Arc::new(keys)))
    }

    /// Checks tokens with keys that are fetched now, and again in the background: at an interval of at least 30 s, and
    /// when a token names an unknown key (at most once in 30 s). If a later fetch fails, the old keys stay in use.
    pub async fn refreshed(source: impl KeySource, every: Duration) -> Result<Self, JwtError> {
        let keys = RefreshingKeys::start(source, Schedule::every(every)).await?;
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

/// What tokens must contain.
impl JwtAuthenticator {
    /// Accepts only tokens for this audience (`aud`). Call it once for each audience.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.rules.audiences.push(audience.into());
        self
    }

    /// Accepts tokens for any audience if none is named. Use it only if the issuer makes tokens for this program alone.
    #[must_use]
    pub fn any_audience(mut self) -> Self {
        self.rules.any_audience = true;
        self
    }

    /// Accepts only tokens from this issuer (`iss`).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.rules.issuer = Some(issuer.into());
        self
    }

    /// Sets by how many seconds clocks may differ: at most 60; 30 by default.
    #[must_use]
    pub fn leeway(mut self, seconds: u64) -> Self {
        self.rules.set_leeway(Duration::from_secs(seconds));
        self
    }

    /// Also accepts tokens without an expiry (`exp`). A stolen one can be used until the key is changed.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        self.rules.allow_no_expiry = true;
        self
    }

    /// Accepts only subjects that are whole numbers in canonical form: `2`, but not `+2`, `02` or ` 2`, which a
    /// database that receives the viewer's id (row-level security) may read as 2.
    #[must_use]
    pub fn numbered_subjects(mut self) -> Self {
        self.rules.numeric_subject = true;
        self
    }

    /// Sets the claim that holds the roles, as a list or as words separated by blanks; `roles` by default.
    #[must_use]
    pub fn roles_claim(mut self, claim: impl Into<String>) -> Self {
        self.roles_claim = claim.into();
        self
    }

    /// Sets the role that makes a viewer staff; `staff` by default.
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

    /// Checks the signature. An unknown key may be new, so the keys are fetched again before it is refused.
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
        // If there are several, a proxy may have checked another one.
        if values.next().is_some() {
            return Err(TokenError::Scheme.into());
        }

        match value.to_str().unwrap_or_default().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(self.check(token.trim()).await?),
            _ => Err(TokenError::Scheme.into()),
        }
    }
}

/// Returns the time since 1970. A clock before 1970 is wrong; with it every token that has an expiry has expired.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::MAX)
}

//! Options of a cache in Redis besides the URL.

use std::time::Duration;

/// How long Redis may take to answer one call before it counts as away.
///
/// A cache that is slower than the database is worse than none, and most queries take a few milliseconds. A healthy
/// Redis answers in well under one; 50 ms leave room for a distant one, for an answer of a megabyte on a slow
/// network, and for a machine that is busy. Only the first request after a fault waits that long.
pub(super) const PATIENCE: Duration = Duration::from_millis(50);

/// How a [`RedisCache`](super::RedisCache) names, signs and transfers its values.
#[derive(Clone)]
pub struct RedisOptions {
    pub(super) identity: String,
    pub(super) user: String,
    pub(super) secret: Option<Vec<u8>>,
    pub(super) authority: Option<Vec<u8>>,
    pub(super) patience: Duration,
}

impl std::fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisOptions")
            .field("identity", &self.identity)
            .field("user", &self.user)
            .field("has_secret", &self.secret.is_some())
            .field("has_authority", &self.authority.is_some())
            .field("patience", &self.patience)
            .finish()
    }
}

impl RedisOptions {
    /// Starts from the identity of the database that the answers come from: its kind, host, port and name, without
    /// a password.
    ///
    /// Servers share answers, and drop each other's answers, only if they name their database alike. A server that
    /// reaches the same database under another host name has its own cache, and its writes do not drop the answers of
    /// the others, which may then be up to `cache_timeout` old.
    pub fn new(identity: impl Into<String>) -> Self {
        Self {
            identity: identity.into(),
            user: String::new(),
            secret: None,
            authority: None,
            patience: PATIENCE,
        }
    }

    /// Sets the database's user. Users of one database may see different rows, so each has its own answers; a write by
    /// one drops the answers of all.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// Sets the secret that values in Redis are signed with; all servers that share a cache need the same one.
    ///
    /// Without it the signature protects from accidents and from programs that know nothing of this database, but not
    /// from somebody who can write to Redis and knows the database's host, port and name. With it, only somebody who
    /// knows the secret can forge an answer. No secret prevents somebody who can write to Redis from deleting values,
    /// or from restoring an old value under its own key.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<Vec<u8>>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Sets the certificate authorities to trust with `rediss://`, in PEM format, instead of those that browsers trust.
    #[must_use]
    pub fn authority(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authority = Some(pem.into());
        self
    }

    /// Sets how long Redis may take to answer one call before it counts as away; 50 ms by default.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

//! Persisted queries: a client sends the SHA-256 of a document instead of its text, and sends the text once if the
//! server does not know it. This is the protocol of Apollo's clients ("automatic persisted queries"), version 1.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::refusal::Refusal;
use crate::byte_cache::ByteCache;

/// The SHA-256 of a document.
pub(super) type Hash = [u8; 32];

/// The texts that clients have sent, by their hashes.
pub(super) struct PersistedQueries(Option<ByteCache<Hash, Arc<str>>>);

impl PersistedQueries {
    /// Keeps at most `bytes` bytes of text. With 0, clients are told that persisted queries are not supported.
    pub(super) fn new(bytes: u64) -> Self {
        Self((bytes > 0).then(|| ByteCache::new(bytes)))
    }

    /// Returns the text of a request with a hash: the one sent with it, if the hash matches, or else the
    /// kept one.
    pub(super) fn text(&self, hash: Hash, sent: Option<String>) -> Result<String, Refusal> {
        let Some(cache) = &self.0 else {
            return sent.ok_or_else(not_supported);
        };

        let Some(text) = sent else {
            return cache
                .get(&hash)
                .map(|text| text.as_ref().to_owned())
                .ok_or_else(not_found);
        };

        if Hash::from(Sha256::digest(text.as_bytes())) != hash {
            let message = "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`";
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "PERSISTED_QUERY_HASH_MISMATCH",
                message,
            ));
        }

        Ok(text)
    }

    /// Keeps a text whose hash was checked and that the schema has executed.
    pub(super) fn keep(&self, hash: Hash, text: &str) {
        if let Some(cache) = &self.0
            && !cache.contains(&hash)
        {
            cache.insert(hash, text.into(), size_of::<Hash>() + text.len());
        }
    }

    /// Whether texts are kept.
    pub(super) fn are_kept(&self) -> bool {
        self.0.is_some()
    }
}

fn not_found() -> Refusal {
    told("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
}

fn not_supported() -> Refusal {
    told("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
}

/// An answer that is a step of the protocol, not a failure: its status is 200, and caches must not store it.
fn told(code: &'static str, message: &str) -> Refusal {
    Refusal::new(StatusCode::OK, code, message).header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// The hash in a request's `extensions`; `None` without `persistedQuery`.
pub(super) fn hash_in(extensions: &Value) -> Result<Option<Hash>, String> {
    let persisted = match extensions.get("persistedQuery") {
        None | Some(Value::Null) => return Ok(None),
        Some(persisted) => persisted,
    };

    if persisted.get("version") != Some(&Value::from(1)) {
        return Err("`extensions.persistedQuery.version` must be 1".into());
    }

    let hash = persisted.get("sha256Hash").and_then(Value::as_str).and_then(decoded);
    hash.map(Some)
        .ok_or_else(|| "`extensions.persistedQuery.sha256Hash` must have 64 hexadecimal digits".into())
}

fn decoded(digits: &str) -> Option<Hash> {
    let digits = digits.as_bytes();
    if digits.len() != 64 {
        return None;
    }

    let mut hash = Hash::default();
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = (high? * 16 + low?) as u8;
    }

    Some(hash)
}

//! Names and signatures of the values in Redis.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::RedisOptions;
use crate::cache::Entry;

/// The format of the values. It is part of their names, so that servers with different formats do not overwrite each
/// other's values during an upgrade.
const FORMAT: u8 = 1;

/// The length of a signature in bytes.
const SIGNATURE: usize = 32;

/// Names values after the database that they came from, and signs them.
///
/// A value is the format's byte, an HMAC-SHA-256 and the content. The signature covers the format, the value's name and
/// the content. It is invalid if the value was changed, written by a program without the secret, or copied from another
/// name.
pub(super) struct Keys {
    answers: String,
    tables: String,
    signer: Hmac<Sha256>,
}

impl Keys {
    /// Derives names from the identity, and the signing key from the secret or, if there is none, the identity.
    pub(super) fn new(options: &RedisOptions) -> Self {
        let RedisOptions {
            identity, user, secret, ..
        } = options;
        let secret = secret.as_deref().unwrap_or_default();
        let key = digest(&[b"signature", identity.as_bytes(), secret]);

        Self {
            answers: hexadecimal(&digest(&[b"answers", &[FORMAT], identity.as_bytes(), user.as_bytes()])[..16]),
            tables: hexadecimal(&digest(&[b"tables", &[FORMAT], identity.as_bytes()])[..16]),
            signer: Hmac::new_from_slice(&key).expect("invariant: HMAC takes keys of any length"),
        }
    }

    /// Returns the name of an answer: its key, which begins with the configured prefix, and a hash of the database.
    pub(super) fn answer(&self, key: &str) -> String {
        format!("{key}:{}", self.answers)
    }

    /// Returns the name of a table's number.
    pub(super) fn table(&self, table: &str) -> String {
        format!("graphql:table:{}:{table}", self.tables)
    }

    /// Signs the content to store under a name.
    pub(super) fn seal(&self, name: &str, content: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(1 + SIGNATURE + content.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.sign(name, content).finalize().into_bytes());
        sealed.extend_from_slice(content);
        sealed
    }

    /// Returns the content of a value that was read under a name, if its signature is valid.
    pub(super) fn open<'v>(&self, name: &str, sealed: &'v [u8]) -> Option<&'v [u8]> {
        let (&format, rest) = sealed.split_first()?;
        let (signature, content) = rest.split_at_checked(SIGNATURE)?;

        let is_ours = format == FORMAT && self.sign(name, content).verify_slice(signature).is_ok();
        is_ours.then_some(content)
    }

    fn sign(&self, name: &str, content: &[u8]) -> Hmac<Sha256> {
        let mut signer = self.signer.clone();
        signer.update(&[FORMAT]);
        signer.update(&(name.len() as u64).to_le_bytes());
        signer.update(name.as_bytes());
        signer.update(content);
        signer
    }

    /// Signs an answer: its tables as a line of JSON, then its body.
    pub(super) fn seal_entry(&self, name: &str, entry: &Entry) -> Vec<u8> {
        let mut content = serde_json::to_vec(&entry.tables).expect("invariant: names and numbers are JSON");
        content.push(b'\n');
        content.extend_from_slice(&entry.body);

        self.seal(name, &content)
    }

    /// Returns the answer that was read under a name, if its signature is valid.
    pub(super) fn open_entry(&self, name: &str, sealed: &[u8]) -> Option<Entry> {
        let content = self.open(name, sealed)?;
        let end = content.iter().position(|&byte| byte == b'\n')?;
        let tables = serde_json::from_slice(&content[..end]).ok()?;

        Some(Entry {
            tables,
            body: content[end + 1..].to_vec(),
        })
    }

    /// Returns the number that was read under a name, if its signature is valid.
    pub(super) fn open_number(&self, name: &str, sealed: &[u8]) -> Option<u64> {
        Some(u64::from_le_bytes(self.open(name, sealed)?.try_into().ok()?))
    }
}

/// Hashes parts together with their lengths, so that different lists of parts have different hashes.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();

    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }

    hash.finalize().into()
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

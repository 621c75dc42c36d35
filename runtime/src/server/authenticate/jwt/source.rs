//! Sources of keys that change while the program runs.

use std::io::Read as _;
use std::path::PathBuf;

use async_graphql::async_trait::async_trait;

use super::{FetchError, KeySet};

/// A source of keys that change: a JSON Web Key Set, a JSON Web Key, or public keys in PEM form.
///
/// Keys that an identity provider publishes are fetched with the HTTP client of the program, such as `reqwest` with its
/// feature `rustls`:
///
/// ```ignore
/// use runtime::{FetchError, JwtAuthenticator, KeySet, KeySource};
///
/// struct Published {
///     client: reqwest::Client,
///     url: String,
/// }
///
/// #[async_trait::async_trait]
/// impl KeySource for Published {
///     async fn fetch(&self) -> Result<String, FetchError> {
///         let mut response = self.client.get(&self.url).send().await?.error_for_status()?;
///
///         let mut set = Vec::new();
///         while let Some(chunk) = response.chunk().await? {
///             set.extend_from_slice(&chunk);
///             if set.len() > KeySet::MOST_BYTES {
///                 return Err("the key set is too long".into());
///             }
///         }
///
///         Ok(String::from_utf8(set)?)
///     }
/// }
///
/// // A redirect could lead to a server that is not the provider's.
/// let client = reqwest::Client::builder().https_only(true).redirect(reqwest::redirect::Policy::none()).build()?;
/// let source = Published { client, url: "https://id.example/.well-known/jwks.json".into() };
/// let authenticator = JwtAuthenticator::refreshed(source, Duration::from_mins(15)).await?;
/// let authenticator = authenticator.issuer("https://id.example").audience("shop");
/// ```
#[async_trait]
pub trait KeySource: Send + Sync + 'static {
    /// Returns the current keys. A call that takes more than ten seconds is cancelled.
    async fn fetch(&self) -> Result<String, FetchError>;
}

/// Keys in a file, which is read again from time to time.
#[derive(Debug, Clone)]
pub struct FileKeys(PathBuf);

impl FileKeys {
    /// Returns a source that reads this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn read(&self) -> Result<String, FetchError> {
        let file = std::fs::File::open(&self.0)?;

        let mut text = String::new();
        // One byte more than a set may have shows that the file is too long.
        file.take(KeySet::MOST_BYTES as u64 + 1).read_to_string(&mut text)?;
        Ok(text)
    }
}

#[async_trait]
impl KeySource for FileKeys {
    async fn fetch(&self) -> Result<String, FetchError> {
        let file = self.clone();

        tokio::task::spawn_blocking(move || file.read().map_err(|error| with_path(&file.0, &error))).await?
    }
}

fn with_path(path: &std::path::Path, error: &FetchError) -> FetchError {
    format!("{}: {error}", path.display()).into()
}

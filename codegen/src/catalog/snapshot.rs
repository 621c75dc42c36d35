//! The catalog as a file: `catalog.json`, versioned, with neither a clock nor a host in it.

use serde::{Deserialize, Serialize};

use super::Catalog;
use crate::text;

/// The version of the file's format that this program writes and reads.
pub const FORMAT: u32 = 3;

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Another format than [`FORMAT`].
    #[error(
        "the snapshot has format {found}, this program reads format {FORMAT}; \
         renew it with `codegen --db URL`"
    )]
    Format {
        /// The file's format.
        found: u64,
    },
    /// Not the JSON of a catalog.
    #[error("the snapshot is damaged ({0}); renew it with `codegen --db URL`")]
    Damaged(#[from] serde_json::Error),
}

#[derive(Serialize)]
struct FileRef<'a> {
    format: u32,
    #[serde(flatten)]
    catalog: &'a Catalog,
}

#[derive(Deserialize)]
struct Head {
    format: u64,
}

impl Catalog {
    /// The snapshot's text: the same bytes for the same catalog, a newline at its end.
    pub fn to_snapshot(&self) -> String {
        let json = serde_json::to_string_pretty(&FileRef {
            format: FORMAT,
            catalog: self,
        })
        .expect("invariant: a catalog has text keys only");
        let mut text = text::escaped_json(&json);
        text.push('\n');
        text
    }

    /// Reads a snapshot's text back. A file of another format is refused before anything else is read.
    pub fn from_snapshot(text: &str) -> Result<Self, SnapshotError> {
        let head: Head = serde_json::from_str(text)?;
        if head.format != u64::from(FORMAT) {
            return Err(SnapshotError::Format { found: head.format });
        }
        let mut value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text)?;
        value.shift_remove("format");
        Ok(serde_json::from_value(value.into())?)
    }
}

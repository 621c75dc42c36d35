//! The catalog as a file, `catalog.json`: versioned, without timestamps or host names.

use serde::{Deserialize, Serialize};

use super::Catalog;
use crate::text;

/// The version of the file format that this program writes and reads.
pub const FORMAT: u32 = 3;

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file has a format other than [`FORMAT`].
    #[error(
        "the snapshot has format {found}, this program reads format {FORMAT}; \
         renew it with `codegen --db URL`"
    )]
    Format {
        /// The file's format.
        found: u64,
    },
    /// The file is not the JSON of a catalog.
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
    /// Returns the snapshot's text: the same bytes for the same catalog, ending with a newline.
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

    /// Parses a snapshot. Another format is an error ([`SnapshotError::Format`]) before anything else is read.
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

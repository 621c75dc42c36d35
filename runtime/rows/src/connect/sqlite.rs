//! Parses SQLite URLs: which file is opened, and how.

use std::fmt;
use std::path::PathBuf;

use super::names::{Name, choose, find, shorten, unknown};
use super::split::{decode, pairs};
use super::{TargetError, scheme};

/// What SQLite calls a database without a file.
const MEMORY: &str = ":memory:";

/// Every parameter of a URL.
const NAMES: &[Name] = &[
    Name {
        name: "cache",
        synonyms: &[],
    },
    Name {
        name: "immutable",
        synonyms: &[],
    },
    Name {
        name: "journal_mode",
        synonyms: &["journal-mode"],
    },
    Name {
        name: "mode",
        synonyms: &[],
    },
    Name {
        name: "nolock",
        synonyms: &[],
    },
    Name {
        name: "vfs",
        synonyms: &[],
    },
];

/// SQLite's words for true and false.
const SWITCH: &[(&str, bool)] = &[
    ("true", true),
    ("false", false),
    ("1", true),
    ("0", false),
    ("yes", true),
    ("no", false),
    ("on", true),
    ("off", false),
];

/// Which database SQLite opens, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteTarget {
    /// The file, or the name of an in-memory database; `None` is an in-memory database without a name.
    pub path: Option<PathBuf>,
    /// How the file is opened.
    pub mode: OpenMode,
    /// Whether nobody changes the file, so that it is read without locks.
    pub immutable: bool,
    /// Whether the connections of the process share one cache, if the URL says so.
    pub cache: Option<Cache>,
    /// The journal mode to set; `None` keeps the file's own.
    pub journal_mode: Option<JournalMode>,
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OpenMode {
    /// For reading.
    ReadOnly,
    /// For reading and writing. A missing file is an error, as its name is more often wrong than new.
    #[default]
    ReadWrite,
    /// For reading and writing; a missing file is created.
    ReadWriteCreate,
    /// There is no file; the database is in memory.
    Memory,
}

/// Whether connections share a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// All connections share one.
    Shared,
    /// Each connection has its own.
    Private,
}

/// How SQLite makes changes atomic (`PRAGMA journal_mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalMode {
    /// With a journal that is deleted after each transaction.
    Delete,
    /// With a journal that is truncated after each transaction.
    Truncate,
    /// With a journal whose header is overwritten after each transaction.
    Persist,
    /// With a journal in memory.
    Memory,
    /// With a write-ahead log, which does not block readers.
    Wal,
    /// Without a journal: changes are not atomic.
    Off,
}

impl SqliteTarget {
    /// Parses a `sqlite:` URL, with or without slashes, with or without SQLite's own `file:` inside.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let scheme = scheme(url)?;
        if !scheme.eq_ignore_ascii_case("sqlite") {
            return Err(TargetError::Scheme {
                scheme: scheme.to_owned(),
            });
        }

        let rest = &url[scheme.len() + 1..];
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));

        let (path, query) = match path.strip_prefix("file:") {
            Some(path) => (inside_file_uri(path)?, without_fragment(query)),
            None => (path, query),
        };

        Self::read(&decode("path", path)?, &pairs(query)?)
    }

    /// Whether the database cannot be written to.
    pub fn is_read_only(&self) -> bool {
        self.mode == OpenMode::ReadOnly || self.immutable
    }

    /// Whether the database vanishes with its last connection.
    pub fn is_in_memory(&self) -> bool {
        self.mode == OpenMode::Memory
    }

    /// Returns the URL. It has neither user nor password.
    pub fn redacted(&self) -> String {
        let path = self
            .path
            .as_ref()
            .map_or_else(|| MEMORY.to_owned(), |path| path.display().to_string());
        format!("sqlite:{path}{}", self.suffix())
    }

    /// Returns a URL with the absolute path of the file, or with the name of the in-memory database.
    pub fn identity(&self) -> String {
        match &self.path {
            Some(path) if !self.is_in_memory() => {
                let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                format!("sqlite:{}", absolute.display())
            }
            _ => self.redacted(),
        }
    }

    fn suffix(&self) -> &'static str {
        if self.is_in_memory() && self.path.is_some() {
            "?mode=memory"
        } else {
            ""
        }
    }

    /// Builds a target from the path and the parameters. A later parameter replaces an earlier one.
    fn read(path: &str, query: &[(String, String)]) -> Result<Self, TargetError> {
        let mut target = Self {
            path: None,
            mode: OpenMode::default(),
            immutable: false,
            cache: None,
            journal_mode: None,
        };
        let mut mode = None;

        for (spelling, value) in query {
            let name = find(NAMES.iter().copied(), spelling);
            match name.ok_or_else(|| unknown(NAMES.iter().copied(), spelling, "SQLite"))? {
                "mode" => mode = Some(open_mode(spelling, value)?),
                "cache" => target.cache = Some(cache(spelling, value)?),
                "immutable" => target.immutable = choose(spelling, value, SWITCH)?,
                "journal_mode" => target.journal_mode = Some(journal_mode(spelling, value)?),
                _ => return Err(unsupported(spelling)),
            }
        }

        target.set_mode(path, mode)?;
        Ok(target)
    }

    /// Sets the path and the mode, and checks the other parameters against them.
    fn set_mode(&mut self, path: &str, mode: Option<OpenMode>) -> Result<(), TargetError> {
        let is_memory = path == MEMORY;
        let needs = |parameter: &str, expected: &str| TargetError::Needs {
            parameter: parameter.to_owned(),
            expected: expected.to_owned(),
        };

        self.mode = mode.unwrap_or(if is_memory {
            OpenMode::Memory
        } else {
            OpenMode::default()
        });
        self.path = Some(PathBuf::from(path)).filter(|_| !is_memory && !path.is_empty());

        if is_memory && self.mode != OpenMode::Memory {
            return Err(needs("mode", "a file instead of `:memory:`"));
        }
        if self.path.is_none() && !self.is_in_memory() {
            return Err(TargetError::NoFile);
        }
        if self.journal_mode.is_some() && self.is_read_only() {
            return Err(needs(
                "journal_mode",
                "a writable file, without `mode=ro` and `immutable`",
            ));
        }

        Ok(())
    }
}

impl fmt::Display for SqliteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// Returns the path of SQLite's own `file:` URL, whose authority must be empty or `localhost`.
fn inside_file_uri(rest: &str) -> Result<&str, TargetError> {
    let rest = without_fragment(rest);
    let Some(authority) = rest.strip_prefix("//") else {
        return Ok(rest);
    };

    let path = authority.strip_prefix("localhost").unwrap_or(authority);
    if path.starts_with('/') {
        Ok(path)
    } else {
        Err(TargetError::Authority {
            problem: "`file://` is followed by the name of another machine",
        })
    }
}

fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(text, _)| text)
}

fn open_mode(spelling: &str, value: &str) -> Result<OpenMode, TargetError> {
    let choices = [
        ("ro", OpenMode::ReadOnly),
        ("rw", OpenMode::ReadWrite),
        ("rwc", OpenMode::ReadWriteCreate),
        ("memory", OpenMode::Memory),
    ];
    choose(spelling, value, &choices)
}

fn cache(spelling: &str, value: &str) -> Result<Cache, TargetError> {
    choose(
        spelling,
        value,
        &[("shared", Cache::Shared), ("private", Cache::Private)],
    )
}

fn journal_mode(spelling: &str, value: &str) -> Result<JournalMode, TargetError> {
    let choices = [
        ("delete", JournalMode::Delete),
        ("truncate", JournalMode::Truncate),
        ("persist", JournalMode::Persist),
        ("memory", JournalMode::Memory),
        ("wal", JournalMode::Wal),
        ("off", JournalMode::Off),
    ];
    choose(spelling, value, &choices)
}

/// Returns the error for a parameter that SQLite knows and the program does not support.
fn unsupported(spelling: &str) -> TargetError {
    TargetError::Refused {
        parameter: shorten(spelling),
        reason: "the program opens files with SQLite's default VFS and locks",
        expected: "no value".to_owned(),
    }
}

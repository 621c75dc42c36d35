//! Generation inside a `build.rs`: from the snapshot, into `OUT_DIR`, without a database.

use std::path::{Path, PathBuf};

use crate::catalog::{Catalog, SnapshotError};
use crate::config::{ConfigError, ConfigFile, Settings};
use crate::output::{Output, OutputError};
use crate::schema::{Diagnostic, Severity};
use crate::{emit, schema, text, verify};

/// Generates code in a `build.rs`.
///
/// ```no_run
/// codegen::Config::new().config("codegen.toml").snapshot("catalog.json").generate();
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    snapshot: PathBuf,
    config: Option<PathBuf>,
}

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The snapshot cannot be read.
    #[error("cannot read the snapshot `{path}`: {source}; create it with `codegen --db URL`")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The snapshot is damaged or has another format.
    #[error("`{path}`: {source}")]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SnapshotError,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The model has errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Model(Vec<Diagnostic>),
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            snapshot: "catalog.json".into(),
            config: None,
        }
    }
}

impl Config {
    /// Uses `catalog.json` next to `Cargo.toml`, and no configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// The snapshot's path, relative to `Cargo.toml`.
    #[must_use]
    pub fn snapshot(mut self, path: impl Into<PathBuf>) -> Self {
        self.snapshot = path.into();
        self
    }

    /// The configuration's path, relative to `Cargo.toml`.
    #[must_use]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Writes `graphql.rs` into `OUT_DIR` and tells cargo when to run again. On an error the message goes to
    /// standard error and the build fails.
    pub fn generate(&self) {
        for path in self.config.iter().chain([&self.snapshot]) {
            cargo_line(&format!("rerun-if-changed={}", path.display()));
        }

        let out = std::env::var_os("OUT_DIR").map(PathBuf::from);
        let result = match out {
            Some(out) => self.try_generate(&out),
            None => panic!("`codegen::Config::generate` must run in a build.rs, where cargo sets OUT_DIR"),
        };

        match result {
            Ok(warnings) => {
                for warning in warnings {
                    // A line break in a name of the database would begin an instruction to cargo.
                    let words = text::plain_line(&format!("{}; {}", warning.message, warning.hint));
                    cargo_line(&format!("warning={words}"));
                }
            }
            Err(error) => {
                // A build script fails by its exit code; cargo then shows its standard error.
                eprintln!("{error}");
                std::process::exit(1);
            }
        }
    }

    /// Writes `graphql.rs` into a folder if its content changed, and returns the warnings.
    pub fn try_generate(&self, out: &Path) -> Result<Vec<Diagnostic>, BuildError> {
        let text = std::fs::read_to_string(&self.snapshot).map_err(|source| BuildError::Read {
            path: self.snapshot.clone(),
            source,
        })?;
        let catalog = Catalog::from_snapshot(&text).map_err(|source| BuildError::Snapshot {
            path: self.snapshot.clone(),
            source,
        })?;

        let settings = match &self.config {
            Some(path) => ConfigFile::read(path)?
                .settings()
                .map_err(|message| ConfigError::Invalid {
                    path: path.clone(),
                    message,
                })?,
            None => Settings::default(),
        };

        let verified = verify::verify(schema::build(&catalog, &settings)).map_err(BuildError::Model)?;
        Output::keeping_stale(out).write(&[emit::single_file(&verified)], None)?;

        Ok(verified
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Warning)
            .cloned()
            .collect())
    }
}

/// An instruction to cargo, which reads a build script's standard output.
#[expect(clippy::print_stdout, reason = "it is how a build script talks to cargo")]
fn cargo_line(instruction: &str) {
    println!("cargo::{instruction}");
}

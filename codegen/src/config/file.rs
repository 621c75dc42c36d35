//! Reads `codegen.toml`. Unknown keys are errors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Ordered, Pattern, SchemaSettings, Settings, TableSettings};

/// The file's content.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema), schemars(title = "codegen.toml"))]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// The database's URL. A URL with a password belongs in `DATABASE_URL` instead.
    pub database: Option<String>,
    /// The folder of the generated code, relative to the file.
    pub output: Option<PathBuf>,
    /// The snapshot's path, relative to the file.
    pub snapshot: Option<PathBuf>,
    /// Whether the command line writes Rust. `false` if a `build.rs` does: then it writes only the snapshot and SDL.
    #[serde(default = "default_true")]
    pub code: bool,
    /// Whether the generated code registers schemas. `false` if the program declares its own.
    #[serde(default = "default_true")]
    pub register: bool,
    /// Whether values can be trusted to fit the types of their columns, and keys to refer to rows, where the database
    /// does not enforce it: values of other types and unchecked keys in SQLite, `NaN` in floats and `NOT VALID` keys
    /// in PostgreSQL. Unless this is `true`, such fields are nullable.
    #[serde(default)]
    pub trust_data: bool,
    /// Patterns of database functions to offer, such as `search_*` (PostgreSQL); none by default.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Patterns of tables to include; empty: all.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of tables to leave out.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Namespaces to include; empty: all.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// The apps, by name.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, AppSettings>"))]
    apps: toml::Table,
    /// The schemas, by name; without them each app is a schema.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, SchemaSettings>"))]
    schemas: toml::Table,
    /// The settings of tables, by name.
    #[serde(default)]
    tables: BTreeMap<String, TableSettings>,
    /// The sections that use a former name of a key.
    #[serde(skip)]
    former_keys: Vec<String>,
}

fn default_true() -> bool {
    true
}

/// An app: a group of tables.
#[derive(Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AppSettings {
    /// Patterns of its tables. The first app whose pattern matches gets the table.
    tables: Vec<String>,
}

/// Why a configuration could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file is not valid TOML, or has an unknown key.
    #[error("`{path}`: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, where, and the nearest known key.
        message: String,
    },
}

impl Default for ConfigFile {
    /// An empty file.
    fn default() -> Self {
        Self::parse("").expect("invariant: no key is required")
    }
}

impl ConfigFile {
    /// Reads and checks the file at `path`.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|message| ConfigError::Invalid {
            path: path.to_owned(),
            message,
        })
    }

    /// Parses and checks a file's text; the error says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut file: Self = toml::from_str(text).map_err(|error| with_suggestion(&error))?;
        file.former_keys = former_keys(text);
        file.settings()?;
        Ok(file)
    }

    /// Returns the file's settings, typed; the error names the section.
    pub fn settings(&self) -> Result<Settings, String> {
        let patterns = |list: &[String]| list.iter().map(Pattern::new).collect::<Vec<_>>();
        let apps: Ordered<Vec<Pattern>> = section::<AppSettings>(&self.apps, "apps")?
            .into_iter()
            .map(|(name, app)| (name, patterns(&app.tables)))
            .collect();
        let schemas: Ordered<SchemaSettings> = section(&self.schemas, "schemas")?.into_iter().collect();

        Ok(Settings {
            apps,
            register: self.register,
            schemas,
            tables: self.tables.clone(),
            include: patterns(&self.include),
            exclude: patterns(&self.exclude),
            namespaces: self.namespaces.clone(),
            trust_data: self.trust_data,
            functions: patterns(&self.functions),
            former_keys: self.former_keys.clone(),
        })
    }
}

/// The sections of a table or its policies that have `operations`, which is called `actions` now.
fn former_keys(text: &str) -> Vec<String> {
    let file: toml::Table = toml::from_str(text).unwrap_or_default();
    let tables = file.get("tables").and_then(toml::Value::as_table);
    let has_key = |value: &toml::Value| value.get("operations").is_some();

    let mut sections = Vec::new();
    for (name, table) in tables.into_iter().flatten() {
        if has_key(table) {
            sections.push(format!("[tables.{name}]"));
        }
        let policies = table.get("policies").and_then(toml::Value::as_array);
        if policies.into_iter().flatten().any(has_key) {
            sections.push(format!("[[tables.{name}.policies]]"));
        }
    }
    sections
}

/// The entries of `[name.*]`, in the file's order.
fn section<T: serde::de::DeserializeOwned>(table: &toml::Table, name: &str) -> Result<Vec<(String, T)>, String> {
    table
        .iter()
        .map(|(key, value)| {
            let entry = value
                .clone()
                .try_into()
                .map_err(|error| format!("[{name}.{key}]: {}", with_suggestion(&error)))?;
            Ok((key.clone(), entry))
        })
        .collect()
}

/// Returns the error's text. If the key is unknown, a hint with the nearest known key follows.
fn with_suggestion(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let message = error.message();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown ") {
        return text.trim_end().to_owned();
    }

    let unknown = quoted.next().unwrap_or_default();
    match quoted.max_by(|a, b| strsim::jaro(unknown, a).total_cmp(&strsim::jaro(unknown, b))) {
        Some(nearest) => format!("{}\nhint: did you mean `{nearest}`?", text.trim_end()),
        None => text.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        let message = ConfigFile::parse("outptu = \"x\"").unwrap_err();
        assert!(message.contains("hint: did you mean `output`?"), "{message}");
        let message = ConfigFile::parse("[schemas.a]\nverison = \"1.0.0\"").unwrap_err();
        assert!(
            message.contains("[schemas.a]") && message.contains("did you mean `version`?"),
            "{message}"
        );
    }

    #[test]
    fn a_former_key_is_read_and_named() {
        let former = ConfigFile::parse("[tables.a]\noperations = [\"create\"]")
            .unwrap()
            .settings()
            .unwrap();
        let now = ConfigFile::parse("[tables.a]\nactions = [\"create\"]")
            .unwrap()
            .settings()
            .unwrap();
        assert_eq!(former.tables, now.tables);
        assert_eq!(former.former_keys, ["[tables.a]"]);
        assert!(now.former_keys.is_empty());
    }

    #[test]
    fn apps_keep_the_order_of_the_file() {
        let file = ConfigFile::parse("[apps.z]\ntables = [\"a\"]\n[apps.b]\ntables = [\"c*\"]").unwrap();
        let settings = file.settings().unwrap();
        assert_eq!(
            settings.apps.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["z", "b"]
        );
    }
}

//! The resolved settings of a run: from `codegen.toml`, the command line, or a `build.rs`.

mod file;
mod ordered;
mod pattern;

use std::collections::BTreeMap;

pub use file::{ConfigError, ConfigFile};
pub use ordered::Ordered;
pub use pattern::Pattern;

/// The settings that turn a catalog into a model.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Table patterns by app name, in the order of declaration: the first match wins.
    pub apps: Ordered<Vec<Pattern>>,
    /// Whether schemas are registered at all.
    pub register: bool,
    /// Schemas to register; empty: one for each app of the settings, and `main` for all other tables.
    pub schemas: Ordered<SchemaSettings>,
    /// Table settings, by table name (`products`, or `sales.products` outside the default namespace).
    pub tables: BTreeMap<String, TableSettings>,
    /// Tables to include; empty: all.
    pub include: Vec<Pattern>,
    /// Tables to leave out.
    pub exclude: Vec<Pattern>,
    /// Namespaces to include; empty: all.
    pub namespaces: Vec<String>,
    /// Whether values can be trusted to fit the types of their columns, and keys to refer to rows, where the database
    /// does not enforce it.
    pub trust_data: bool,
    /// Database functions to offer.
    pub functions: Vec<Pattern>,
    /// The sections of the file that use a former name of a key.
    pub former_keys: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            apps: Ordered::default(),
            register: true,
            schemas: Ordered::default(),
            tables: BTreeMap::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            namespaces: Vec::new(),
            trust_data: false,
            functions: Vec::new(),
            former_keys: Vec::new(),
        }
    }
}

/// A schema to register.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SchemaSettings {
    /// The apps whose tables it serves.
    #[serde(default)]
    pub apps: Vec<String>,
    /// Semantic version; `1.0.0` by default.
    pub version: Option<String>,
    /// One or two sentences for the schema's users.
    pub description: Option<String>,
    /// Settings of the served schema, by name.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, Literal>"))]
    pub settings: toml::Table,
}

/// The settings of a table.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TableSettings {
    /// The name from which the GraphQL names are made, instead of the table's.
    pub name: Option<String>,
    /// Leaves the table out.
    #[serde(default)]
    pub omit: bool,
    /// The columns that `search` searches.
    #[serde(default)]
    pub search: Vec<String>,
    /// The columns that identify a row of a view.
    #[serde(default)]
    pub key: Vec<String>,
    /// The actions that have mutations; empty: the table is read-only.
    #[serde(default, alias = "operations")]
    pub actions: Vec<Action>,
    /// Policies; for an action, the first that names one of the viewer's roles applies.
    #[serde(default)]
    pub policies: Vec<PolicySettings>,
    /// Column settings, by column name.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnSettings>,
}

/// An action on a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Reading, filtering, ordering, counting.
    Read,
    /// Creating rows.
    Create,
    /// Updating rows.
    Update,
    /// Deleting rows.
    Delete,
}

/// A policy: who may do what with a table's rows.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicySettings {
    /// The roles it applies to: `anyone`, `anonymous`, `authenticated`, `staff`, or roles of the viewer.
    pub roles: Vec<String>,
    /// The actions that these roles may perform.
    #[serde(alias = "operations")]
    pub actions: Vec<Action>,
    /// The row filter: only rows that meet it, such as `user_id = $viewer.id`.
    pub rows: Option<String>,
    /// The columns that these roles can neither see nor write.
    #[serde(default)]
    pub hidden: Vec<String>,
    /// The values that replace any input, by column name: a literal, or `$viewer.id`.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, Literal>"))]
    pub preset: BTreeMap<String, toml::Value>,
}

/// The settings of a column.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnSettings {
    /// The name of the GraphQL field.
    pub name: Option<String>,
    /// Leaves the column out.
    #[serde(default)]
    pub omit: bool,
    /// Shows the column although it looks like a secret, such as `password` or `api_key`.
    #[serde(default)]
    pub shown: bool,
    /// The column's type in place of the database's, such as `bigint` for an `INTEGER` of SQLite with more than 32
    /// bits.
    #[serde(rename = "type")]
    pub ty: Option<ColumnTypeSetting>,
}

/// The types that a column can be given if the database's own is not specific enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ColumnTypeSetting {
    /// 64-bit integer, text in JSON.
    Bigint,
    /// 32-bit integer.
    Int,
    /// Boolean.
    Boolean,
    /// Point in time with a time zone.
    Datetime,
}

/// A text, a number or a switch, for the JSON schema.
#[cfg(feature = "cli")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Literal {
    /// `true` or `false`
    Bool(bool),
    /// A number
    Number(f64),
    /// A text
    Text(String),
}

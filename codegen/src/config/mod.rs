//! The settings of a run, resolved: from `codegen.toml`, from the command line, or from `build.rs`.

mod file;
mod ordered;
mod pattern;

use std::collections::BTreeMap;

pub use file::{ConfigError, ConfigFile};
pub use ordered::Ordered;
pub use pattern::Pattern;

/// What a run makes of a catalog.
#[derive(Debug, Clone)]
pub struct Settings {
    /// App name to the tables that belong to it, in the order they were declared: the first match wins.
    pub apps: Ordered<Vec<Pattern>>,
    /// Whether schemas are registered at all.
    pub register: bool,
    /// Schemas to register; empty: one for each app.
    pub schemas: Ordered<SchemaSettings>,
    /// Renames and omissions, by table name (`products`, or `sales.products` outside the default namespace).
    pub tables: BTreeMap<String, TableSettings>,
    /// Only these tables; empty: all.
    pub include: Vec<Pattern>,
    /// Not these tables.
    pub exclude: Vec<Pattern>,
    /// Only these namespaces; empty: all.
    pub namespaces: Vec<String>,
    /// Whether values fit the types of their columns and keys lead to rows where the database does not see to it.
    pub trust_data: bool,
    /// Functions of the database to offer.
    pub functions: Vec<Pattern>,
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
        }
    }
}

/// A schema to register.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaSettings {
    /// The apps whose tables it serves.
    #[serde(default)]
    pub apps: Vec<String>,
    /// Semantic version; `1.0.0` if none is given.
    pub version: Option<String>,
    /// One or two sentences for the schema's users.
    pub description: Option<String>,
    /// Settings of the served schema, by name.
    #[serde(default)]
    pub settings: toml::Table,
}

/// How a table differs from what the rules make of it.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSettings {
    /// The GraphQL type's name, in place of the one that follows from the table's.
    pub name: Option<String>,
    /// Leaves the table out.
    #[serde(default)]
    pub omit: bool,
    /// The columns that `search` looks into.
    #[serde(default)]
    pub search: Vec<String>,
    /// The columns that tell the rows of a view apart.
    #[serde(default)]
    pub key: Vec<String>,
    /// Which mutations there are; none given: the table is only read.
    #[serde(default)]
    pub operations: Vec<OperationSetting>,
    /// Who may do what; the first rule that names one of the viewer's roles holds.
    #[serde(default)]
    pub policies: Vec<PolicySettings>,
    /// By column name.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnSettings>,
}

/// What can be done with a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationSetting {
    /// Reading, filtering, ordering, counting.
    Read,
    /// Making rows.
    Create,
    /// Changing rows.
    Update,
    /// Removing rows.
    Delete,
}

/// Who may do something with a table's rows.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySettings {
    /// `anyone`, `anonymous`, `authenticated`, `staff`, or roles of the viewer's.
    pub roles: Vec<String>,
    /// What they may do.
    pub operations: Vec<OperationSetting>,
    /// Only with rows for which this holds, such as `user_id = $viewer.id`.
    pub rows: Option<String>,
    /// The columns that they neither see nor write.
    #[serde(default)]
    pub hidden: Vec<String>,
    /// What columns get whatever the input says: a literal, or `$viewer.id`.
    #[serde(default)]
    pub preset: BTreeMap<String, toml::Value>,
}

/// How a column differs from what the rules make of it.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSettings {
    /// The field's name.
    pub name: Option<String>,
    /// Leaves the column out.
    #[serde(default)]
    pub omit: bool,
    /// Says that a column is meant to be shown though it looks like a secret, such as `password` or `api_key`.
    #[serde(default)]
    pub shown: bool,
    /// `bigint` for an `INTEGER` of `SQLite` that holds more than 32 bits.
    #[serde(rename = "type")]
    pub ty: Option<ColumnTypeSetting>,
}

/// The types a column may be declared to have, where the database's own says too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnTypeSetting {
    /// 64-bit integer, text in JSON.
    Bigint,
    /// 32-bit integer.
    Int,
    /// Boolean.
    Boolean,
    /// Point in time with its zone.
    Datetime,
}

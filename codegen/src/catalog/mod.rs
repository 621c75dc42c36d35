//! What was read from a database, as plain data: the input of every later stage.

mod snapshot;

use serde::{Deserialize, Serialize};

pub use snapshot::{FORMAT, SnapshotError};

/// The kind of database a catalog was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// `PostgreSQL` 12 and later.
    Postgres,
    /// `MySQL` 8 and `MariaDB` 10.6, and later.
    Mysql,
    /// `SQLite` 3.35 and later.
    Sqlite,
}

/// The tables, views and enums of one database.
///
/// Lists are sorted by namespace and name, columns stand in the table's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Where it was read.
    pub engine: Engine,
    /// The namespace that names need no prefix for: `public`, the connected `MySQL` database, `main`.
    pub default_namespace: String,
    /// Tables and views.
    pub tables: Vec<Table>,
    /// Enumerations: `PostgreSQL` types, `MySQL` columns, `CHECK (x IN (...))`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enums: Vec<EnumType>,
    /// Composite types (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub composites: Vec<CompositeType>,
    /// Functions that a schema can offer (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Function>,
    /// What the database has and could not describe, such as a view over a table that is gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Unreadable>,
}

/// A function of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Where it is. Several may have one name.
    pub name: ObjectName,
    /// In their order.
    pub arguments: Vec<FunctionArgument>,
    /// What it returns; of rows, one of them.
    pub returns: FunctionType,
    /// Whether it returns any number of those.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
    /// Whether it may change something (`VOLATILE`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub writes: bool,
    /// The database's comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An argument of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionArgument {
    /// Its name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: FunctionType,
    /// Whether it may be left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What a function takes or returns.
#[expect(
    clippy::large_enum_variant,
    reason = "there are few of them, and boxes would be in the way"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionType {
    /// A row of a table or view.
    Row(ObjectName),
    /// A value.
    Value(ColumnType),
}

/// A table or view that the database could not describe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unreadable {
    /// Where it is.
    pub name: ObjectName,
    /// What the database said.
    pub reason: String,
}

/// A table's or an enum's place: namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectName {
    /// The database's schema (`PostgreSQL`), database (`MySQL`) or `main` (`SQLite`).
    pub namespace: String,
    /// The name, unquoted, as stored.
    pub name: String,
}

impl ObjectName {
    /// A name in a namespace.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.namespace, self.name)
    }
}

/// What can be selected from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// A table; a partitioned one stands for its parts.
    Table,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Where it is.
    pub name: ObjectName,
    /// Table or view.
    pub kind: TableKind,
    /// The database's comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// In the table's order.
    pub columns: Vec<Column>,
    /// Column names in key order; `None` for a view or a table without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<Key>,
    /// Unique constraints and unique indexes over plain columns, without the primary key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique_keys: Vec<Key>,
    /// Foreign keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// Check constraints, as the database prints them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Whether rows of a view can be made, changed and removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub updatable: bool,
    /// Whether row-level security is switched on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub row_security: bool,
    /// Whether other tables inherit from it, whose rows are its rows too and may repeat its keys (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_children: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name, unquoted, as stored.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Whether the database keeps values in it that its type does not have (`SQLite`, where a table is not `STRICT`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loose: bool,
    /// Whether it may hold `NULL`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// The default's expression, as the database prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Who gives it its value.
    #[serde(default, skip_serializing_if = "Generation::is_none")]
    pub generation: Generation,
    /// The database's comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Who gives a column its value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// The writer, or the default.
    #[default]
    None,
    /// A counter, unless the writer gives one (`serial`, `AUTO_INCREMENT`, `INTEGER PRIMARY KEY`).
    Identity,
    /// A counter always (`GENERATED ALWAYS AS IDENTITY`).
    IdentityAlways,
    /// An expression over other columns.
    Computed,
}

impl Generation {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A column's type.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of a type, as the catalog has them"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnType {
    /// The base name in lower case without arguments: `numeric`, `varchar`, `timestamptz`; for a domain its base's.
    pub name: String,
    /// The namespace of the type, where it is neither the system catalog nor the default one (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Whether the database cannot compare its values, as those of `xml` and `point`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomparable: bool,
    /// Whether its values can be compared and have no order, as those of `xid` and `hstore`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unordered: bool,
    /// The dimensions that an array is declared with, where they are more than one (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u32>,
    /// The spatial reference system of a geometry, where its type names one (`PostGIS`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub srid: Option<u32>,
    /// Whether its collation takes different texts for equal (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nondeterministic: bool,
    /// Characters, for types that limit them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Digits after the point of a fixed-point number; of a second for times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// `UNSIGNED` (`MySQL`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsigned: bool,
    /// Whether it is an array of this type (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub array: bool,
    /// The enumeration its values come from.
    #[serde(default, rename = "enum", skip_serializing_if = "Option::is_none")]
    pub enumeration: Option<ObjectName>,
    /// The base name of the elements, for a range (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_of: Option<String>,
    /// The composite type it is (`PostgreSQL`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composite: Option<ObjectName>,
    /// The collation of a text (`MySQL`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The domain it was declared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<ObjectName>,
}

/// A primary or unique key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The constraint's or index's name.
    pub name: String,
    /// Its columns, in key order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// The constraint's name; `SQLite` has none, so it is made of table and columns.
    pub name: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub references: ObjectName,
    /// The columns referred to, in the order of `columns`.
    pub referenced_columns: Vec<String>,
    /// Whether the database lets rows be whose key leads nowhere: any in `SQLite`, which checks no key unless a program asks
    /// for it on each connection; one that is `NOT VALID` or `NOT ENFORCED` in `PostgreSQL`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
}

/// A check constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The constraint's name.
    pub name: String,
    /// The expression, as the database prints it.
    pub expression: String,
}

/// An enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumType {
    /// The type's name; `<table>_<column>` where the database has no named type.
    pub name: ObjectName,
    /// Whether the database knows a type by this name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named: bool,
    /// The labels, in the database's order.
    pub labels: Vec<String>,
    /// The database's comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeType {
    /// The type's name.
    pub name: ObjectName,
    /// Its attributes, in their order.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The name, unquoted, as stored.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
}

impl Catalog {
    /// Brings every list into its documented order, so that equal databases give equal catalogs.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        self.enums.sort_by(|a, b| a.name.cmp(&b.name));
        self.composites.sort_by(|a, b| a.name.cmp(&b.name));
        self.functions.sort_by(|a, b| a.name.cmp(&b.name));
        for table in &mut self.tables {
            table.unique_keys.sort_by(|a, b| a.name.cmp(&b.name));
            table
                .foreign_keys
                .sort_by(|a, b| (&a.columns, &a.name).cmp(&(&b.columns, &b.name)));
            table.checks.sort_by(|a, b| a.name.cmp(&b.name));
        }
        self
    }
}

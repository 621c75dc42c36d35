//! The catalog: what introspection read from a database, as plain data. Every later stage starts from it.

mod snapshot;

use serde::{Deserialize, Serialize};

pub use snapshot::{FORMAT, SnapshotError};

/// The kind of database a catalog was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// PostgreSQL 12 and later.
    Postgres,
    /// MySQL 8 and MariaDB 10.6, and later.
    Mysql,
    /// SQLite 3.35 and later.
    Sqlite,
}

/// The tables, views and enums of one database.
///
/// Lists are sorted by namespace and name; columns are in the table's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The kind of database it was read from.
    pub engine: Engine,
    /// The namespace whose names need no prefix: `public`, the connected MySQL database, or `main`.
    pub default_namespace: String,
    /// Tables and views.
    pub tables: Vec<Table>,
    /// Enumerations: PostgreSQL types, MySQL columns, `CHECK (x IN (...))`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enums: Vec<EnumType>,
    /// Composite types (PostgreSQL).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub composites: Vec<CompositeType>,
    /// Functions that a schema can offer (PostgreSQL).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Function>,
    /// Tables and views that the database could not describe, such as a view over a dropped table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Unreadable>,
}

/// A function of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its namespace and name. Overloaded functions share a name.
    pub name: ObjectName,
    /// Its arguments, in declaration order.
    pub arguments: Vec<FunctionArgument>,
    /// The type of one result: a row or a value.
    pub returns: FunctionType,
    /// Whether it returns any number of results (`SETOF`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
    /// Whether it may write (`VOLATILE`).
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
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: FunctionType,
    /// Whether it has a default and may be omitted.
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
    /// Its namespace and name.
    pub name: ObjectName,
    /// The database's error message.
    pub reason: String,
}

/// The qualified name of a table, type or function: namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectName {
    /// The database's schema (PostgreSQL), database (MySQL) or `main` (SQLite).
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

/// The kind of an object that can be selected from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// A table. A partitioned table represents its partitions.
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
    /// Its namespace and name.
    pub name: ObjectName,
    /// Table or view.
    pub kind: TableKind,
    /// The database's comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Its columns, in the table's order.
    pub columns: Vec<Column>,
    /// The primary key; `None` for a view or a table without one.
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
    /// Whether rows of a view can be inserted, updated and deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub updatable: bool,
    /// Whether row-level security is enabled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub row_security: bool,
    /// Whether other tables inherit from it (PostgreSQL). Their rows are also its rows and may repeat its keys.
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
    /// Whether the database accepts values that do not fit its type (SQLite, unless the table is `STRICT`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loose: bool,
    /// Whether it may hold `NULL`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// The default's expression, as the database prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What sets its value.
    #[serde(default, skip_serializing_if = "Generation::is_none")]
    pub generation: Generation,
    /// The database's comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What sets a column's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// The statement that writes the row, or the column's default.
    #[default]
    None,
    /// A counter, unless the statement gives a value (`serial`, `AUTO_INCREMENT`, `INTEGER PRIMARY KEY`).
    Identity,
    /// Always a counter (`GENERATED ALWAYS AS IDENTITY`).
    IdentityAlways,
    /// A generated column: an expression over other columns.
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
    /// The base name in lower case, without arguments: `numeric`, `varchar`, `timestamptz`. For a domain, the name of
    /// its base type.
    pub name: String,
    /// The type's namespace, unless it is the system catalog or the default namespace (PostgreSQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Whether the database cannot compare its values (`xml`, `point`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomparable: bool,
    /// Whether its values can be compared for equality but not ordered (`xid`, `hstore`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unordered: bool,
    /// The number of dimensions that an array is declared with, if more than one (PostgreSQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u32>,
    /// The spatial reference system of a geometry, if its type names one (PostGIS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub srid: Option<u32>,
    /// Whether its collation may treat different texts as equal (PostgreSQL, SQLite).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nondeterministic: bool,
    /// The maximum length in characters, for types that limit it; in bits for `bit` (MySQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Decimal places: of a fixed-point number, or of the seconds of a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// `UNSIGNED` (MySQL).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsigned: bool,
    /// Whether it is an array of this type (PostgreSQL).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub array: bool,
    /// The enumeration its values come from.
    #[serde(default, rename = "enum", skip_serializing_if = "Option::is_none")]
    pub enumeration: Option<ObjectName>,
    /// The base name of the element type, for a range (PostgreSQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_of: Option<String>,
    /// The composite type, if it is one (PostgreSQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composite: Option<ObjectName>,
    /// The collation of a text (MySQL).
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
    /// The constraint's name. SQLite has none, so it is built from the names of table and columns.
    pub name: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub references: ObjectName,
    /// The columns referred to, in the order of `columns`.
    pub referenced_columns: Vec<String>,
    /// Whether rows may exist whose key refers to no row: for every key in SQLite, which checks keys only if a
    /// program enables that on each connection; for keys that are `NOT VALID` or `NOT ENFORCED` in PostgreSQL.
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
    /// The type's name; `<table>_<column>` if the database has no named type.
    pub name: ObjectName,
    /// Whether the database has a type of this name.
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
    /// Its attributes, in declaration order.
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

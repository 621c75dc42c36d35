//! The model of the generated API. Every decision is made here: names, apps, scalars, fields, relations, schemas.

mod api_schemas;
mod apps;
mod build;
mod clashes;
mod derived;
mod diagnostic;
mod entity;
mod field;
mod functions;
mod names;
mod policies;
mod relations;
mod row_filter;
mod scalar;
mod secrets;
mod types;

pub use build::build;
pub use diagnostic::{Diagnostic, Severity};
pub use names::{GraphqlName, RustName};
pub use policies::{Policy, RowFilter};
pub use row_filter::Operand;
pub use scalar::{Scalar, TypeName};
pub use secrets::{ExposedSecret, exposed_secrets};

use crate::catalog::ObjectName;
use crate::config::Action;
use meta::TargetRow;

/// Everything that is generated.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The apps, sorted by name.
    pub apps: Vec<App>,
    /// All tables and views; apps and relations refer to them by index.
    pub entities: Vec<Entity>,
    /// All enumerations, sorted by name; columns refer to them by index.
    pub enums: Vec<Enum>,
    /// All composite types, sorted by name; columns refer to them by index.
    pub composites: Vec<Composite>,
    /// The schemas to register.
    pub schemas: Vec<ApiSchema>,
    /// Warnings about what was renamed or left out, and errors in the settings.
    pub diagnostics: Vec<Diagnostic>,
}

/// A group of tables: one module of generated code.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its name in the settings and in the REST API.
    pub name: String,
    /// Its Rust module.
    pub module: RustName,
    /// Indexes into [`Schema::entities`].
    pub entities: Vec<usize>,
    /// Indexes into [`Schema::enums`]: the enumerations that no earlier app uses.
    pub enums: Vec<usize>,
    /// Indexes into [`Schema::composites`]: the composite types that no earlier app uses.
    pub composites: Vec<usize>,
}

/// A schema to register.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiSchema {
    /// Its name, the last part of `/graphql/<name>/`.
    pub name: String,
    /// The registered Rust type.
    pub rust: RustName,
    /// Its semantic version.
    pub version: String,
    /// Its description, for API users.
    pub description: String,
    /// The apps it serves.
    pub apps: Vec<String>,
    /// Its settings: name and value.
    pub settings: Vec<(String, SettingValue)>,
}

/// The value of a schema's setting.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    /// On or off.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Text(String),
}

/// A table or view as a GraphQL type.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// The table.
    pub table: ObjectName,
    /// Its namespace, unless it is the default one.
    pub namespace: Option<String>,
    /// Its app, an index into [`Schema::apps`].
    pub app: usize,
    /// The row's Rust type.
    pub rust: RustName,
    /// The module of its typed columns.
    pub module: RustName,
    /// The static of its metadata.
    pub metadata: RustName,
    /// The GraphQL type.
    pub type_name: GraphqlName,
    /// The root field of a single row.
    pub one: GraphqlName,
    /// The root field of many rows.
    pub many: GraphqlName,
    /// The database's comment.
    pub description: Option<String>,
    /// Whether it is a view without mutations.
    pub read_only: bool,
    /// The columns in the table's order, then the functions of a row.
    pub columns: Vec<Field>,
    /// Column indexes of the primary key; empty if there is none.
    pub primary_key: Vec<usize>,
    /// Column indexes of each unique key.
    pub unique_keys: Vec<Vec<usize>>,
    /// The names of unique keys and checks, each with its column indexes.
    pub constraints: Vec<(String, Vec<usize>)>,
    /// To-one fields in the order of the keys, then to-many fields, then those through a join table.
    pub relations: Vec<Relation>,
    /// Indexes of the columns that `search` searches.
    pub search: Vec<usize>,
    /// The actions that have mutations; never `Read`.
    pub actions: Vec<Action>,
    /// The functions that return its rows.
    pub functions: Vec<Function>,
    /// Its policies; for an action, the first that names one of the viewer's roles applies.
    pub policies: Vec<Policy>,
}

/// A database function as a root field.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its namespace and name.
    pub name: TypeName,
    /// The root field.
    pub graphql: GraphqlName,
    /// The database's comment.
    pub description: Option<String>,
    /// Its arguments, in declaration order.
    pub arguments: Vec<Argument>,
    /// Whether it returns any number of rows.
    pub many: bool,
    /// Whether it may write, which makes it a mutation.
    pub writes: bool,
}

/// An argument of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name in the database.
    pub name: String,
    /// Its name in GraphQL.
    pub graphql: GraphqlName,
    /// The scalar of its values.
    pub scalar: Scalar,
    /// Whether it is an array.
    pub array: bool,
    /// Whether it may be omitted.
    pub optional: bool,
    /// The type that values are cast to by name.
    pub sql_type: Option<TypeName>,
}

/// A column as a field.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of a column, as the catalog has them"
)]
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The column's name.
    pub column: String,
    /// The field of the Rust row type.
    pub rust: RustName,
    /// The GraphQL field.
    pub graphql: GraphqlName,
    /// The database's comment.
    pub description: Option<String>,
    /// The scalar of its values.
    pub scalar: Scalar,
    /// Whether it is an array.
    pub array: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is part of a primary or foreign key, and so an `ID`.
    pub is_id: bool,
    /// Whether only the database sets its value, so that it is part of no input.
    pub generated: bool,
    /// Whether it may be omitted when a row is created.
    pub has_default: bool,
    /// Whether it looks like a secret and the settings do not have `shown = true` for it.
    pub secret: bool,
    /// The maximum number of characters of a text.
    pub max_length: Option<u32>,
    /// The type that values are cast to by name.
    pub sql_type: Option<TypeName>,
    /// Whether the database cannot compare its values.
    pub incomparable: bool,
    /// Whether the database can compare its values for equality, but not order them.
    pub unordered: bool,
    /// Whether its collation may treat different texts as equal.
    pub nondeterministic: bool,
    /// Whether the database may hold values that do not fit its type.
    pub loose: bool,
    /// The number of dimensions of an array.
    pub dimensions: u32,
    /// The function of a row that computes it, if it is not a column.
    pub function: Option<TypeName>,
    /// The spatial reference system of a geometry.
    pub srid: Option<u32>,
}

/// A foreign key as a field, seen from either side.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// The GraphQL field.
    pub graphql: GraphqlName,
    /// The entity it leads to, an index into [`Schema::entities`].
    pub target: usize,
    /// Whether it leads to many rows.
    pub to_many: bool,
    /// Whether a to-one field may be null.
    pub nullable: bool,
    /// Whether the foreign key's columns are in this entity.
    pub holds_key: bool,
    /// Pairs of column indexes that must be equal: in this entity and in the target, or in the join table if there is
    /// one.
    pub pairs: Vec<(usize, usize)>,
    /// The join table of a many-to-many field.
    pub through: Option<Through>,
    /// Which row a to-one field returns if several rows have the key.
    pub target_row: TargetRow,
}

/// A table whose only purpose is to join two others.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// The join table, an index into [`Schema::entities`].
    pub entity: usize,
    /// Pairs of column indexes that must be equal: in the join table and in the target.
    pub pairs: Vec<(usize, usize)>,
}

/// An enumeration.
#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// The database's type, if it has a name.
    pub database_type: Option<TypeName>,
    /// The Rust type.
    pub rust: RustName,
    /// The static of its metadata.
    pub metadata: RustName,
    /// The GraphQL enum.
    pub type_name: GraphqlName,
    /// The app whose module contains it, an index into [`Schema::apps`].
    pub app: usize,
    /// The database's comment.
    pub description: Option<String>,
    /// Its values, in the database's order.
    pub values: Vec<EnumValue>,
}

/// A composite type.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// The static of its metadata.
    pub metadata: RustName,
    /// The GraphQL object.
    pub type_name: GraphqlName,
    /// The app whose module contains it, an index into [`Schema::apps`].
    pub app: usize,
    /// Its attributes, in declaration order.
    pub fields: Vec<CompositeField>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositeField {
    /// The attribute's name.
    pub name: String,
    /// The GraphQL field.
    pub graphql: GraphqlName,
    /// The scalar of its values.
    pub scalar: Scalar,
    /// Whether it is an array.
    pub array: bool,
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumValue {
    /// The database's label.
    pub label: String,
    /// The Rust variant.
    pub rust: RustName,
    /// The GraphQL value.
    pub graphql: GraphqlName,
}

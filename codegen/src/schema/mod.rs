//! The model of the generated API. Every decision falls here: names, apps, scalars, fields, relations, schemas.

mod apps;
mod build;
mod clashes;
mod derived;
mod diagnostic;
mod functions;
mod names;
mod policies;
mod relations;
mod rule;
mod scalar;
mod secrets;
mod types;

pub use build::build;
pub use diagnostic::{Diagnostic, Severity};
pub use names::{GraphqlName, RustName};
pub use policies::{Policy, Rule};
pub use rule::{Comparison, Operand};
pub use scalar::{Scalar, TypeName};
pub use secrets::{ExposedSecret, exposed_secrets};

use crate::catalog::ObjectName;
use crate::config::OperationSetting;

/// Everything that is generated.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The apps, by name.
    pub apps: Vec<App>,
    /// All tables and views; apps and relations refer to them by index.
    pub entities: Vec<Entity>,
    /// All enumerations, by name; columns refer to them by index.
    pub enums: Vec<Enum>,
    /// All composite types, by name; columns refer to them by index.
    pub composites: Vec<Composite>,
    /// The schemas to register.
    pub schemas: Vec<ApiSchema>,
    /// What the rules had to change or leave out, and mistakes in the settings.
    pub diagnostics: Vec<Diagnostic>,
}

/// A group of tables: one module of generated code.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its name in settings and over REST.
    pub name: String,
    /// Its module.
    pub module: RustName,
    /// Indexes into [`Schema::entities`].
    pub entities: Vec<usize>,
    /// Indexes into [`Schema::enums`]: those that its tables are the first to use.
    pub enums: Vec<usize>,
    /// Indexes into [`Schema::composites`]: those that its tables are the first to use.
    pub composites: Vec<usize>,
}

/// A schema to register.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiSchema {
    /// Its name, the last part of `/graphql/<name>/`.
    pub name: String,
    /// The registered Rust type.
    pub rust: RustName,
    /// Semantic version.
    pub version: String,
    /// For its users.
    pub description: String,
    /// The apps it serves.
    pub apps: Vec<String>,
    /// Settings by name, values as Rust literals.
    pub settings: Vec<(String, SettingValue)>,
}

/// The value of a schema's setting.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    /// On or off.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

/// A table or view as a GraphQL type.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// The table.
    pub table: ObjectName,
    /// Its namespace, unless it is the one that needs no prefix.
    pub namespace: Option<String>,
    /// The app it belongs to, an index.
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
    /// Whether it can only be read.
    pub read_only: bool,
    /// In the table's order.
    pub columns: Vec<Field>,
    /// Indexes of the key's columns; empty where there is none.
    pub primary_key: Vec<usize>,
    /// Each unique key's column indexes.
    pub unique_keys: Vec<Vec<usize>>,
    /// The names of unique keys and checks, with the indexes of their columns.
    pub constraints: Vec<(String, Vec<usize>)>,
    /// To-one fields in the order of the keys, then to-many fields, then those through a join table.
    pub relations: Vec<Relation>,
    /// Indexes of the columns that `search` looks into.
    pub search: Vec<usize>,
    /// Which mutations there are, `Read` left out.
    pub operations: Vec<OperationSetting>,
    /// The functions that return its rows.
    pub functions: Vec<Function>,
    /// Who may do what.
    pub policies: Vec<Policy>,
}

/// A function of the database as a root field.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Where it is.
    pub name: TypeName,
    /// The root field.
    pub graphql: GraphqlName,
    /// The database's comment.
    pub description: Option<String>,
    /// In their order.
    pub arguments: Vec<Argument>,
    /// Whether it returns any number of rows.
    pub many: bool,
    /// Whether it may change something, so that it is a mutation.
    pub writes: bool,
}

/// An argument of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The database's name for it.
    pub name: String,
    /// The GraphQL argument.
    pub graphql: GraphqlName,
    /// What it takes.
    pub scalar: Scalar,
    /// Whether it is an array.
    pub array: bool,
    /// Whether it may be left out.
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
    /// The column.
    pub column: String,
    /// The row's field.
    pub rust: RustName,
    /// The GraphQL field.
    pub graphql: GraphqlName,
    /// The database's comment.
    pub description: Option<String>,
    /// What it holds.
    pub scalar: Scalar,
    /// Whether it is an array.
    pub array: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is part of a primary or foreign key, and so an `ID`.
    pub key: bool,
    /// Whether the database gives it its value, so that inputs never have it.
    pub computed: bool,
    /// Whether it may be left out when a row is made.
    pub has_default: bool,
    /// Whether it looks like a secret, and the settings do not say that it is shown.
    pub secret: bool,
    /// The most characters of a text.
    pub max_length: Option<u32>,
    /// The type that values are cast to by name.
    pub sql_type: Option<TypeName>,
    /// Whether the database cannot compare its values.
    pub incomparable: bool,
    /// Whether the database can compare its values, but has no order of them.
    pub unordered: bool,
    /// Whether its collation takes different texts for equal.
    pub nondeterministic: bool,
    /// Whether the database keeps values in it that its type does not have.
    pub loose: bool,
    /// The dimensions of an array.
    pub dimensions: u32,
    /// The function of the row that it is, where it is no column.
    pub function: Option<TypeName>,
    /// The spatial reference system of a geometry.
    pub srid: Option<u32>,
}

/// A foreign key as a field, seen from either side.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// The GraphQL field.
    pub graphql: GraphqlName,
    /// The type it leads to, an index into [`Schema::entities`].
    pub target: usize,
    /// One row or many.
    pub to_many: bool,
    /// Whether a to-one field may be null.
    pub nullable: bool,
    /// Whether the foreign key's columns are here.
    pub holds_key: bool,
    /// The column indexes that are equal: here, there; with a join table: here, in the join table.
    pub pairs: Vec<(usize, usize)>,
    /// The join table of a many-to-many field.
    pub through: Option<Through>,
    /// Which of the rows with the key a to-one field leads to.
    pub target_row: TargetRow,
}

/// Which of the rows with a key a to-one field leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetRow {
    /// The only one.
    Only,
    /// The first by the primary key.
    First,
    /// The table's own, and not that of a table that inherits from it.
    Own,
}

/// A table that does nothing but join two others.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// The join table, an index into [`Schema::entities`].
    pub entity: usize,
    /// The column indexes that are equal: in the join table, in the target.
    pub pairs: Vec<(usize, usize)>,
}

/// An enumeration.
#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// The database's type, where it is named.
    pub database_type: Option<TypeName>,
    /// The Rust type.
    pub rust: RustName,
    /// The static of its metadata.
    pub metadata: RustName,
    /// The GraphQL enum.
    pub type_name: GraphqlName,
    /// The app whose module it stands in, an index.
    pub app: usize,
    /// The database's comment.
    pub description: Option<String>,
    /// In the database's order.
    pub values: Vec<EnumValue>,
}

/// A composite type.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// The static of its metadata.
    pub metadata: RustName,
    /// The GraphQL object.
    pub type_name: GraphqlName,
    /// The app whose module it stands in, an index.
    pub app: usize,
    /// Its attributes, in their order.
    pub fields: Vec<CompositeField>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositeField {
    /// The attribute.
    pub name: String,
    /// The GraphQL field.
    pub graphql: GraphqlName,
    /// What it holds.
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

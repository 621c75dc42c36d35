//! Functions of the database, and names of its types.

use super::Kind;

/// A database function that returns rows of a table, as a root field.
#[derive(Debug)]
pub struct Function {
    /// The GraphQL field.
    pub field: &'static str,
    /// Its name, with its namespace if it is not found without one.
    pub name: SqlType,
    /// The field's description.
    pub description: Option<&'static str>,
    /// The arguments, in their order.
    pub arguments: &'static [FunctionArgument],
    /// Whether it returns a list of rows.
    pub many: bool,
    /// Whether it may write, so that it is a mutation.
    pub writes: bool,
}

/// An argument of a function.
#[derive(Debug)]
pub struct FunctionArgument {
    /// The database's name for it.
    pub name: &'static str,
    /// The GraphQL argument.
    pub field: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// The database type that values are cast to by name.
    pub sql_type: Option<SqlType>,
    /// Whether it may be omitted.
    pub optional: bool,
}

/// The name of a database type or function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlType {
    /// The namespace, if it is not found without one.
    pub namespace: Option<&'static str>,
    /// The name.
    pub name: &'static str,
}

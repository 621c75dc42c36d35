//! Metadata of tables: static data that codegen writes and everything else interprets.

mod column;
mod function;
mod kind;
mod policy;
mod relation;
mod table;

pub use column::Column;
pub use function::{Function, FunctionArgument, SqlType};
pub use kind::{CompositeField, CompositeType, EnumType, EnumValue, Kind, RangeType};
pub use policy::{Action, Actions, Operand, Policy, RowFilter, RowFilterComparison};
pub use relation::{Cardinality, Relation, TargetRow, Through};
pub use table::Table;

/// An app: a group of tables.
#[derive(Debug)]
pub struct App {
    /// Its name in `apps(...)` of a schema.
    pub name: &'static str,
    /// The Rust module that contains it.
    pub module: &'static str,
    /// Its tables, in the order of their root fields.
    pub tables: &'static [&'static Table],
}

inventory::collect!(&'static App);

/// The apps that are linked into the program, sorted by name.
pub fn linked_apps() -> Vec<&'static App> {
    let mut apps: Vec<&'static App> = inventory::iter::<&'static App>.into_iter().copied().collect();
    apps.sort_by_key(|app| app.name);
    apps
}

impl App {
    /// An app with its tables.
    pub const fn new(name: &'static str, module: &'static str, tables: &'static [&'static Table]) -> Self {
        Self { name, module, tables }
    }
}

/// A computed field of a table's type: Rust code computes it from some of its columns.
#[derive(Debug, Clone, Copy)]
pub struct ComputedField {
    /// The [`Table::type_name`].
    pub type_name: &'static str,
    /// The GraphQL field.
    pub field: &'static str,
    /// The indexes of the columns that it needs.
    pub columns: &'static [usize],
}

//! What generated code says of tables: plain static data that everything else interprets.

mod kind;
mod policy;

pub use kind::{CompositeField, CompositeType, EnumType, EnumValue, Kind, RangeType};
pub use policy::{Action, Operand, Operations, Policy, Rule, RuleComparison};

/// A group of tables.
#[derive(Debug)]
pub struct App {
    /// Its name in `apps(...)` of a schema.
    pub name: &'static str,
    /// The Rust module that has it.
    pub module: &'static str,
    /// Its tables, in the order of their root fields.
    pub tables: &'static [&'static Table],
}

inventory::collect!(&'static App);

/// The apps that the program carries, by name.
pub fn linked_apps() -> Vec<&'static App> {
    let mut apps: Vec<&'static App> = inventory::iter::<&'static App>.into_iter().copied().collect();
    apps.sort_by_key(|app| app.name);
    apps
}

/// A table or view and the GraphQL type it becomes.
#[derive(Debug)]
pub struct Table {
    /// The GraphQL type.
    pub type_name: &'static str,
    /// The root field of a single row.
    pub one: &'static str,
    /// The root field of many rows.
    pub many: &'static str,
    /// The database's namespace, where it is not the default one.
    pub namespace: Option<&'static str>,
    /// The table's name in the database.
    pub name: &'static str,
    /// The type's description.
    pub description: Option<&'static str>,
    /// Whether it can only be read.
    pub read_only: bool,
    /// The columns; everything else refers to them by index.
    pub columns: &'static [Column],
    /// The primary key; empty where there is none.
    pub primary_key: &'static [usize],
    /// The unique keys.
    pub unique_keys: &'static [&'static [usize]],
    /// The names of unique keys and checks, with the columns that they are about.
    pub constraints: &'static [(&'static str, &'static [usize])],
    /// Foreign keys, from both sides.
    pub relations: &'static [Relation],
    /// The functions of the database that return its rows.
    pub functions: &'static [&'static Function],
    /// The columns that `search` looks into; empty where there is no `search`.
    pub search: &'static [usize],
    /// Which mutations there are.
    pub operations: Operations,
    /// Who may do what.
    pub policies: &'static [Policy],
}

/// A column and the field it becomes.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of a column, set by name in generated code"
)]
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The column's name in the database.
    pub name: &'static str,
    /// The GraphQL field.
    pub field: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is part of a primary or foreign key: an `ID`.
    pub key: bool,
    /// Whether only the database gives it its value.
    pub computed: bool,
    /// Whether it may be left out when a row is made.
    pub optional: bool,
    /// The most characters of a text, where the column's type says so.
    pub max_length: Option<u32>,
    /// The field's description.
    pub description: Option<&'static str>,
    /// The database's type, where values are cast to it by name because their kind does not say it; of an array, that
    /// of its elements.
    pub sql_type: Option<SqlType>,
    /// Whether the database cannot compare its values, as those of `xml` and `point`.
    pub incomparable: bool,
    /// Whether the database can compare its values, but has no order of them, as those of `xid` and `hstore`.
    pub unordered: bool,
    /// Whether its collation takes different texts for equal; they are told apart all the same.
    pub nondeterministic: bool,
    /// Whether the database keeps values in it that its kind does not have. Those are answered as null with an error of
    /// the field, so that the field may be null though the column may not.
    pub loose: bool,
    /// The function of the row that it is, where it is no column of the table.
    pub function: Option<SqlType>,
    /// The spatial reference system of a geometry, where its type names one.
    pub srid: Option<u32>,
}

/// A function of the database that returns rows of a table, as a root field.
#[derive(Debug)]
pub struct Function {
    /// The GraphQL field.
    pub field: &'static str,
    /// Its namespace, where it is not found without one, and its name.
    pub name: SqlType,
    /// The field's description.
    pub description: Option<&'static str>,
    /// In their order.
    pub arguments: &'static [FunctionArgument],
    /// Whether it returns any number of rows.
    pub many: bool,
    /// Whether it may change something, so that it is a mutation.
    pub writes: bool,
}

/// An argument of a function.
#[derive(Debug)]
pub struct FunctionArgument {
    /// The database's name for it.
    pub name: &'static str,
    /// The GraphQL argument.
    pub field: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The type that values are cast to by name.
    pub sql_type: Option<SqlType>,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A type or function of the database by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlType {
    /// The namespace, where it is not found without one.
    pub namespace: Option<&'static str>,
    /// The name.
    pub name: &'static str,
}

impl Column {
    /// A required column of a kind.
    pub const fn new(name: &'static str, field: &'static str, kind: Kind) -> Self {
        Self {
            name,
            field,
            kind,
            nullable: false,
            key: false,
            computed: false,
            optional: false,
            max_length: None,
            description: None,
            sql_type: None,
            incomparable: false,
            unordered: false,
            nondeterministic: false,
            loose: false,
            function: None,
            srid: None,
        }
    }

    /// It may be null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self.optional = true;
        self
    }

    /// It is part of a primary or foreign key.
    #[must_use]
    pub const fn key(mut self) -> Self {
        self.key = true;
        self
    }

    /// Only the database gives it its value.
    #[must_use]
    pub const fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// It has a default.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Its texts have at most so many characters.
    #[must_use]
    pub const fn at_most(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// The field's description.
    #[must_use]
    pub const fn described(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Its values are cast to a type of the database.
    #[must_use]
    pub const fn of_type(mut self, namespace: Option<&'static str>, name: &'static str) -> Self {
        self.sql_type = Some(SqlType { namespace, name });
        self
    }

    /// The database cannot compare its values.
    #[must_use]
    pub const fn incomparable(mut self) -> Self {
        self.incomparable = true;
        self
    }

    /// The database can compare its values, but has no order of them.
    #[must_use]
    pub const fn unordered(mut self) -> Self {
        self.unordered = true;
        self
    }

    /// Its collation takes different texts for equal.
    #[must_use]
    pub const fn nondeterministic(mut self) -> Self {
        self.nondeterministic = true;
        self
    }

    /// The database keeps values in it that its kind does not have.
    #[must_use]
    pub const fn loose(mut self) -> Self {
        self.loose = true;
        self
    }

    /// It is a geometry in a spatial reference system.
    #[must_use]
    pub const fn srid(mut self, srid: u32) -> Self {
        self.srid = Some(srid);
        self
    }

    /// It is what a function of the database says of a row.
    #[must_use]
    pub const fn function(mut self, namespace: Option<&'static str>, name: &'static str) -> Self {
        self.function = Some(SqlType { namespace, name });
        self
    }

    /// Whether its field may be null.
    pub fn may_be_null(&self) -> bool {
        self.nullable || self.loose
    }

    /// Whether it is a place, answered as `GeoJSON` (`geometry` and `geography` of `PostGIS`).
    pub fn is_geometry(&self) -> bool {
        matches!(self.kind, Kind::Json) && self.sql_type.is_some_and(|ty| ty.name != "hstore")
    }

    /// Whether inputs have it.
    pub fn is_input(&self) -> bool {
        !self.computed
    }

    /// Whether its values have an order on every database, so that lists can be sorted and grouped by it.
    pub fn is_sortable(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Json | Kind::Array(_) | Kind::Unknown | Kind::Range(_) | Kind::Composite(_)
        )
    }

    /// The GraphQL scalar's name.
    pub fn scalar(&self) -> &'static str {
        match self.kind {
            Kind::Array(_) => self.kind.scalar(),
            // An identifier is a text, which a boolean is not.
            _ if self.key && !matches!(self.kind, Kind::Bool) => "ID",
            kind => kind.scalar(),
        }
    }
}

/// A foreign key as a field.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// The GraphQL field.
    pub field: &'static str,
    /// The [`Table::type_name`] it leads to.
    pub target: &'static str,
    /// One row or many.
    pub cardinality: Cardinality,
    /// Whether the foreign key's columns are here, and not there.
    pub holds_key: bool,
    /// The column indexes that are equal: here, there; with a join table: here, in the join table.
    pub pairs: &'static [(usize, usize)],
    /// The join table of a many-to-many field.
    pub through: Option<Through>,
    /// Which of the rows with the key a to-one field leads to.
    pub target_row: TargetRow,
}

/// Which of the rows with a key a to-one field leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TargetRow {
    /// The only one.
    #[default]
    Only,
    /// The first by the primary key: the key leads to columns that are not unique.
    First,
    /// The table's own, and not that of a table that inherits from it (`PostgreSQL`).
    Own,
}

/// A table that does nothing but join two others.
#[derive(Debug, Clone, Copy)]
pub struct Through {
    /// Its [`Table::type_name`].
    pub table: &'static str,
    /// The column indexes that are equal: in the join table, in the target.
    pub pairs: &'static [(usize, usize)],
}

/// How many rows a relation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// Exactly one.
    One,
    /// One or none.
    Optional,
    /// Any number.
    Many,
}

impl Cardinality {
    /// Whether it leads to a list.
    pub fn is_many(self) -> bool {
        self == Self::Many
    }
}

/// A field of a table's type that Rust code computes from some of its columns.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// The [`Table::type_name`].
    pub type_name: &'static str,
    /// The GraphQL field.
    pub field: &'static str,
    /// The indexes of the columns that it needs.
    pub columns: &'static [usize],
}

//! Metadata of tables: static data that codegen writes and everything else interprets.

mod kind;
mod policy;

pub use kind::{CompositeField, CompositeType, EnumType, EnumValue, Kind, RangeType};
pub use policy::{Action, Actions, Operand, Policy, RowFilter, RowFilterComparison};

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

/// A table or view and the GraphQL type it becomes.
#[derive(Debug)]
pub struct Table {
    /// The GraphQL type.
    pub type_name: &'static str,
    /// The root field of a single row.
    pub one: &'static str,
    /// The root field of many rows.
    pub many: &'static str,
    /// The database's namespace, if it is not the default one.
    pub namespace: Option<&'static str>,
    /// The table's name in the database.
    pub name: &'static str,
    /// The type's description.
    pub description: Option<&'static str>,
    /// Whether it is read-only.
    pub read_only: bool,
    /// The columns; everything else refers to them by index.
    pub columns: &'static [Column],
    /// The primary key; empty if there is none.
    pub primary_key: &'static [usize],
    /// The unique keys.
    pub unique_keys: &'static [&'static [usize]],
    /// The names of unique keys and checks, with the columns that they cover.
    pub constraints: &'static [(&'static str, &'static [usize])],
    /// The relations: foreign keys, from both sides.
    pub relations: &'static [Relation],
    /// The functions of the database that return its rows.
    pub functions: &'static [&'static Function],
    /// The columns that `search` looks into; empty if there is no `search`.
    pub search: &'static [usize],
    /// Which mutations it has.
    pub actions: Actions,
    /// The policies.
    pub policies: &'static [Policy],
}

impl App {
    /// An app with its tables.
    pub const fn new(name: &'static str, module: &'static str, tables: &'static [&'static Table]) -> Self {
        Self { name, module, tables }
    }
}

impl Table {
    /// A table without columns, which nobody may write.
    pub const fn new(type_name: &'static str, name: &'static str, one: &'static str, many: &'static str) -> Self {
        Self {
            type_name,
            one,
            many,
            namespace: None,
            name,
            description: None,
            read_only: false,
            columns: &[],
            primary_key: &[],
            unique_keys: &[],
            constraints: &[],
            relations: &[],
            functions: &[],
            search: &[],
            actions: Actions::NONE,
            policies: &[],
        }
    }

    /// Sets the database's namespace.
    #[must_use]
    pub const fn namespace(mut self, namespace: &'static str) -> Self {
        self.namespace = Some(namespace);
        self
    }

    /// Sets the type's description.
    #[must_use]
    pub const fn described(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Makes it read-only.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Sets the columns.
    #[must_use]
    pub const fn columns(mut self, columns: &'static [Column]) -> Self {
        self.columns = columns;
        self
    }

    /// Sets the primary key.
    #[must_use]
    pub const fn primary_key(mut self, columns: &'static [usize]) -> Self {
        self.primary_key = columns;
        self
    }

    /// Sets the unique keys.
    #[must_use]
    pub const fn unique_keys(mut self, keys: &'static [&'static [usize]]) -> Self {
        self.unique_keys = keys;
        self
    }

    /// Sets the names of unique keys and checks.
    #[must_use]
    pub const fn constraints(mut self, constraints: &'static [(&'static str, &'static [usize])]) -> Self {
        self.constraints = constraints;
        self
    }

    /// Sets the relations.
    #[must_use]
    pub const fn relations(mut self, relations: &'static [Relation]) -> Self {
        self.relations = relations;
        self
    }

    /// Sets the functions that return its rows.
    #[must_use]
    pub const fn functions(mut self, functions: &'static [&'static Function]) -> Self {
        self.functions = functions;
        self
    }

    /// Sets the columns that `search` looks into.
    #[must_use]
    pub const fn search(mut self, columns: &'static [usize]) -> Self {
        self.search = columns;
        self
    }

    /// Sets which mutations it has.
    #[must_use]
    pub const fn actions(mut self, actions: Actions) -> Self {
        self.actions = actions;
        self
    }

    /// Sets the policies.
    #[must_use]
    pub const fn policies(mut self, policies: &'static [Policy]) -> Self {
        self.policies = policies;
        self
    }
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
    /// The kind of its values.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is part of a primary or foreign key: an `ID`.
    pub is_id: bool,
    /// Whether only the database sets its value, as in a generated column.
    pub generated: bool,
    /// Whether it may be omitted when a row is created.
    pub has_default: bool,
    /// The maximum number of characters of a text, if the column's type sets one.
    pub max_length: Option<u32>,
    /// The field's description.
    pub description: Option<&'static str>,
    /// The database type that values are cast to by name, if their kind does not determine it; of an array, the type of
    /// its elements.
    pub sql_type: Option<SqlType>,
    /// Whether the database cannot compare its values, as with `xml` and `point`.
    pub incomparable: bool,
    /// Whether the database can compare its values but not order them, as with `xid` and `hstore`.
    pub unordered: bool,
    /// Whether its collation treats different texts as equal. Comparisons for equality still tell them apart.
    pub nondeterministic: bool,
    /// Whether the database may store values in it that its kind does not have. They are answered as null with an error
    /// of the field, so the field may be null even if the column may not.
    pub loose: bool,
    /// The database function that computes it from the row, if it is not a column of the table.
    pub function: Option<SqlType>,
    /// The spatial reference system of a geometry, if its type names one.
    pub srid: Option<u32>,
}

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

impl Column {
    /// A required column of a kind.
    pub const fn new(name: &'static str, field: &'static str, kind: Kind) -> Self {
        Self {
            name,
            field,
            kind,
            nullable: false,
            is_id: false,
            generated: false,
            has_default: false,
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

    /// Makes it nullable, and therefore optional.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self.has_default = true;
        self
    }

    /// Marks it as part of a primary or foreign key.
    #[must_use]
    pub const fn id(mut self) -> Self {
        self.is_id = true;
        self
    }

    /// Marks it as set by the database only.
    #[must_use]
    pub const fn generated(mut self) -> Self {
        self.generated = true;
        self
    }

    /// Marks it as having a default.
    #[must_use]
    pub const fn has_default(mut self) -> Self {
        self.has_default = true;
        self
    }

    /// Limits the number of characters of its texts.
    #[must_use]
    pub const fn at_most(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Sets the field's description.
    #[must_use]
    pub const fn described(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets the database type that its values are cast to.
    #[must_use]
    pub const fn of_type(mut self, namespace: Option<&'static str>, name: &'static str) -> Self {
        self.sql_type = Some(SqlType { namespace, name });
        self
    }

    /// Marks its values as not comparable in the database.
    #[must_use]
    pub const fn incomparable(mut self) -> Self {
        self.incomparable = true;
        self
    }

    /// Marks its values as comparable in the database, but without an order.
    #[must_use]
    pub const fn unordered(mut self) -> Self {
        self.unordered = true;
        self
    }

    /// Marks its collation as treating different texts as equal.
    #[must_use]
    pub const fn nondeterministic(mut self) -> Self {
        self.nondeterministic = true;
        self
    }

    /// Marks it as a column in which the database may store values that its kind does not have.
    #[must_use]
    pub const fn loose(mut self) -> Self {
        self.loose = true;
        self
    }

    /// Sets the spatial reference system of a geometry.
    #[must_use]
    pub const fn srid(mut self, srid: u32) -> Self {
        self.srid = Some(srid);
        self
    }

    /// Makes it the result of a database function of the row.
    #[must_use]
    pub const fn function(mut self, namespace: Option<&'static str>, name: &'static str) -> Self {
        self.function = Some(SqlType { namespace, name });
        self
    }

    /// Whether its field may be null.
    pub fn may_be_null(&self) -> bool {
        self.nullable || self.loose
    }

    /// Whether it is a geometry, answered as `GeoJSON` (`geometry` and `geography` of `PostGIS`).
    pub fn is_geometry(&self) -> bool {
        matches!(self.kind, Kind::Json) && self.sql_type.is_some_and(|ty| ty.name != "hstore")
    }

    /// Whether create and update inputs have it.
    pub fn is_input(&self) -> bool {
        !self.generated
    }

    /// Whether its values are ordered in every database, so that lists can be sorted and grouped by it.
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
            _ if self.is_id && !matches!(self.kind, Kind::Bool) => "ID",
            kind => kind.scalar(),
        }
    }
}

/// A foreign key as a field.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// The GraphQL field.
    pub field: &'static str,
    /// The target, a [`Table::type_name`].
    pub target: &'static str,
    /// One row or many.
    pub cardinality: Cardinality,
    /// Whether the foreign key's columns are in this table, not in the target.
    pub holds_key: bool,
    /// The column indexes that must be equal: here, in the target; with a join table: here, in the join table.
    pub pairs: &'static [(usize, usize)],
    /// The join table of a many-to-many field.
    pub through: Option<Through>,
    /// Which row a to-one field leads to, if several have the key.
    pub target_row: TargetRow,
}

impl Relation {
    /// A field for the one row that this table's foreign key refers to.
    pub const fn to_one(field: &'static str, target: &'static str, pairs: &'static [(usize, usize)]) -> Self {
        Self {
            field,
            target,
            cardinality: Cardinality::One,
            holds_key: true,
            pairs,
            through: None,
            target_row: TargetRow::Only,
        }
    }

    /// A field for the row, if any, whose unique foreign key refers to this table.
    pub const fn has_one(field: &'static str, target: &'static str, pairs: &'static [(usize, usize)]) -> Self {
        let mut relation = Self::to_one(field, target, pairs).nullable();
        relation.holds_key = false;
        relation
    }

    /// A field for all rows whose foreign key refers to this table.
    pub const fn to_many(field: &'static str, target: &'static str, pairs: &'static [(usize, usize)]) -> Self {
        let mut relation = Self::to_one(field, target, pairs);
        relation.cardinality = Cardinality::Many;
        relation.holds_key = false;
        relation
    }

    /// Makes a to-one field nullable.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.cardinality = Cardinality::Optional;
        self
    }

    /// Makes it lead through a join table.
    #[must_use]
    pub const fn through(mut self, table: &'static str, pairs: &'static [(usize, usize)]) -> Self {
        self.through = Some(Through { table, pairs });
        self
    }

    /// Sets which row it leads to, if several have the key.
    #[must_use]
    pub const fn target_row(mut self, target_row: TargetRow) -> Self {
        self.target_row = target_row;
        self
    }
}

/// Which row a to-one field leads to, if several have the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TargetRow {
    /// The only one.
    #[default]
    Only,
    /// The first by the primary key: the foreign key refers to columns that are not unique.
    First,
    /// The table's own row, not a row of a table that inherits from it (`PostgreSQL`).
    Own,
}

/// A join table: it only links two other tables.
#[derive(Debug, Clone, Copy)]
pub struct Through {
    /// Its [`Table::type_name`].
    pub table: &'static str,
    /// The column indexes that must be equal: in the join table, in the target.
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

//! A column and the field it becomes.

use super::{Kind, SqlType};

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

    /// Whether it is a geometry, answered as GeoJSON (`geometry` and `geography` of PostGIS).
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

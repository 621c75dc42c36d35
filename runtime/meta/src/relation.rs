//! Foreign keys as fields.

/// A foreign key as a field.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// The GraphQL field.
    pub field: &'static str,
    /// The target, a [`Table::type_name`](crate::Table::type_name).
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
    /// The table's own row, not a row of a table that inherits from it (PostgreSQL).
    Own,
}

/// A join table: it only links two other tables.
#[derive(Debug, Clone, Copy)]
pub struct Through {
    /// Its [`Table::type_name`](crate::Table::type_name).
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

//! A statement as data, before any database's spelling.

use super::Condition;
use crate::meta::{Kind, Relation, Table};

/// A selection of one table's rows, to-one relations joined in.
#[derive(Debug)]
pub struct Select {
    /// Every table that the statement reads, by alias number; `t0` is the one whose rows are selected.
    pub tables: Vec<&'static Table>,
    /// To-one relations of `t0` and of each other.
    pub joins: Vec<Join>,
    /// What is read; the indexes are the row's slots.
    pub columns: Vec<Expression>,
    /// Which rows.
    pub condition: Option<Condition>,
    /// Their order; it ends with the primary key.
    pub order: Vec<Order>,
    /// How many of them; `None` for a lookup by key and for aggregates.
    pub page: Option<Page>,
    /// The link to the parents; `None` for a root.
    pub link: Option<KeyLink>,
    /// Whether the columns are aggregates: one row in all, or one for each parent that has rows.
    pub aggregated: bool,
}

/// A value of a row.
#[derive(Debug, Clone)]
pub enum Expression {
    /// A column.
    Column(ColumnRef),
    /// How many rows another selection has.
    Count(Box<Subselect>),
    /// How many rows were aggregated.
    CountRows,
    /// An aggregate over a column.
    Aggregate(Aggregate, ColumnRef),
}

/// A function over the rows' values that are not null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// The sum.
    Sum,
    /// The arithmetic mean, a float.
    Average,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// The rows of another table that belong to a row of this statement.
#[derive(Debug, Clone)]
pub struct Subselect {
    /// The alias of its table.
    pub alias: usize,
    /// The alias of the row they belong to.
    pub from: usize,
    /// Column indexes that are equal: in `from`, in this table.
    pub pairs: &'static [(usize, usize)],
    /// To-one relations that the condition reads.
    pub joins: Vec<Join>,
    /// Which of the rows.
    pub condition: Option<Condition>,
}

/// A column of a statement's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnRef {
    /// The table's alias number.
    pub alias: usize,
    /// The column's index in the table.
    pub column: usize,
}

/// A to-one relation, joined so that a missing row leaves nulls.
#[derive(Debug, Clone)]
pub struct Join {
    /// The alias number of the joined table.
    pub alias: usize,
    /// The alias number it is joined to.
    pub from: usize,
    /// The relation.
    pub relation: &'static Relation,
}

/// One part of an order.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is compared.
    pub expression: Expression,
    /// Which way.
    pub direction: Direction,
    /// Where nulls go.
    pub nulls: Nulls,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Where an order puts nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Before everything else.
    First,
    /// Behind everything else.
    Last,
}

/// Which part of the ordered rows, in parameter indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// At most so many; `None` for all.
    pub limit: Option<Limit>,
    /// Without the first so many.
    pub offset: Option<usize>,
}

/// How many rows at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A usual number, written into the statement: `PostgreSQL` plans a bound one blindly.
    Written(u64),
    /// A parameter's index.
    Parameter(usize),
}

impl Limit {
    /// The numbers that are written out. They are few, so that statements stay few.
    pub const WRITTEN: &'static [u64] = &[1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000];
}

/// How rows belong to parents.
#[derive(Debug, Clone)]
pub struct KeyLink {
    /// The columns of `t0` that hold the parents' keys, and what kind the keys are.
    pub columns: Vec<(usize, Kind)>,
}

impl Select {
    /// All rows of a table, nothing read yet.
    pub fn new(table: &'static Table) -> Self {
        Self {
            tables: vec![table],
            joins: Vec::new(),
            columns: Vec::new(),
            condition: None,
            order: Vec::new(),
            page: None,
            link: None,
            aggregated: false,
        }
    }

    /// The table whose rows are selected.
    pub fn table(&self) -> &'static Table {
        self.tables[0]
    }

    /// The slot of a column, read once however often it is asked for.
    pub fn slot(&mut self, column: ColumnRef) -> usize {
        let known = |expression: &Expression| matches!(expression, Expression::Column(known) if *known == column);
        if let Some(slot) = self.columns.iter().position(known) {
            return slot;
        }
        self.columns.push(Expression::Column(column));
        self.columns.len() - 1
    }

    /// The kind of an expression's values.
    pub fn kind(&self, expression: &Expression) -> Kind {
        let column = |reference: &ColumnRef| self.tables[reference.alias].columns[reference.column].kind;
        match expression {
            Expression::Column(reference) => column(reference),
            Expression::Count(_) | Expression::CountRows => Kind::Int64,
            Expression::Aggregate(function, reference) => function.kind(column(reference)),
        }
    }
}

impl Aggregate {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Sum, Self::Average, Self::Min, Self::Max];

    /// The GraphQL field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Average => "avg",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// Whether columns of a kind have it.
    pub fn takes(self, kind: Kind) -> bool {
        let is_number = matches!(
            kind,
            Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::UInt64 | Kind::Float32 | Kind::Float64 | Kind::Decimal(_)
        );
        let is_ordered = matches!(kind, Kind::Text | Kind::DateTime | Kind::NaiveDateTime | Kind::Date | Kind::Time);
        match self {
            Self::Sum | Self::Average => is_number,
            Self::Min | Self::Max => is_number || is_ordered,
        }
    }

    /// The kind of its result.
    pub fn kind(self, kind: Kind) -> Kind {
        match (self, kind) {
            (Self::Average, _) | (Self::Sum, Kind::Float32) => Kind::Float64,
            (Self::Sum, Kind::Int16 | Kind::Int32) => Kind::Int64,
            (Self::Sum, Kind::Int64 | Kind::UInt64) => Kind::Decimal(None),
            (Self::Sum | Self::Min | Self::Max, kind) => kind,
        }
    }
}

/// The alias of a to-one relation's table, joined once however often it is needed.
pub(super) fn join(
    tables: &mut Vec<&'static Table>,
    joins: &mut Vec<Join>,
    from: usize,
    relation: &'static Relation,
    table: &'static Table,
) -> usize {
    let known = joins.iter().find(|join| join.from == from && std::ptr::eq(join.relation, relation));
    if let Some(join) = known {
        return join.alias;
    }
    let alias = tables.len();
    tables.push(table);
    joins.push(Join { alias, from, relation });
    alias
}

//! A statement as data, independent of any database's syntax.

use super::Condition;
use meta::{Column, Function, Kind, SqlType, Table, TargetRow};

/// A table of a [`Select`], by its place among [`Select::tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alias(pub usize);

impl Alias {
    /// The table whose rows are selected.
    pub const MAIN: Self = Self(0);
}

/// A selection of one table's rows, with to-one relations joined.
#[derive(Debug)]
pub struct Select {
    /// Every table that the statement reads, by alias number; `t0` is the one whose rows are selected.
    pub tables: Vec<&'static Table>,
    /// The function that returns the rows, if they do not come from the table.
    pub source: Option<Source>,
    /// The joined to-one relations, of `t0` and of each other.
    pub joins: Vec<Join>,
    /// The values that are read; their indexes are the row's slots.
    pub columns: Vec<Expression>,
    /// The condition that the request asks for.
    pub condition: Option<Condition>,
    /// The row filter: which rows the viewer may see.
    pub row_filter: Option<Condition>,
    /// Whether the rows are locked until the transaction ends.
    pub lock: bool,
    /// The order of the rows; it ends with the primary key.
    pub order: Vec<Order>,
    /// Which part of the ordered rows; `None` for a lookup by key and for aggregates.
    pub page: Option<Page>,
    /// The link to the parents; `None` for a root.
    pub link: Option<KeyLink>,
    /// Which rows become one row of the result.
    pub grouping: Grouping,
    /// Of the rows that are equal in these columns, only the first in the order is returned; empty returns all.
    pub distinct: Vec<ColumnRef>,
}

/// A function of the database that returns rows.
#[derive(Debug, Clone)]
pub struct Source {
    /// The function.
    pub function: &'static Function,
    /// The given arguments: their positions, and parameter indexes.
    pub arguments: Vec<(usize, usize)>,
}

/// Which rows become one row of the result.
#[derive(Debug)]
pub enum Grouping {
    /// Each row.
    None,
    /// All rows; with parents, all rows of one parent.
    All,
    /// The rows that are equal in these columns; the condition is on groups (`HAVING`).
    By(Vec<ColumnRef>, Option<Condition>),
}

/// A value of a row.
#[derive(Debug, Clone)]
pub enum Expression {
    /// A column.
    Column(ColumnRef),
    /// The number of rows of a subselection.
    Count(Box<Subselect>),
    /// The number of aggregated rows.
    CountRows,
    /// An aggregate over a column.
    Aggregate(Aggregate, ColumnRef),
    /// The position of an enum value among its labels, in a database that orders by position and compares by label.
    Position(ColumnRef),
    /// A value inside a JSON column; the path is a parameter's index.
    JsonPath(ColumnRef, usize),
}

/// An aggregate function over the values that are not null.
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
    /// The sample standard deviation, a float.
    Deviation,
    /// The sample variance, for databases without a square root; not a function of the API.
    Variance,
}

/// The rows of another table that belong to a row of this statement.
#[derive(Debug, Clone)]
pub struct Subselect {
    /// The alias number of its table.
    pub alias: Alias,
    /// The alias number of the row that they belong to.
    pub from: Alias,
    /// The alias number of the table that refers to that row: its own table, or a join table.
    pub near: Alias,
    /// The column indexes that must be equal: in `from`, in `near`.
    pub pairs: &'static [(usize, usize)],
    /// The join table, and to-one relations that the condition reads.
    pub joins: Vec<Join>,
    /// The condition on the rows.
    pub condition: Option<Condition>,
}

/// A column of a statement's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnRef {
    /// The table's alias number.
    pub alias: Alias,
    /// The column's index in the table.
    pub column: usize,
}

/// A joined table.
#[derive(Debug, Clone)]
pub struct Join {
    /// The alias number of the joined table.
    pub alias: Alias,
    /// The alias number that it is joined to.
    pub from: Alias,
    /// The column indexes that must be equal, and the order of each pair.
    pub pairs: JoinPairs,
    /// The row filter: which rows the viewer may see. Others count as missing.
    pub row_filter: Option<Condition>,
    /// Which row is taken if several have the key.
    pub target_row: TargetRow,
}

/// The columns of a join.
#[derive(Debug, Clone, Copy)]
pub enum JoinPairs {
    /// A to-one relation (in `from`, in `alias`): a missing row leaves nulls.
    ToOne(&'static [(usize, usize)]),
    /// A join table (in `alias`, in `from`): each of its rows becomes one row.
    Through(&'static [(usize, usize)]),
}

/// One key of an order.
#[derive(Debug, Clone)]
pub struct Order {
    /// The value that rows are ordered by.
    pub expression: Expression,
    /// The sort direction.
    pub direction: Direction,
    /// Where nulls sort.
    pub nulls: Nulls,
}

/// A sort direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Where nulls sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Before everything else.
    First,
    /// After everything else.
    Last,
}

/// Which part of the ordered rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The maximum number of rows; `None` for all.
    pub limit: Option<Limit>,
    /// The number of rows to skip, a parameter's index.
    pub offset: Option<usize>,
}

/// The maximum number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A common number, written into the statement: PostgreSQL plans a bound limit without knowing its value.
    Written(u64),
    /// A parameter's index.
    Parameter(usize),
}

impl Limit {
    /// The numbers that are written into statements. They are few, so that distinct statements stay few.
    pub const WRITTEN: &'static [u64] = &[1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000];
}

/// How rows are linked to their parents.
#[derive(Debug, Clone)]
pub struct KeyLink {
    /// The columns that hold the parents' keys, and the columns that the keys' values come from.
    pub columns: Vec<(ColumnRef, &'static Column)>,
}

impl Select {
    /// All rows of a table; no columns are read yet.
    pub fn new(table: &'static Table) -> Self {
        Self {
            tables: vec![table],
            source: None,
            joins: Vec::new(),
            columns: Vec::new(),
            condition: None,
            row_filter: None,
            lock: false,
            order: Vec::new(),
            page: None,
            link: None,
            grouping: Grouping::None,
            distinct: Vec::new(),
        }
    }

    /// The table whose rows are selected.
    pub fn table(&self) -> &'static Table {
        self.tables[0]
    }

    /// The slot of a column, which is read once however often it is requested.
    pub fn slot(&mut self, column: ColumnRef) -> usize {
        let known = |expression: &Expression| matches!(expression, Expression::Column(known) if *known == column);
        match self.columns.iter().position(known) {
            Some(slot) => slot,
            None => self.add(Expression::Column(column)),
        }
    }

    /// Adds a value to read, even if it is already read, and returns its slot.
    pub fn add(&mut self, expression: Expression) -> usize {
        self.columns.push(expression);
        self.columns.len() - 1
    }

    /// Whether an expression's value may be null.
    pub fn is_nullable(&self, expression: &Expression) -> bool {
        match expression {
            // A joined row may be missing. That leaves null even in a column that is never null in its table.
            Expression::Column(reference) | Expression::Position(reference) => {
                reference.alias != Alias::MAIN || self.tables[0].columns[reference.column].nullable
            }
            Expression::Aggregate(..) | Expression::JsonPath(..) => true,
            Expression::Count(_) | Expression::CountRows => false,
        }
    }

    /// The database type of an expression's values, if it must be named.
    pub fn sql_type(&self, expression: &Expression) -> Option<SqlType> {
        let column = |reference: &ColumnRef| self.tables[reference.alias.0].columns[reference.column].sql_type;
        match expression {
            Expression::Column(reference) | Expression::Aggregate(Aggregate::Min | Aggregate::Max, reference) => {
                column(reference)
            }
            _ => None,
        }
    }

    /// The kind of an expression's values.
    pub fn kind(&self, expression: &Expression) -> Kind {
        let column = |reference: &ColumnRef| self.tables[reference.alias.0].columns[reference.column].kind;
        match expression {
            Expression::Column(reference) => column(reference),
            Expression::Count(_) | Expression::CountRows | Expression::Position(_) => Kind::Int64,
            Expression::JsonPath(..) => Kind::Json,
            Expression::Aggregate(function, reference) => function.kind(column(reference)),
        }
    }
}

impl Aggregate {
    /// All functions of the API.
    pub const ALL: &'static [Self] = &[Self::Sum, Self::Average, Self::Min, Self::Max, Self::Deviation];

    /// The GraphQL field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Average => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Deviation => "stddev",
            Self::Variance => "variance",
        }
    }

    /// Whether it applies to columns of a kind.
    pub fn takes(self, kind: Kind) -> bool {
        let is_number = matches!(
            kind,
            Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::UInt64 | Kind::Float32 | Kind::Float64 | Kind::Decimal(_)
        );
        let is_money = matches!(kind, Kind::Money);
        let is_ordered = matches!(
            kind,
            Kind::Text | Kind::DateTime | Kind::NaiveDateTime | Kind::Date | Kind::Time
        );

        match self {
            Self::Sum => is_number || is_money,
            Self::Average | Self::Deviation | Self::Variance => is_number,
            Self::Min | Self::Max => is_number || is_ordered || is_money,
        }
    }

    /// The kind of its result over a column of this kind.
    pub fn kind(self, kind: Kind) -> Kind {
        match (self, kind) {
            (Self::Average | Self::Deviation | Self::Variance, _) | (Self::Sum, Kind::Float32) => Kind::Float64,
            (Self::Sum, Kind::Int16 | Kind::Int32) => Kind::Int64,
            (Self::Sum, Kind::Int64 | Kind::UInt64) | (Self::Sum | Self::Min | Self::Max, Kind::Money) => {
                Kind::Decimal(None)
            }
            (Self::Sum | Self::Min | Self::Max, kind) => kind,
        }
    }
}

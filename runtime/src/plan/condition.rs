//! Conditions on rows.

use super::ColumnRef;

/// A condition, with its values as parameter indexes.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All of them; of none, true.
    All(Vec<Condition>),
    /// Any of them; of none, false.
    Any(Vec<Condition>),
    /// Not so; unknown counts as not so.
    Not(Box<Condition>),
    /// A column against a parameter.
    Compare {
        /// The column.
        column: ColumnRef,
        /// How.
        comparison: Comparison,
        /// The parameter.
        parameter: usize,
    },
    /// Null, or not.
    IsNull {
        /// The column.
        column: ColumnRef,
        /// Whether it is to be null.
        null: bool,
    },
}

/// How a column is compared with a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// One of a list.
    In,
    /// None of a list.
    NotIn,
}

impl Condition {
    /// Both conditions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut list) => {
                list.push(other);
                Self::All(list)
            }
            single => Self::All(vec![single, other]),
        }
    }
}

//! Conditions on rows.

use super::{Expression, Subselect};
use meta::Kind;

/// A condition, with its values as parameter indexes.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All of them; of none, true.
    All(Vec<Condition>),
    /// Any of them; of none, false.
    Any(Vec<Condition>),
    /// Not so; unknown counts as not so.
    Not(Box<Condition>),
    /// Not so, and known: `NOT` as SQL has it.
    Unless(Box<Condition>),
    /// A value against a parameter.
    Compare {
        /// The value.
        expression: Expression,
        /// How.
        comparison: Comparison,
        /// The parameter.
        parameter: usize,
    },
    /// Null, or not.
    IsNull {
        /// The value.
        expression: Expression,
        /// Whether it is to be null.
        null: bool,
    },
    /// A parameter is null, or not.
    IsNullParameter {
        /// The parameter.
        parameter: usize,
        /// What kind of value it is.
        kind: Kind,
        /// Whether it is to be null.
        null: bool,
    },
    /// Another selection has a row.
    Exists(Box<Subselect>),
}

/// How a value is compared with a parameter. Texts are compared exactly, whatever the column's collation, but for
/// less and greater, which follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `=` as orders see it: of texts, by the column's collation.
    Same,
    /// Before it in an order.
    Before,
    /// Behind it in an order.
    Behind,
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
    /// A text has another in it.
    Contains(Case),
    /// A text begins with another.
    StartsWith(Case),
    /// A text ends with another.
    EndsWith(Case),
    /// `%` stands for any text, `_` for any character, `\` takes their meaning.
    Like(Case),
    /// A regular expression, in the database's own syntax.
    Regex(Case),
    /// A text has the words of a search, by the database's full-text search.
    Words,
    /// An array has all elements of another.
    ArrayContains,
    /// An array has no elements but those of another.
    ArrayContainedBy,
    /// An array has an element of another.
    ArrayOverlaps,
    /// A JSON value has another in it.
    JsonContains,
    /// A JSON object has a key.
    JsonHasKey,
    /// The bounding box of a place meets another: west, south, east, north.
    IntersectsBox,
}

/// Whether upper and lower case differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// They do.
    Sensitive,
    /// They do not; `SQLite` folds ASCII letters only.
    Insensitive,
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

    /// Whether it is true of every row, whatever is in it.
    pub fn is_trivial(&self) -> bool {
        match self {
            Self::All(list) => list.iter().all(Self::is_trivial),
            Self::Any(list) => list.iter().any(Self::is_trivial),
            Self::Not(inner) | Self::Unless(inner) => inner.is_impossible(),
            _ => false,
        }
    }

    /// Whether it is true of no row, whatever is in it.
    fn is_impossible(&self) -> bool {
        match self {
            Self::All(list) => list.iter().any(Self::is_impossible),
            Self::Any(list) => list.iter().all(Self::is_impossible),
            Self::Not(inner) | Self::Unless(inner) => inner.is_trivial(),
            _ => false,
        }
    }
}

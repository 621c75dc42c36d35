//! Conditions on rows.

use super::{Expression, Subselect};
use meta::Kind;

/// A condition on rows. Values are indexes into the plan's parameters.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All conditions hold; an empty list is true.
    All(Vec<Condition>),
    /// At least one condition holds; an empty list is false.
    Any(Vec<Condition>),
    /// The condition is false or unknown.
    Not(Box<Condition>),
    /// The condition is false: SQL's `NOT`, which leaves unknown as unknown.
    SqlNot(Box<Condition>),
    /// Compares a value with a parameter.
    Compare {
        /// The value.
        expression: Expression,
        /// How it is compared.
        comparison: Comparison,
        /// The parameter's index.
        parameter: usize,
    },
    /// The value is null, or is not null.
    IsNull {
        /// The value.
        expression: Expression,
        /// `true` for `IS NULL`, `false` for `IS NOT NULL`.
        null: bool,
    },
    /// The parameter is null, or is not null.
    IsNullParameter {
        /// The parameter's index.
        parameter: usize,
        /// The parameter's kind.
        kind: Kind,
        /// `true` for `IS NULL`, `false` for `IS NOT NULL`.
        null: bool,
    },
    /// The subselection has a row.
    Exists(Box<Subselect>),
}

/// How a value is compared with a parameter. Texts are compared exactly, whatever the column's collation, except for
/// less and greater, which follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// Equal in an order: texts are compared by the column's collation.
    Same,
    /// Sorts before the parameter.
    Before,
    /// Sorts after the parameter.
    After,
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
    /// Not one of a list.
    NotIn,
    /// The text contains another.
    Contains(Case),
    /// The text starts with another.
    StartsWith(Case),
    /// The text ends with another.
    EndsWith(Case),
    /// SQL's `LIKE`: `%` matches any text, `_` any character; `\` escapes them.
    Like(Case),
    /// A regular expression, in the database's own syntax.
    Regex(Case),
    /// The text matches the words of a search, by the database's full-text search.
    Words,
    /// The array contains all elements of another.
    ArrayContains,
    /// All elements of the array are in another.
    ArrayContainedBy,
    /// The array has an element of another.
    ArrayOverlaps,
    /// The JSON value contains another.
    JsonContains,
    /// The JSON object has a key.
    JsonHasKey,
    /// The bounding box of the geometry intersects another: west, south, east, north.
    IntersectsBox,
}

/// Whether a comparison of texts distinguishes upper and lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// It does.
    Sensitive,
    /// It does not; SQLite ignores the case of ASCII letters only.
    Insensitive,
}

impl Condition {
    /// This condition and another.
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

    /// Whether it holds for every row, whatever its values.
    pub fn is_trivial(&self) -> bool {
        match self {
            Self::All(list) => list.iter().all(Self::is_trivial),
            Self::Any(list) => list.iter().any(Self::is_trivial),
            Self::Not(inner) | Self::SqlNot(inner) => inner.is_impossible(),
            _ => false,
        }
    }

    /// Whether it holds for no row, whatever its values.
    fn is_impossible(&self) -> bool {
        match self {
            Self::All(list) => list.iter().any(Self::is_impossible),
            Self::Any(list) => list.iter().all(Self::is_impossible),
            Self::Not(inner) | Self::SqlNot(inner) => inner.is_trivial(),
            _ => false,
        }
    }
}

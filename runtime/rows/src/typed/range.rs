//! Ranges as Rust values.

use std::ops::Bound;

use super::FromCell;
use meta::Kind;
use plan::value::Cell;

/// A range of values. A missing bound is `Bound::Unbounded`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range<T> {
    /// The lower bound.
    pub lower: Bound<T>,
    /// The upper bound.
    pub upper: Bound<T>,
    /// Whether the range is empty.
    pub is_empty: bool,
}

impl<T: FromCell> FromCell for Range<T> {
    fn from_cell(cell: &Cell<'_>, kind: Kind) -> Result<Self, String> {
        let (Cell::Range(range), Kind::Range(ty)) = (cell, kind) else {
            return Err("is not a range".into());
        };
        let bound = |bound: &Option<Cell<'_>>, inclusive: bool| {
            Ok::<_, String>(match bound {
                None => Bound::Unbounded,
                Some(value) if inclusive => Bound::Included(T::from_cell(value, ty.element)?),
                Some(value) => Bound::Excluded(T::from_cell(value, ty.element)?),
            })
        };

        Ok(Self {
            lower: bound(&range.lower, range.lower_inclusive)?,
            upper: bound(&range.upper, range.upper_inclusive)?,
            is_empty: range.empty,
        })
    }
}

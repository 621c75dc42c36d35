//! Rows of all levels joined into one answer.

mod executed;
mod join;
mod level;
mod paths;

pub use executed::{Executed, Joined, TooLarge};
pub use join::ComputedValue;
pub use level::{FieldError, LevelRows, PathSegment, Projection};

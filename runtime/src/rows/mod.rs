//! Typed rows and columns for Rust code.

mod column;
mod range;
mod read;

pub use column::{Filter, IntoValue, OrderBy, TypedColumn};
pub use range::Range;
pub use read::{FromCell, LabelledEnum, ReadError, RowReader, enum_from_cell};

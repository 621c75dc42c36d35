//! Typed rows and columns for Rust code.

mod change;
mod column;
mod entity;
mod find;
mod model;
mod range;
mod read;
mod source;
mod stream;
mod totals;
mod transaction;

pub use change::{Delete, Insert, Update};
pub use column::{Filter, IntoValue, KeyColumns, OrderBy, TypedColumn};
pub use entity::Entity;
pub use find::{Find, SelectRows};
pub use plan::value::ReadError;
pub use range::Range;
pub use read::{FromCell, LabelledEnum, RowReader, enum_from_cell};
pub use source::Source;
pub use totals::Totals;
pub use transaction::{Tx, transact};

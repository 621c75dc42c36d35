//! JSON text: escaping, values, and whole answers.

pub mod escape;
mod response;
mod structure;
mod time;
mod value;

pub use response::write_selected;
pub use structure::{Part, RangePart, Shape, write_structure};
pub use time::{days_from_civil, write_day_and_time};
pub use value::parse_timestamp;
pub use value::{ValueError, write_cell};

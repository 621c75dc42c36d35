//! The values of a request, and the keys of rows, in the form that drivers take.

mod exact;
mod keys;
mod list;
mod parameter;
mod spelling;
mod stored;
mod text_forms;

pub use keys::{KeyColumn, Keys};
pub use list::{json_list, list_value};
pub use parameter::{bind_of, bind_parameters, scalar_value};

pub(crate) use stored::write_stored;

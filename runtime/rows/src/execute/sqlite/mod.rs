//! SQLite through sqlx.

mod pool;
mod values;

pub(super) use pool::{SqliteConnection, SqliteConnector};
pub(super) use values::cell;

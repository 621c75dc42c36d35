//! MySQL and MariaDB through sqlx.

mod pool;
mod values;

pub(super) use pool::{MysqlConnection, MysqlConnector};
pub(super) use values::cell;

//! Generated mutation fields, and the transaction that all fields of an operation share.

pub(in crate::graphql) mod mutation_error;
mod payload;
pub(in crate::graphql) mod planned_write;
pub(in crate::graphql) mod transaction;

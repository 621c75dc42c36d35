//! What hand-written resolvers use: rows, readers, computed fields, guards.

pub(in crate::graphql) mod computed_fields;
pub(in crate::graphql) mod guard;
pub(in crate::graphql) mod reader;
pub(in crate::graphql) mod select;

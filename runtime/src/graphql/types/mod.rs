//! Tables, kinds and inputs as GraphQL types, and the roots of a schema.

pub(in crate::graphql) mod aggregate_types;
pub(in crate::graphql) mod building;
pub(in crate::graphql) mod computed_field;
pub(in crate::graphql) mod descriptions;
pub(in crate::graphql) mod entity;
pub(in crate::graphql) mod kind_inputs;
pub(in crate::graphql) mod kinds;
pub(in crate::graphql) mod list_inputs;
pub(in crate::graphql) mod list_types;
pub(in crate::graphql) mod meta_types;
pub(in crate::graphql) mod mutation_inputs;
pub(in crate::graphql) mod mutation_names;
pub(in crate::graphql) mod mutation_types;
pub(in crate::graphql) mod operators;
pub(in crate::graphql) mod order_inputs;
pub(in crate::graphql) mod plain_text;
pub(in crate::graphql) mod root_object;
pub(in crate::graphql) mod roots;
pub(in crate::graphql) mod scalars;

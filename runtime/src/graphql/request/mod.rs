//! A request on its way: parsed, validated, planned, and executed by async-graphql where hand-written code takes part.

pub(in crate::graphql) mod incoming;
pub(in crate::graphql) mod keyword_names;
pub(in crate::graphql) mod operation;
pub(in crate::graphql) mod plan_cache;
pub(in crate::graphql) mod prepared;
pub(in crate::graphql) mod root;
pub(in crate::graphql) mod syntax;
pub(in crate::graphql) mod variables;
pub(in crate::graphql) mod writes;

pub use incoming::Request;

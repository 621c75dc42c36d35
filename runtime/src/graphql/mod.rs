//! The bridge to async-graphql: types from metadata, hand-written roots, and the two ways to execute an operation.

mod aggregate_types;
mod argument_at;
mod compose;
mod definition;
mod descriptions;
mod engine;
mod entity;
mod extend;
mod failure;
mod guard;
mod keyword_names;
mod list_inputs;
mod list_types;
mod meta_types;
mod mutate;
mod mutation;
mod mutation_error;
mod mutation_types;
mod operation;
mod order_inputs;
mod parts;
mod plain_text;
mod plan_cache;
mod prepared;
mod reader;
mod request;
mod root;
mod scalars;
mod select;
mod syntax;
mod transaction;
mod variables;

pub(crate) use compose::{ComposeError, Composition, RootObject, SharedData};
pub(crate) use definition::sdl;
pub use engine::Engine;
pub use entity::{Many, One};
pub(crate) use extend::linked_computed_fields;
pub use extend::{
    Computation, ComputedFieldRegistration, FieldResolver, compute_value, computed_field_argument, computed_field_meta,
    project,
};
pub use guard::{Role, SignedIn, Staff};
pub use mutation_error::MutationError;
pub(crate) use parts::EngineParts;
pub use prepared::Prepared;
pub use reader::Reader;
pub use request::{Answer, Outcome, Request};
pub use transaction::transaction;

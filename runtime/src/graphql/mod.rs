//! The bridge to async-graphql: types from metadata, hand-written roots, and the two ways to execute an operation.

mod answer;
mod compose;
mod definition;
mod engine;
mod mutation;
mod parts;
mod preparation;
mod request;
mod resolver;
mod types;
mod validation;

pub(crate) use answer::Execution;
pub use answer::{Answer, Outcome, Written};
pub(crate) use compose::{Composition, SharedData};
pub(crate) use definition::sdl;
pub use engine::Engine;
pub use mutation::mutation_error::MutationError;
pub use mutation::transaction::transaction;
pub(crate) use parts::EngineParts;
pub use request::Request;
pub use request::prepared::Prepared;
pub use resolver::computed_fields::{compute_value, project};
pub use resolver::guard::{Role, SignedIn, Staff};
pub use resolver::reader::Reader;
pub(crate) use types::building::ComposeError;
pub(crate) use types::computed_field::linked_computed_fields;
pub use types::computed_field::{
    Computation, ComputedFieldRegistration, FieldResolver, computed_field_argument, computed_field_meta,
};
pub use types::entity::{Many, One};
pub(crate) use types::root_object::RootObject;

//! The bridge to async-graphql: types from metadata, hand-written roots, and the two doors of an operation.

mod aggregate_types;
mod argument_at;
mod compose;
mod definition;
mod descriptions;
mod engine;
mod entity;
mod extend;
mod failure;
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
mod plain_text;
mod plan_cache;
mod prepared;
mod request;
mod root;
mod scalars;
mod select;
mod source;
mod syntax;
mod transaction;
mod variables;
mod write;

pub use compose::{ComposeError, Composition, RootObject, SharedData};
pub use definition::sdl;
pub use engine::{Engine, EngineParts};
pub use entity::{Entity, Many, One};
pub use extend::{
    Computation, Extension, ExtensionRegistration, extension_argument, extension_field, linked_extensions, project,
    resolve_extension,
};
pub use mutation_error::MutationError;
pub use prepared::Prepared;
pub use request::{Answer, Outcome, Request};
pub use select::{Find, Totals};
pub use source::{Reader, Source};
pub use transaction::{Tx, transact, transaction};
pub use write::{Delete, Insert, Update};

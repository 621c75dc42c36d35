//! Hand-written parts of a schema.

use std::any::Any;

use crate::graphql::{RootObject, SharedData};
use rows::execute::Database;

/// Collects the hand-written parts of a schema while it is built.
#[derive(Debug, Default)]
#[must_use = "a builder has no effect unless it is returned"]
pub struct SchemaBuilder {
    pub(super) queries: Vec<RootObject>,
    pub(super) mutations: Vec<RootObject>,
    pub(super) data: Vec<SharedData>,
}

impl SchemaBuilder {
    /// Adds the fields of a `#[Object]` to the query root.
    pub fn query<T: async_graphql::ObjectType + 'static>(mut self, root: T) -> Self {
        self.queries.push(RootObject::new(root));
        self
    }

    /// Adds the fields of a `#[Object]` to the mutation root.
    pub fn mutation<T: async_graphql::ObjectType + 'static>(mut self, root: T) -> Self {
        self.mutations.push(RootObject::new(root));
        self
    }

    /// Adds a value to the context of hand-written code, such as a `DataLoader`; all requests share it.
    pub fn data<D: Any + Send + Sync>(mut self, make: impl Fn(&Database) -> D + Send + Sync + 'static) -> Self {
        self.data.push(SharedData::new(make));
        self
    }
}

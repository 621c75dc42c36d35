//! Hand-written parts of a schema.

use crate::graphql::RootObject;

/// Collects the hand-written parts of a schema while it is built.
#[derive(Debug, Default)]
#[must_use = "a builder's parts count only if it is returned"]
pub struct SchemaBuilder {
    pub(super) queries: Vec<RootObject>,
    pub(super) mutations: Vec<RootObject>,
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
}

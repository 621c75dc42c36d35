//! Builds one async-graphql schema from tables and hand-written roots.

use std::sync::Arc;

use async_graphql::{EmptySubscription, Schema, SchemaBuilder};

use crate::graphql::request::root::Mutation;
use crate::graphql::request::root::Query;
use crate::graphql::types::building::Building;
use crate::graphql::types::building::ComposeError;
use crate::graphql::types::building::build_with;
use crate::graphql::types::computed_field::FieldResolver;
use crate::graphql::types::root_object::RootObject;
use plan::model::Model;
use plan::selection::MAX_NESTING;
use rows::execute::Database;

/// The parts of a schema: tables, computed fields, hand-written roots and shared values.
#[derive(Debug, Clone)]
pub struct Composition {
    /// The schema's description.
    pub description: Option<String>,
    /// The tables it serves.
    pub model: Arc<Model>,
    /// The computed fields, in the order of the model's extensions.
    pub resolvers: Vec<&'static FieldResolver>,
    /// Hand-written objects whose fields are added to the query root.
    pub queries: Vec<RootObject>,
    /// Hand-written objects whose fields are added to the mutation root.
    pub mutations: Vec<RootObject>,
    /// Values that hand-written resolvers find in their context.
    pub data: Vec<SharedData>,
}

type AddData = dyn Fn(DynamicBuilder, &Database) -> DynamicBuilder + Send + Sync;

/// A value that all requests of a schema share.
#[derive(Clone)]
pub struct SharedData(Arc<AddData>);

impl std::fmt::Debug for SharedData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedData").finish_non_exhaustive()
    }
}

impl SharedData {
    /// A value that `make` creates when the schema is given its database.
    pub fn new<D: std::any::Any + Send + Sync>(make: impl Fn(&Database) -> D + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |builder, database| builder.data(make(database))))
    }

    pub(in crate::graphql) fn add(&self, builder: DynamicBuilder, database: &Database) -> DynamicBuilder {
        (self.0)(builder, database)
    }
}

/// async-graphql's builder of a schema with this module's roots.
pub(in crate::graphql) type DynamicBuilder = SchemaBuilder<Query, Mutation, EmptySubscription>;

pub(in crate::graphql) fn builder(composition: &Composition) -> Result<DynamicBuilder, ComposeError> {
    let building = Building {
        model: Arc::clone(&composition.model),
        resolvers: composition.resolvers.clone(),
        queries: composition.queries.clone(),
        mutations: composition.mutations.clone(),
        error: None,
    };

    build_with(building, || {
        let query = Query(composition.queries.clone().into());
        let mutation = Mutation(composition.mutations.clone().into());
        Schema::build(query, mutation, EmptySubscription)
            .limit_directives(8)
            .limit_recursive_depth(MAX_NESTING)
    })
}

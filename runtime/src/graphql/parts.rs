//! What an engine works with.

use std::sync::Arc;

use plan::model::Model;
use rows::Database;

use crate::graphql::types::computed_field::FieldResolver;

/// The model and the database of an engine; hand-written resolvers find them in their context.
#[derive(Debug)]
pub struct EngineParts {
    /// The tables.
    pub model: Arc<Model>,
    /// The database that holds their rows.
    pub database: Database,
    /// The computed fields, in the order of the model's extensions.
    pub(in crate::graphql) resolvers: Vec<&'static FieldResolver>,
}

//! What an engine works with.

use std::sync::Arc;

use plan::model::Model;
use rows::Database;

use super::extend::FieldResolver;

/// The model and the database of an engine; hand-written resolvers find them in their context.
#[derive(Debug)]
pub struct EngineParts {
    /// The tables.
    pub model: Arc<Model>,
    /// The database that holds their rows.
    pub database: Database,
    /// The computed fields, in the order of the model's extensions.
    pub(super) extensions: Vec<&'static FieldResolver>,
}

//! What an engine works with.

use std::sync::Arc;

use plan::model::Model;
use rows::Database;

use super::extend::Extension;

/// What an engine works with; hand-written resolvers find it in their context.
#[derive(Debug)]
pub struct EngineParts {
    /// The tables.
    pub model: Arc<Model>,
    /// Where their rows are.
    pub database: Database,
    /// What computes the model's extensions, in its order.
    pub(super) extensions: Vec<&'static Extension>,
}

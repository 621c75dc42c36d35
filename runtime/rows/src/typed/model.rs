//! The model of a single table, which typed queries are planned with.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use meta::Table;
use plan::model::{EntityId, Limits, Model};

/// The only table of such a model.
pub(super) const ONLY: EntityId = EntityId(0);

/// A model of one table, made at its first use. As many are kept as the program has row types.
pub(super) fn model_of(table: &'static Table) -> &'static Model {
    static MODELS: LazyLock<RwLock<HashMap<usize, &'static Model>>> = LazyLock::new(RwLock::default);
    let address = std::ptr::from_ref(table).addr();

    if let Some(model) = MODELS.read().unwrap_or_else(PoisonError::into_inner).get(&address) {
        return model;
    }
    let mut models = MODELS.write().unwrap_or_else(PoisonError::into_inner);
    models
        .entry(address)
        .or_insert_with(|| Box::leak(Box::new(Model::new([table], Vec::new(), Limits::default()))))
}

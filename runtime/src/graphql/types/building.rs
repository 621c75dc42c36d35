//! The schema that is being built on this thread.

use std::cell::RefCell;
use std::sync::Arc;

use plan::model::Model;

use crate::panics::panic_message;

use crate::graphql::types::computed_field::FieldResolver;
use crate::graphql::types::root_object::RootObject;

/// Why a schema could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Two roots, or a table and one of its computed fields, define a field of the same name.
    #[error("the field `{field}` comes from both {first} and {second}; rename one or leave one out")]
    Clash {
        /// The field.
        field: String,
        /// The first origin of the field.
        first: String,
        /// The second origin of the field.
        second: String,
    },
    /// The query root has no fields.
    #[error("the schema has no query field; add `apps`, `models` or a `query` root with fields")]
    Empty,
    /// async-graphql rejected the types.
    #[error("the types of the schema are inconsistent: {0}")]
    Types(String),
}

/// The schema being built on this thread, and the error found in it.
///
/// async-graphql describes types through static functions, which cannot know a particular schema. Building is one
/// synchronous call, so the composition is kept in a thread-local for its duration.
pub(in crate::graphql) struct Building {
    pub(in crate::graphql) model: Arc<Model>,
    pub(in crate::graphql) resolvers: Vec<&'static FieldResolver>,
    pub(in crate::graphql) queries: Vec<RootObject>,
    pub(in crate::graphql) mutations: Vec<RootObject>,
    pub(in crate::graphql) error: Option<ComposeError>,
}

thread_local! {
    static BUILDING: RefCell<Option<Building>> = const { RefCell::new(None) };
}

/// Runs `build` with `building` as the schema being built. Returns an error if two fields clash, or if async-graphql panics
/// because of the types.
pub(in crate::graphql) fn build_with<T>(building: Building, build: impl FnOnce() -> T) -> Result<T, ComposeError> {
    BUILDING.set(Some(building));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(build));
    let found = BUILDING.take().and_then(|building| building.error);

    match (result, found) {
        (_, Some(error)) => Err(error),
        (Ok(schema), None) => Ok(schema),
        (Err(panic), None) => Err(ComposeError::Types(panic_message(&*panic).to_owned())),
    }
}

/// Calls `use_model` with the tables of the schema being built, if there is one.
pub(in crate::graphql) fn with_model(use_model: impl FnOnce(&Model)) {
    let model = BUILDING.with_borrow(|building| building.as_ref().map(|building| Arc::clone(&building.model)));
    if let Some(model) = model {
        use_model(&model);
    }
}

/// The hand-written query and mutation roots of the schema being built.
pub(in crate::graphql) fn roots() -> Option<(Arc<Model>, Vec<RootObject>, Vec<RootObject>)> {
    BUILDING.with_borrow(|building| {
        building.as_ref().map(|building| {
            (
                Arc::clone(&building.model),
                building.queries.clone(),
                building.mutations.clone(),
            )
        })
    })
}

/// Records why the schema cannot be built; the first reason counts.
pub(in crate::graphql) fn record_error(error: ComposeError) {
    BUILDING.with_borrow_mut(|building| {
        if let Some(building) = building {
            building.error.get_or_insert(error);
        }
    });
}

/// Records that two fields of one type have the same name.
pub(in crate::graphql) fn record_clash(field: &str, first: &str, second: &str) {
    record_error(ComposeError::Clash {
        field: field.to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
    });
}

/// The computed fields of one table's type in the schema being built.
pub(in crate::graphql) fn resolvers_of(type_name: &str) -> Vec<&'static FieldResolver> {
    BUILDING.with_borrow(|building| {
        let all = building.as_ref().map(|building| building.resolvers.as_slice());
        all.unwrap_or_default()
            .iter()
            .copied()
            .filter(|resolver| resolver.meta.type_name == type_name)
            .collect()
    })
}

/// Whether the schema being built has mutations.
pub(in crate::graphql) fn has_mutations() -> bool {
    BUILDING.with_borrow(|building| {
        building
            .as_ref()
            .is_some_and(|building| !building.mutations.is_empty() || building.model.has_mutations())
    })
}

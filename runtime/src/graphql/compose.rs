//! Builds one async-graphql schema from tables and hand-written roots.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::{Context, EmptySubscription, ObjectType, Schema, SchemaBuilder, ServerResult, Value};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::FieldResolver;
use super::entity::root_fields;
use super::mutation_types::mutation_root_fields;
use super::root::{Mutation, Query};
use super::scalars::add_specification_urls;
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
    pub extensions: Vec<&'static FieldResolver>,
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

    pub(super) fn add(&self, builder: DynamicBuilder, database: &Database) -> DynamicBuilder {
        (self.0)(builder, database)
    }
}

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

/// A hand-written object that is a root of a schema.
#[derive(Clone)]
pub struct RootObject {
    type_name: fn() -> Cow<'static, str>,
    rust_name: &'static str,
    type_info: fn(&mut Registry) -> String,
    resolver: Arc<dyn ResolveRoot>,
}

impl std::fmt::Debug for RootObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.rust_name)
    }
}

/// An object-safe form of [`ObjectType`].
pub(super) trait ResolveRoot: Send + Sync {
    fn resolve<'a>(&'a self, context: &'a Context<'_>) -> BoxFuture<'a, ServerResult<Option<Value>>>;
}

impl<T: ObjectType> ResolveRoot for T {
    fn resolve<'a>(&'a self, context: &'a Context<'_>) -> BoxFuture<'a, ServerResult<Option<Value>>> {
        self.resolve_field(context).boxed()
    }
}

impl RootObject {
    /// A root with the fields of a `#[Object]`.
    pub fn new<T: ObjectType + 'static>(root: T) -> Self {
        Self {
            type_name: T::type_name,
            rust_name: std::any::type_name::<T>(),
            type_info: T::create_type_info,
            resolver: Arc::new(root),
        }
    }

    pub(super) fn resolver(&self) -> &dyn ResolveRoot {
        self.resolver.as_ref()
    }

    /// Registers the types that the object refers to, removes the object's own type, and returns its fields.
    fn take_fields(&self, registry: &mut Registry) -> IndexMap<String, MetaField> {
        (self.type_info)(registry);
        match registry.types.remove((self.type_name)().as_ref()) {
            Some(MetaType::Object { fields, .. }) => fields,
            _ => IndexMap::new(),
        }
    }
}

/// The schema being built on this thread, and the error found in it.
///
/// async-graphql describes types through static functions, which cannot know a particular schema. Building is one
/// synchronous call, so the composition is kept in a thread-local for its duration.
struct Building {
    composition: Composition,
    error: Option<ComposeError>,
}

thread_local! {
    static BUILDING: RefCell<Option<Building>> = const { RefCell::new(None) };
}

/// Runs `build` with `composition` as the schema being built. Returns an error if two fields clash, or if
/// async-graphql panics because of the types.
pub(super) fn with_composition<T>(composition: &Composition, build: impl FnOnce() -> T) -> Result<T, ComposeError> {
    BUILDING.set(Some(Building {
        composition: composition.clone(),
        error: None,
    }));

    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(build));
    let found = BUILDING.take().and_then(|building| building.error);

    match (result, found) {
        (_, Some(error)) => Err(error),
        (Ok(schema), None) => Ok(schema),
        (Err(panic), None) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(ComposeError::Types(text.unwrap_or("unknown cause").to_owned()))
        }
    }
}

/// Calls `use_model` with the tables of the schema being built, if there is one.
pub(super) fn with_model(use_model: impl FnOnce(&Model)) {
    let model = BUILDING.with_borrow(|building| {
        building
            .as_ref()
            .map(|building| Arc::clone(&building.composition.model))
    });
    if let Some(model) = model {
        use_model(&model);
    }
}

/// Records that two fields of one type have the same name.
pub(super) fn record_clash(field: &str, first: &str, second: &str) {
    BUILDING.with_borrow_mut(|building| {
        if let Some(building) = building {
            let (field, first, second) = (field.to_owned(), first.to_owned(), second.to_owned());
            building
                .error
                .get_or_insert(ComposeError::Clash { field, first, second });
        }
    });
}

/// The computed fields of one table's type in the schema being built.
pub(super) fn extensions_of(type_name: &str) -> Vec<&'static FieldResolver> {
    BUILDING.with_borrow(|building| {
        let all = building
            .as_ref()
            .map(|building| building.composition.extensions.as_slice())
            .unwrap_or_default();
        all.iter()
            .copied()
            .filter(|extension| extension.meta.type_name == type_name)
            .collect()
    })
}

/// Whether the schema being built has mutations.
pub(super) fn has_mutations() -> bool {
    BUILDING.with_borrow(|building| {
        building.as_ref().is_some_and(|building| {
            !building.composition.mutations.is_empty() || building.composition.model.has_mutations()
        })
    })
}

/// The fields of the query root.
pub(super) fn query_fields(registry: &mut Registry) -> IndexMap<String, MetaField> {
    let Some(composition) = current_composition() else {
        return IndexMap::new();
    };

    let mut fields = Merged::default();
    for (name, field) in root_fields(registry, &composition.model) {
        fields.add(name, field, "the generated fields");
    }

    for root in &composition.queries {
        for (name, field) in root.take_fields(registry) {
            fields.add(name, field, root.rust_name);
        }
    }

    add_specification_urls(registry);
    if fields.fields.is_empty() {
        fields.error = Some(ComposeError::Empty);
    }

    fields.finish()
}

/// The fields of the mutation root.
pub(super) fn mutation_fields(registry: &mut Registry) -> IndexMap<String, MetaField> {
    let Some(composition) = current_composition() else {
        return IndexMap::new();
    };

    let mut fields = Merged::default();
    for (name, field) in mutation_root_fields(registry, &composition.model) {
        fields.add(name, field, "the generated fields");
    }

    for root in &composition.mutations {
        for (name, field) in root.take_fields(registry) {
            fields.add(name, field, root.rust_name);
        }
    }

    add_specification_urls(registry);
    fields.finish()
}

fn current_composition() -> Option<Composition> {
    BUILDING.with_borrow(|building| building.as_ref().map(|building| building.composition.clone()))
}

/// Fields of several roots, with the origin of each.
#[derive(Default)]
struct Merged {
    fields: IndexMap<String, MetaField>,
    origins: IndexMap<String, String>,
    error: Option<ComposeError>,
}

impl Merged {
    fn add(&mut self, name: String, field: MetaField, origin: &str) {
        if let Some(first) = self.origins.insert(name.clone(), origin.to_owned()) {
            let clash = ComposeError::Clash {
                field: name.clone(),
                first,
                second: origin.to_owned(),
            };
            self.error.get_or_insert(clash);
        }

        self.fields.insert(name, field);
    }

    fn finish(self) -> IndexMap<String, MetaField> {
        if self.error.is_some() {
            BUILDING.with_borrow_mut(|building| {
                if let Some(building) = building {
                    building.error = self.error;
                }
            });
        }

        self.fields
    }
}

/// async-graphql's builder of a schema with this module's roots.
pub(super) type DynamicBuilder = SchemaBuilder<Query, Mutation, EmptySubscription>;

pub(super) fn builder(composition: &Composition) -> Result<DynamicBuilder, ComposeError> {
    with_composition(composition, || {
        let query = Query(composition.queries.clone().into());
        let mutation = Mutation(composition.mutations.clone().into());
        Schema::build(query, mutation, EmptySubscription)
            .limit_directives(8)
            .limit_recursive_depth(MAX_NESTING)
    })
}

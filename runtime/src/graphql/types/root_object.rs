//! Hand-written objects that are roots of a schema.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::{Context, ObjectType, ServerResult, Value};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// A hand-written object that is a root of a schema.
#[derive(Clone)]
pub struct RootObject {
    type_name: fn() -> Cow<'static, str>,
    pub(in crate::graphql) rust_name: &'static str,
    type_info: fn(&mut Registry) -> String,
    resolver: Arc<dyn ResolveRoot>,
}

impl std::fmt::Debug for RootObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.rust_name)
    }
}

/// An object-safe form of [`ObjectType`].
pub(in crate::graphql) trait ResolveRoot: Send + Sync {
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

    pub(in crate::graphql) fn resolver(&self) -> &dyn ResolveRoot {
        self.resolver.as_ref()
    }

    /// Registers the types that the object refers to, removes the object's own type, and returns its fields.
    pub(in crate::graphql) fn take_fields(&self, registry: &mut Registry) -> IndexMap<String, MetaField> {
        (self.type_info)(registry);
        match registry.types.remove((self.type_name)().as_ref()) {
            Some(MetaType::Object { fields, .. }) => fields,
            _ => IndexMap::new(),
        }
    }
}

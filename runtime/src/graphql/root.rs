//! The root objects of every schema: planned fields and those of hand-written roots.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::Field as AstField;
use async_graphql::registry::{MetaTypeId, Registry};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerError, ServerResult, Value,
    resolver_utils,
};

use super::compose::{has_mutations, mutation_fields, query_fields};
use super::{RootObject, meta_types};

/// The query root of every schema.
pub(super) struct Query(pub(super) Arc<[RootObject]>);

/// The mutation root of every schema.
pub(super) struct Mutation(pub(super) Arc<[RootObject]>);

/// Finished values of a request's planned root fields, by their key in the answer.
#[derive(Default)]
pub(super) struct Finished(pub(super) HashMap<String, Value>);

async fn resolve_among(roots: &[RootObject], context: &Context<'_>) -> ServerResult<Option<Value>> {
    let key = context.item.node.response_key();
    if let Some(value) = context.data_opt::<Finished>().and_then(|finished| finished.0.get(key.node.as_str())) {
        return Ok(Some(value.clone()));
    }
    for root in roots {
        if let Some(value) = root.resolver().resolve(context).await? {
            return Ok(Some(value));
        }
    }
    Err(ServerError::new(format!("the field `{}` was not planned", context.item.node.name.node), Some(key.pos)))
}

impl OutputType for Query {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Query")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            meta_types::object("Query", None, query_fields(registry))
        })
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _: &Positioned<AstField>) -> ServerResult<Value> {
        resolver_utils::resolve_container(context, self).await
    }
}

impl ContainerType for Query {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        resolve_among(&self.0, context).await
    }
}

impl ObjectType for Query {}

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Mutation")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            meta_types::object("Mutation", None, mutation_fields(registry))
        })
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _: &Positioned<AstField>) -> ServerResult<Value> {
        resolver_utils::resolve_container_serial(context, self).await
    }
}

impl ContainerType for Mutation {
    fn is_empty() -> bool {
        !has_mutations()
    }

    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        resolve_among(&self.0, context).await
    }
}

impl ObjectType for Mutation {}

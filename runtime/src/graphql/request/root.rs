//! The root objects of every schema, with planned fields and the fields of hand-written roots.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::Field as AstField;
use async_graphql::registry::{MetaTypeId, Registry};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerError, ServerResult, Value,
    resolver_utils,
};
use tokio::sync::OnceCell;

use crate::graphql::answer::AnswerError;
use crate::graphql::answer::failure::database_error;
use crate::graphql::answer::failure::field_errors;
use crate::graphql::request::operation::Compiled;
use crate::graphql::request::writes::OperationWrites;
use crate::graphql::resolver::computed_fields::compute_fields;
use crate::graphql::types::building::has_mutations;
use crate::graphql::types::meta_types;
use crate::graphql::types::root_object::RootObject;
use crate::graphql::types::roots::mutation_fields;
use crate::graphql::types::roots::query_fields;
use plan::answer::Executed;
use plan::value::BindValue;

/// The query root of every schema.
pub(in crate::graphql) struct Query(pub(in crate::graphql) Arc<[RootObject]>);

/// The mutation root of every schema.
pub(in crate::graphql) struct Mutation(pub(in crate::graphql) Arc<[RootObject]>);

/// A request's planned root fields after their statements were run.
pub(in crate::graphql) struct Planned {
    pub(in crate::graphql) compiled: Arc<Compiled>,
    pub(in crate::graphql) executed: Executed,
    pub(in crate::graphql) values: Vec<BindValue>,
}

/// The values of a request's planned root fields. Computed fields are computed when the first root is resolved, because
/// there is no context to compute them in before.
pub(in crate::graphql) struct PlannedValues {
    planned: Planned,
    joined: OnceCell<Joined>,
}

struct Joined {
    values: HashMap<String, Value>,
    /// Whether a list lacks the value of a non-null field.
    missing: bool,
    errors: Vec<AnswerError>,
}

impl PlannedValues {
    pub(in crate::graphql) fn new(planned: Planned) -> Self {
        Self {
            planned,
            joined: OnceCell::new(),
        }
    }

    async fn value(&self, context: &Context<'_>) -> Option<Value> {
        let roots = &self.planned.compiled.query.plan.roots;
        let key = context.item.node.response_key();
        if !roots.iter().any(|root| root.key == key.node.as_str()) {
            return None;
        }

        let joined = self.joined.get_or_init(|| self.join(context)).await;
        // A missing value was too large to be joined; the answer's errors report this.
        Some(joined.values.get(key.node.as_str()).cloned().unwrap_or(Value::Null))
    }

    async fn join(&self, context: &Context<'_>) -> Joined {
        let Planned {
            compiled,
            executed,
            values,
        } = &self.planned;
        let computed = compute_fields(context, &compiled.query.plan, &compiled.extended, executed, values).await;
        let answer = match executed.join(&compiled.query.plan, values, &computed.values) {
            Ok(answer) => answer,
            Err(error) => {
                return Joined {
                    values: HashMap::new(),
                    missing: true,
                    errors: vec![database_error(&error.into())],
                };
            }
        };

        let missing = answer.values.iter().any(Option::is_none);
        let mut errors = field_errors(&answer.errors);
        errors.extend(computed.errors);
        let roots = compiled.query.plan.roots.iter().zip(answer.values);
        let values = roots
            .map(|(root, json)| {
                (
                    root.key.clone(),
                    json.map_or(Value::Null, |json| Value::Binary(json.into())),
                )
            })
            .collect();

        Joined {
            values,
            missing,
            errors,
        }
    }

    /// Whether the answer's `data` is null as a whole, and the errors that were found.
    pub(in crate::graphql) fn outcome(&self) -> (bool, Vec<AnswerError>) {
        self.joined
            .get()
            .map_or((false, Vec::new()), |joined| (joined.missing, joined.errors.clone()))
    }
}

async fn resolve_root_field(root: &str, roots: &[RootObject], context: &Context<'_>) -> ServerResult<Option<Value>> {
    if let Some(finished) = context.data_opt::<Arc<PlannedValues>>()
        && let Some(value) = finished.value(context).await
    {
        return Ok(Some(value));
    }
    if let Some(writes) = context.data_opt::<Arc<OperationWrites>>()
        && let Some(value) = writes.value(context).await?
    {
        return Ok(Some(value));
    }

    for resolver in roots {
        match resolver.resolver().resolve(context).await {
            Ok(Some(value)) => return Ok(Some(value)),
            Ok(None) => {}
            Err(error) => {
                let types = &context.schema_env.registry.types;
                let field = types
                    .get(root)
                    .and_then(|ty| ty.field_by_name(&context.item.node.name.node));
                if field.is_none_or(|field| field.ty.ends_with('!')) {
                    return Err(error);
                }
                // An error in a nullable field does not affect the other fields.
                context.add_error(context.set_error_path(error));
                return Ok(Some(Value::Null));
            }
        }
    }

    let field = &context.item.node;
    Err(ServerError::new(
        format!("the field `{}` was not planned", field.name.node),
        Some(field.response_key().pos),
    ))
}

impl OutputType for Query {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Query")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            meta_types::object("Query", Some("Root of all queries."), query_fields(registry))
        })
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _: &Positioned<AstField>) -> ServerResult<Value> {
        resolver_utils::resolve_container(context, self).await
    }
}

impl ContainerType for Query {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        resolve_root_field("Query", &self.0, context).await
    }
}

impl ObjectType for Query {}

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Mutation")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            meta_types::object("Mutation", Some("Root of all mutations."), mutation_fields(registry))
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
        resolve_root_field("Mutation", &self.0, context).await
    }
}

impl ObjectType for Mutation {}

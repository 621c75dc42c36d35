//! Rows that hand-written resolvers answer: planned from what the client asked below the resolver's own field.

use std::sync::Arc;

use async_graphql::parser::types::Field as AstField;
use async_graphql::{Context, ContextBase, Error, Positioned, QueryPathNode};
use plan::bind::bind_parameters;
use plan::selection::{Bounds, Collector};
use plan::sql::CompiledPlan;
use plan::viewer::Viewer;
use plan::{Access, PlanBuilder, PlanError, check_rows};
use rows::execute::execute_for;
use rows::{Entity, Find, SelectRows};

use crate::graphql::answer::failure::error_with_code;
use crate::graphql::answer::failure::field_errors;
use crate::graphql::answer::failure::statement_error;
use crate::graphql::mutation::transaction::OperationTransaction;
use crate::graphql::parts::EngineParts;
use crate::graphql::resolver::computed_fields::compute_fields;
use crate::graphql::resolver::computed_fields::computed_field_nodes;
use crate::graphql::types::entity::Many;
use crate::graphql::types::entity::One;

// Both lifetimes are free, although a context has one: with one, the futures of resolvers would not be `Send`.
impl SelectRows<EngineParts> for ContextBase<'_, &Positioned<AstField>> {
    type Many<T: Entity> = Many<T>;
    type One<T: Entity> = One<T>;
    type Error = Error;

    async fn select_many<T: Entity>(&self, find: Find<T>) -> async_graphql::Result<Many<T>> {
        Ok(Many::finished(select(self, find).await?))
    }

    async fn select_one<T: Entity>(&self, find: Find<T>) -> async_graphql::Result<One<T>> {
        let list = select(self, find).await?;
        let row = &list[1..list.len() - 1];
        Ok(One::finished(if row.is_empty() {
            b"null".to_vec()
        } else {
            row.to_vec()
        }))
    }
}

/// The rows as a JSON list, with the fields that the client selected.
async fn select<T: Entity>(context: &Context<'_>, find: Find<T>) -> async_graphql::Result<Vec<u8>> {
    let parts = context.data::<Arc<EngineParts>>()?;
    let entity = parts.model.find(T::TABLE.type_name).ok_or_else(|| {
        Error::new(format!(
            "the schema does not serve `{}`: add its app or model",
            T::TABLE.type_name
        ))
    })?;
    let env = context.query_env;
    let planned = |error: PlanError| error_with_code(error.message, error.code);

    let collector = Collector {
        fragments: &env.fragments,
        variables: &env.variables,
        bounds: Bounds::UNLIMITED,
    };
    let field = collector
        .field(context.item)
        .map_err(|error| error_with_code(error.message, error.code))?;

    let anonymous = Viewer::anonymous();
    let viewer = context.data_opt::<Viewer>().unwrap_or(&anonymous);
    let access = if find.is_program() {
        Access::Program
    } else {
        Access::Viewer(viewer)
    };
    let dialect = parts.database.dialect();
    let mut builder = PlanBuilder::new(&parts.model, dialect, access);
    let selection = find.selection(&mut builder);
    let plan = builder.selection(entity, selection, &field).map_err(planned)?;
    let values = bind_parameters(&plan.parameters, &env.variables, viewer, dialect).map_err(planned)?;
    check_rows(&plan, &values, &parts.model.limits()).map_err(planned)?;

    let compiled = CompiledPlan::new(plan, dialect);
    let executed = match context.data_opt::<Arc<OperationTransaction>>() {
        // The rows that the operation wrote before are seen.
        Some(operation) => operation.tx.execute(&compiled, &values, None).await,
        None => execute_for(&parts.database, &compiled, &values, viewer).await,
    };
    let executed = executed.map_err(|error| statement_error(&error))?;

    let plan = &compiled.plan;
    let fields = computed_field_nodes(plan, &context.item.node.selection_set.node, &env.fragments);
    let computed = compute_fields(context, plan, &fields, &executed, &values).await;
    let mut joined = executed
        .join(plan, &values, &computed.values)
        .map_err(|error| statement_error(&error.into()))?;

    let errors = field_errors(&joined.errors).into_iter().chain(computed.errors);
    let path = context.path_node.map(QueryPathNode::to_string_vec).unwrap_or_default();
    for mut error in errors {
        // The path begins with this field; the context has the path above it.
        error
            .path
            .splice(0..0, path[..path.len().saturating_sub(1)].iter().cloned());
        context.add_error(error.into_server_error());
    }

    joined
        .values
        .swap_remove(0)
        .ok_or_else(|| error_with_code("a row lacks a value for a non-null field", "UNREADABLE_VALUE"))
}

//! Validation by async-graphql without execution.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Response, Value};

/// Marks a request, in its data, that is only to be validated.
pub(super) struct OnlyValidate;

/// Ends the execution of a request marked with [`OnlyValidate`] after its validation.
pub(super) struct ValidateOnly;

impl ExtensionFactory for ValidateOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for ValidateOnly {
    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if context.data_opt::<OnlyValidate>().is_some() {
            return Response::new(Value::Null);
        }
        next.run(context, operation_name).await
    }
}

//! The error type of payloads, for hand-written mutations.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};

use crate::graphql::types::mutation_types::register_error;
use plan::selection::{Bounds, Collector};
use rows::write::{ErrorCode, InputError, WriteError};

/// An error that the client can fix, with the fields of generated payloads: `{field message code}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutationError {
    /// The path to the value in the arguments, such as `input.quantity`.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// The kind of the error, for programs.
    pub code: ErrorCode,
}

impl MutationError {
    /// An error of the value at the path `field` in the arguments.
    pub fn new(field: impl Into<String>, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            message: message.into(),
            code,
        }
    }

    /// Puts the error below an argument: `quantity` becomes `input.quantity`.
    #[must_use]
    pub fn below(mut self, argument: &str) -> Self {
        self.field = self.field.map(|field| format!("{argument}.{field}"));
        self
    }

    /// The errors of a failed write that the client can fix.
    ///
    /// # Errors
    ///
    /// The failure itself, if no other input would help.
    pub fn all_of(error: WriteError) -> Result<Vec<Self>, WriteError> {
        match error.inputs() {
            Some(errors) => Ok(errors.iter().cloned().map(Self::from).collect()),
            None => Err(error),
        }
    }
}

impl From<InputError> for MutationError {
    fn from(error: InputError) -> Self {
        let field = (!error.path.is_empty()).then(|| error.path.join("."));
        Self {
            field,
            message: error.message,
            code: error.code,
        }
    }
}

impl OutputType for MutationError {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("MutationError")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register_error(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        let env = context.query_env;
        let collector = Collector {
            fragments: &env.fragments,
            variables: &env.variables,
            bounds: Bounds::UNLIMITED,
        };

        let mut object = IndexMap::new();
        for field in collector.fields(&context.item.node).unwrap_or_default() {
            let value = match field.name.as_str() {
                "field" => self.field.as_deref().map_or(Value::Null, Value::from),
                "message" => Value::from(self.message.as_str()),
                "code" => Value::Enum(Name::new(self.code.name())),
                _ => Value::from("MutationError"),
            };
            object.insert(Name::new(&field.key), value);
        }

        Ok(Value::Object(object))
    }
}

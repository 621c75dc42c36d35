//! Computed fields as types: what `#[extend]` registers.

use std::sync::LazyLock;

use async_graphql::registry::{MetaField, MetaInputValue, Registry};
use async_graphql::{Context, InputType, OutputType, ServerResult, Value};
use futures_util::future::BoxFuture;
use meta::ComputedField;
use plan::answer::Projection;
use rows::ReadError;

use crate::graphql::types::meta_types;

/// A computed field, registered by `#[extend]`.
pub struct FieldResolver {
    /// The table's type, the field's name and the columns that it needs.
    pub meta: ComputedField,
    /// Registers the types that the field refers to, and returns the field's description.
    pub describe: fn(&mut Registry) -> MetaField,
    /// Reads the columns that it needs, and starts to compute it. Fails if a column cannot be read.
    pub compute: for<'a> fn(&'a Projection, &'a Context<'a>) -> Result<Computation<'a>, ReadError>,
    /// The file and line of the method.
    pub location: &'static str,
}

/// The future of one computed value.
pub type Computation<'a> = BoxFuture<'a, ServerResult<Value>>;

/// A registration by `#[extend]`, which `inventory` collects at link time.
pub struct ComputedFieldRegistration(pub fn() -> FieldResolver);

inventory::collect!(ComputedFieldRegistration);

impl std::fmt::Debug for FieldResolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FieldResolver")
            .field("meta", &self.meta)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// All computed fields linked into the program, sorted by type and field.
pub(crate) fn linked_computed_fields() -> Vec<&'static FieldResolver> {
    static ALL: LazyLock<Vec<FieldResolver>> = LazyLock::new(|| {
        let gathered = inventory::iter::<ComputedFieldRegistration>.into_iter();
        let mut resolvers: Vec<FieldResolver> = gathered.map(|registration| (registration.0)()).collect();
        resolvers.sort_by_key(|resolver| (resolver.meta.type_name, resolver.meta.field, resolver.location));
        resolvers
    });
    ALL.iter().collect()
}

/// Registers the types of a computed field's result and returns the field's description.
pub fn computed_field_meta<T: OutputType>(
    registry: &mut Registry,
    name: &str,
    description: Option<&str>,
    arguments: Vec<(String, MetaInputValue)>,
) -> MetaField {
    let ty = T::create_type_info(registry);
    let mut field = meta_types::field(name, description, ty);
    field.args.extend(arguments);
    field
}

/// Registers the types of an argument and returns its name and description.
pub fn computed_field_argument<T: InputType>(
    registry: &mut Registry,
    name: &str,
    description: Option<&str>,
    default: Option<T>,
) -> (String, MetaInputValue) {
    let ty = T::create_type_info(registry);
    meta_types::argument(
        name,
        description,
        &ty,
        default.map(|value| value.to_value().to_string()),
    )
}

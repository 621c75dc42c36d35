//! Items that generated code and the macros refer to. Not a public API: they may change with the generator.

pub use crate::graphql::{
    Computation, ComputedFieldRegistration, FieldResolver, compute_value, computed_field_argument, computed_field_meta,
    project,
};
pub use crate::registry::{DefinedSchema, Registration, SchemaDefinition, SchemaProvider, SettingValue};
pub use async_graphql::registry::{MetaField, Registry as TypeRegistry};
pub use async_graphql::{Context, ServerResult, Value as GraphqlValue};
pub use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
pub use inventory::submit;
pub use meta::{
    Action, Actions, App, Cardinality, Column, CompositeField, CompositeType, ComputedField,
    ComputedField as ExtensionMeta, EnumType, EnumValue, Function, FunctionArgument, Kind, Operand, Policy, RangeType,
    Relation, RowFilter, RowFilterComparison, SqlType, Table, TargetRow, Through,
};
pub use plan::answer::Projection;
pub use plan::value::Cell;
pub use rows::{
    Delete, Entity, Find, FromCell, Insert, LabelledEnum, Range, ReadError, RowReader, TypedColumn, Update,
    enum_from_cell,
};
pub use rust_decimal::Decimal;
pub use serde_json::Value as Json;
pub use uuid::Uuid;

/// Registers an app at link time.
#[doc(hidden)]
#[macro_export]
macro_rules! register_app {
    ($app:ident) => {
        $crate::codegen_support::submit! { &$app }
    };
}

pub use crate::register_app;

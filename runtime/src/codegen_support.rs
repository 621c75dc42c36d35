//! Items that generated code and the macros refer to. Not a public API: they may change with the generator.

pub use crate::graphql::{
    Computation, Extension, ExtensionRegistration, extension_argument, extension_field, project, resolve_extension,
};
pub use crate::registry::{DefinedSchema, Registration, SchemaDefinition, SchemaProvider, SettingValue};
pub use async_graphql::registry::{MetaField, Registry as TypeRegistry};
pub use async_graphql::{Context, ServerResult, Value as GraphqlValue};
pub use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
pub use inventory::submit;
pub use meta::{
    Action, App, Cardinality, Column, CompositeField, CompositeType, EnumType, EnumValue, Extension as ExtensionMeta,
    Function, FunctionArgument, Kind, Operand, Operations, Policy, RangeType, Relation, Rule, RuleComparison, SqlType,
    Table, TargetRow, Through,
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

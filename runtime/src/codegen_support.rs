//! What generated code and the macros name. It belongs to the generator and may change with it.

pub use crate::execute::{Cell, Projection};
pub use crate::graphql::{
    Computation, Delete, Entity, Extension, ExtensionRegistration, Find, Insert, Update, extension_argument,
    extension_field, project, resolve_extension,
};
pub use crate::registry::{DefinedSchema, Registration, SchemaDefinition, SchemaProvider, SettingValue};
pub use crate::rows::{FromCell, LabelledEnum, Range, ReadError, RowReader, TypedColumn, enum_from_cell};
pub use async_graphql::registry::{MetaField, Registry as TypeRegistry};
pub use async_graphql::{Context, ServerResult, Value as GraphqlValue};
pub use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
pub use inventory::submit;
pub use meta::{
    Action, App, Cardinality, Column, CompositeField, CompositeType, EnumType, EnumValue, Extension as ExtensionMeta,
    Function, FunctionArgument, Kind, Operand, Operations, Policy, RangeType, Relation, Rule, RuleComparison, SqlType,
    Table, TargetRow, Through,
};
pub use rust_decimal::Decimal;
pub use serde_json::Value as Json;
pub use uuid::Uuid;

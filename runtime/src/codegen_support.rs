//! What generated code and the macros name. It belongs to the generator and may change with it.

pub use crate::execute::Cell;
pub use crate::graphql::{Entity, Find};
pub use crate::meta::{App, Cardinality, Column, EnumType, EnumValue, Kind, Relation, Table};
pub use crate::registry::{Registration, SchemaDefinition, SchemaProvider, SettingValue};
pub use crate::rows::{FromCell, LabelledEnum, ReadError, RowReader, TypedColumn, enum_from_cell};
pub use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
pub use inventory::submit;
pub use rust_decimal::Decimal;
pub use serde_json::Value as Json;
pub use uuid::Uuid;

//! Values of parameters, in the server's binary format.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use postgres_protocol::IsNull;

use plan::value::BindValue;

/// The types that parameters are sent as; the numbers are the OIDs of `pg_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(in crate::execute) enum ParameterType {
    /// The server infers the type from the parameter's context.
    Inferred = 0,
    Bool = 16,
    Bytes = 17,
    Int = 20,
    Text = 25,
    Float = 701,
    Texts = 1009,
    Ints = 1016,
}

/// A borrowed value of a statement's parameter.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute) enum ParameterValue<'b> {
    /// A value of the request.
    Value(&'b BindValue),
    /// A column of the parents' keys.
    Ints(&'b [i64]),
    /// A column of the parents' keys.
    Texts(&'b [String]),
}

impl ParameterValue<'_> {
    pub(in crate::execute) fn type_of(&self) -> ParameterType {
        match self {
            Self::Ints(_) | Self::Value(BindValue::Ints(_)) => ParameterType::Ints,
            Self::Texts(_) | Self::Value(BindValue::Texts(_)) => ParameterType::Texts,
            Self::Value(BindValue::Null | BindValue::Text(_)) => ParameterType::Text,
            Self::Value(BindValue::Label(_)) => ParameterType::Inferred,
            Self::Value(BindValue::Bool(_)) => ParameterType::Bool,
            Self::Value(BindValue::Int(_)) => ParameterType::Int,
            Self::Value(BindValue::Float(_)) => ParameterType::Float,
            Self::Value(BindValue::Bytes(_)) => ParameterType::Bytes,
        }
    }

    /// The format code: 1 for binary, 0 for text, which every type can be read from.
    pub(in crate::execute) fn format(&self) -> i16 {
        i16::from(!matches!(self, Self::Value(BindValue::Label(_))))
    }
}

pub(in crate::execute) fn write(
    value: &ParameterValue<'_>,
    out: &mut BytesMut,
) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    let value = match value {
        ParameterValue::Value(value) => *value,
        ParameterValue::Ints(list) => return integers(list, out),
        ParameterValue::Texts(list) => return texts(list, out),
    };

    match value {
        BindValue::Null | BindValue::Label(None) => return Ok(IsNull::Yes),
        BindValue::Bool(value) => out.put_u8(u8::from(*value)),
        BindValue::Int(value) => out.put_i64(*value),
        BindValue::Float(value) => out.put_f64(*value),
        BindValue::Text(value) | BindValue::Label(Some(value)) => out.put_slice(value.as_bytes()),
        BindValue::Bytes(value) => out.put_slice(value),
        BindValue::Ints(list) => return integers(list, out),
        BindValue::Texts(list) => return texts(list, out),
    }

    Ok(IsNull::No)
}

fn integers(list: &[i64], out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    array(list.len(), ParameterType::Int, out)?;
    for value in list {
        out.put_i32(8);
        out.put_i64(*value);
    }
    Ok(IsNull::No)
}

fn texts(list: &[String], out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    array(list.len(), ParameterType::Text, out)?;
    for value in list {
        out.put_i32(i32::try_from(value.len())?);
        out.put_slice(value.as_bytes());
    }
    Ok(IsNull::No)
}

/// Writes the header of an array: one dimension, no nulls, the elements' type, their number, and the lower bound 1. An
/// empty array has no dimension.
fn array(count: usize, element: ParameterType, out: &mut BytesMut) -> Result<(), std::num::TryFromIntError> {
    out.put_i32(i32::from(count > 0));
    out.put_i32(0);
    out.put_u32(element as u32);
    if count > 0 {
        out.put_i32(i32::try_from(count)?);
        out.put_i32(1);
    }
    Ok(())
}

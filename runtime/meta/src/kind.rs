//! The kinds of values that a column can hold, one list for all three databases.

/// The kind of a column's values. Each kind has one GraphQL scalar and one JSON form.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `Boolean`
    Bool,
    /// 16-bit integer: `Int`, a number
    Int16,
    /// 32-bit integer: `Int`, a number
    Int32,
    /// 64-bit integer: `BigInt`, text
    Int64,
    /// 64-bit integer without a sign: `BigInt`, text
    UInt64,
    /// `Float`, a number
    Float32,
    /// `Float`, a number
    Float64,
    /// `Decimal`, text; the number of digits after the point if the type fixes it
    Decimal(Option<u32>),
    /// `String`
    Text,
    /// `UUID`, text
    Uuid,
    /// `DateTime`, RFC 3339 in UTC
    DateTime,
    /// `NaiveDateTime`, the same without a zone
    NaiveDateTime,
    /// `Date`, `2026-01-31`
    Date,
    /// `Time`, `23:59:59`
    Time,
    /// `Duration`, ISO 8601
    Duration,
    /// `JSON`, the value itself
    Json,
    /// `Bytes`, base64
    Bytes,
    /// A GraphQL enum
    Enum(&'static EnumType),
    /// A list of a kind; its elements may be null
    Array(&'static Kind),
    /// `Decimal`, text: an amount of money
    Money,
    /// A GraphQL object of the bounds
    Range(&'static RangeType),
    /// A GraphQL object of the attributes
    Composite(&'static CompositeType),
    /// A type of which only the text form is known: `String`
    Unknown,
}

/// Types of the database are equal if they are the same static value.
impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Decimal(a), Self::Decimal(b)) => a == b,
            (Self::Enum(a), Self::Enum(b)) => std::ptr::eq(*a, *b),
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Range(a), Self::Range(b)) => std::ptr::eq(*a, *b),
            (Self::Composite(a), Self::Composite(b)) => std::ptr::eq(*a, *b),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// A range type.
#[derive(Debug)]
pub struct RangeType {
    /// The type's namespace, if it is not found without one.
    pub namespace: Option<&'static str>,
    /// The database's name for it.
    pub database_type: &'static str,
    /// The kind of its bounds.
    pub element: Kind,
}

/// A composite type.
#[derive(Debug)]
pub struct CompositeType {
    /// The GraphQL object.
    pub name: &'static str,
    /// Its attributes, in the database's order.
    pub fields: &'static [CompositeField],
}

/// An attribute of a composite type.
#[derive(Debug)]
pub struct CompositeField {
    /// The database's name for it.
    pub name: &'static str,
    /// The GraphQL field.
    pub field: &'static str,
    /// The kind of its values.
    pub kind: Kind,
}

impl RangeType {
    /// The GraphQL object, named after its bounds.
    pub fn name(&self) -> String {
        format!("{}Range", self.element.scalar())
    }
}

impl Kind {
    /// The GraphQL scalar or enum; of an array, that of its elements.
    pub fn scalar(&self) -> &'static str {
        match self {
            Self::Bool => "Boolean",
            Self::Int16 | Self::Int32 => "Int",
            Self::Int64 | Self::UInt64 => "BigInt",
            Self::Float32 | Self::Float64 => "Float",
            Self::Decimal(_) | Self::Money => "Decimal",
            Self::Text | Self::Unknown => "String",
            Self::Uuid => "UUID",
            Self::DateTime => "DateTime",
            Self::NaiveDateTime => "NaiveDateTime",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::Duration => "Duration",
            Self::Json => "JSON",
            Self::Bytes => "Bytes",
            Self::Enum(ty) => ty.name,
            Self::Array(element) => element.scalar(),
            Self::Composite(ty) => ty.name,
            // Named where its type is registered: see `RangeType::name`.
            Self::Range(range) => range.element.scalar(),
        }
    }

    /// The GraphQL type without lists.
    pub fn type_name(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Range(range) => range.name().into(),
            Self::Array(element) => element.type_name(),
            other => other.scalar().into(),
        }
    }

    /// The kind of an array's elements, whatever its dimensions; any other kind itself.
    #[must_use]
    pub fn innermost(self) -> Self {
        match self {
            Self::Array(element) => element.innermost(),
            other => other,
        }
    }

    /// Whether it is an array.
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// The GraphQL type of its values, where `name` is the type without lists: `[[Int]]` for an array of two
    /// dimensions.
    pub fn list_type(&self, name: &str) -> String {
        match self {
            Self::Array(element) => format!("[{}]", element.list_type(name)),
            _ => name.to_owned(),
        }
    }

    /// Whether its values are objects, of which a request selects fields.
    pub fn is_object(&self) -> bool {
        match self {
            Self::Range(_) | Self::Composite(_) => true,
            Self::Array(element) => element.is_object(),
            _ => false,
        }
    }

    /// Whether its values are sent to the database as 64-bit integers.
    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Int16 | Self::Int32 | Self::Int64)
    }
}

/// An enumeration.
#[derive(Debug)]
pub struct EnumType {
    /// The GraphQL enum.
    pub name: &'static str,
    /// The database type, as namespace and name, if it is named.
    pub database_type: Option<(Option<&'static str>, &'static str)>,
    /// The enum's description.
    pub description: Option<&'static str>,
    /// The values, in the database's order.
    pub values: &'static [EnumValue],
}

/// A value of an enumeration.
#[derive(Debug, Clone, Copy)]
pub struct EnumValue {
    /// The GraphQL value.
    pub name: &'static str,
    /// The database's label.
    pub label: &'static str,
}

impl EnumValue {
    /// A value with its database label.
    pub const fn new(name: &'static str, label: &'static str) -> Self {
        Self { name, label }
    }
}

impl EnumType {
    /// An enumeration that has no name in the database.
    pub const fn new(name: &'static str, values: &'static [EnumValue]) -> Self {
        Self {
            name,
            database_type: None,
            description: None,
            values,
        }
    }

    /// Sets the database type.
    #[must_use]
    pub const fn of_type(mut self, namespace: Option<&'static str>, name: &'static str) -> Self {
        self.database_type = Some((namespace, name));
        self
    }

    /// Sets the description.
    #[must_use]
    pub const fn described(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// The GraphQL value of a database label.
    pub fn name_of(&self, label: &str) -> Option<&'static str> {
        self.values
            .iter()
            .find(|value| value.label == label)
            .map(|value| value.name)
    }

    /// The database label of a GraphQL value.
    pub fn label_of(&self, name: &str) -> Option<&'static str> {
        self.values
            .iter()
            .find(|value| value.name == name)
            .map(|value| value.label)
    }
}

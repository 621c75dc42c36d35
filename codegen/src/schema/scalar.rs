//! The scalars of columns: one list for all three databases.

use crate::catalog::{ColumnType, Engine};
use crate::config::ColumnTypeSetting;

/// The name of a database type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// The namespace, if the name is not found without it.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl TypeName {
    /// The name of a column's type.
    pub fn of(ty: &ColumnType) -> Self {
        Self {
            namespace: ty.namespace.clone(),
            name: ty.name.clone(),
        }
    }
}

/// The kinds of value, each with one GraphQL scalar, one JSON form and one Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// `Boolean`
    Bool,
    /// 16-bit integer, `Int`
    Int16,
    /// 32-bit integer, `Int`
    Int32,
    /// 64-bit integer, `BigInt`
    Int64,
    /// 64-bit integer without a sign, `BigInt`
    UInt64,
    /// `Float`
    Float32,
    /// `Float`
    Float64,
    /// `Decimal`, with the number of decimal places if the type fixes it
    Decimal(Option<u32>),
    /// `String`
    Text,
    /// `UUID`
    Uuid,
    /// `DateTime`, a point in time
    DateTime,
    /// `NaiveDateTime`, without a zone
    NaiveDateTime,
    /// `Date`
    Date,
    /// `Time`
    Time,
    /// `Duration`
    Duration,
    /// `JSON`
    Json,
    /// `Bytes`
    Bytes,
    /// `Decimal`, an amount of money
    Money,
    /// An object with the bounds: the range's type in the database, and the scalar of its bounds
    Range(TypeName, Box<Scalar>),
    /// An object, an index into the schema's composite types
    Composite(usize),
    /// `String`, through the database's text form: addresses, XML, search vectors
    TextForm,
    /// A GraphQL enum, an index into the schema's enumerations
    Enum(usize),
    /// A type this program does not know: `String`, read-only
    Unknown,
}

impl Scalar {
    /// Returns the scalar of a column type that is neither an enumeration nor a composite type.
    pub fn of(engine: Engine, ty: &ColumnType) -> Self {
        match engine {
            Engine::Postgres => postgres(ty),
            Engine::Mysql => mysql(ty),
            Engine::Sqlite => sqlite(ty),
        }
    }

    /// Returns the collation in which a MySQL key column is compared with a list of keys, since the list has its own
    /// collation: its name, and as its namespace the character set if the server does not convert the list to it by
    /// itself.
    pub fn key_collation(&self, engine: Engine, ty: &ColumnType) -> Option<TypeName> {
        let collation = ty.collation.as_ref().filter(|_| engine == Engine::Mysql)?;
        let (character_set, _) = collation.split_once('_')?;
        let is_text = matches!(self, Self::Text | Self::Enum(_)) && ty.name != "set";
        let namespace = match character_set {
            "utf8mb4" => None,
            "ucs2" | "utf16" | "utf16le" | "utf32" => Some(character_set.to_owned()),
            // The server converts texts of these to `utf8mb4` by itself.
            _ => return None,
        };

        is_text.then(|| TypeName {
            namespace,
            name: collation.clone(),
        })
    }

    /// Returns the type that a column's values are cast to by name, if their scalar does not determine it.
    pub fn sql_type(&self, engine: Engine, ty: &ColumnType) -> Option<TypeName> {
        let is_plain_text = matches!(ty.name.as_str(), "varchar" | "text");
        let needs_name = match self {
            Self::TextForm | Self::Unknown | Self::Composite(_) => true,
            Self::Text => !is_plain_text,
            Self::Json => matches!(ty.name.as_str(), "hstore" | "geometry" | "geography"),
            _ => false,
        };

        match engine {
            Engine::Postgres => needs_name.then(|| TypeName::of(ty)),
            // Spatial types and bits have their own read functions, and sets are ordered by their bits.
            Engine::Mysql if ty.incomparable => Some(TypeName {
                namespace: None,
                name: "geometry".into(),
            }),
            Engine::Mysql => matches!(ty.name.as_str(), "set" | "bit").then(|| TypeName::of(ty)),
            Engine::Sqlite => None,
        }
    }

    /// Returns the scalar that a column's `type` setting names.
    pub fn given(setting: ColumnTypeSetting) -> Self {
        match setting {
            ColumnTypeSetting::Bigint => Self::Int64,
            ColumnTypeSetting::Int => Self::Int32,
            ColumnTypeSetting::Boolean => Self::Bool,
            ColumnTypeSetting::Datetime => Self::DateTime,
        }
    }
}

fn postgres(ty: &ColumnType) -> Scalar {
    if let Some(element) = &ty.range_of {
        let element = postgres(&ColumnType {
            name: element.clone(),
            ..ColumnType::default()
        });
        return Scalar::Range(TypeName::of(ty), Box::new(element));
    }
    match ty.name.as_str() {
        "money" => Scalar::Money,
        "xml" | "inet" | "cidr" | "macaddr" | "macaddr8" | "tsvector" | "ltree" | "timetz" | "bit" | "varbit" => {
            Scalar::TextForm
        }
        "bool" => Scalar::Bool,
        "int2" => Scalar::Int16,
        "int4" => Scalar::Int32,
        "int8" => Scalar::Int64,
        "float4" => Scalar::Float32,
        "float8" => Scalar::Float64,
        "numeric" => Scalar::Decimal(ty.scale),
        "bpchar" | "varchar" | "text" | "citext" | "name" | "char" => Scalar::Text,
        "uuid" => Scalar::Uuid,
        "timestamptz" => Scalar::DateTime,
        "timestamp" => Scalar::NaiveDateTime,
        "date" => Scalar::Date,
        "time" => Scalar::Time,
        "interval" => Scalar::Duration,
        "json" | "jsonb" => Scalar::Json,
        // Types of extensions: `hstore` as an object of texts, geometries as GeoJSON. Inside arrays they stay texts.
        "hstore" | "geometry" | "geography" if !ty.array => Scalar::Json,
        "bytea" => Scalar::Bytes,
        _ => Scalar::Unknown,
    }
}

fn mysql(ty: &ColumnType) -> Scalar {
    match ty.name.as_str() {
        "boolean" => Scalar::Bool,
        "tinyint" => Scalar::Int16,
        "smallint" if !ty.unsigned => Scalar::Int16,
        "smallint" | "mediumint" | "year" => Scalar::Int32,
        "int" if !ty.unsigned => Scalar::Int32,
        "bigint" if ty.unsigned => Scalar::UInt64,
        "int" | "bigint" => Scalar::Int64,
        "float" => Scalar::Float32,
        "double" => Scalar::Float64,
        "decimal" => Scalar::Decimal(ty.scale),
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "set" | "inet4" | "inet6" => {
            Scalar::Text
        }
        "uuid" => Scalar::Uuid,
        "timestamp" => Scalar::DateTime,
        "datetime" => Scalar::NaiveDateTime,
        "date" => Scalar::Date,
        "time" => Scalar::Time,
        "json" => Scalar::Json,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Scalar::Bytes,
        "bit" => Scalar::TextForm,
        _ => Scalar::Unknown,
    }
}

/// Returns the scalar of a declared type, which is free text in SQLite: common names first, then its own affinity
/// rules (section 3.1 of its "Datatypes" page).
fn sqlite(ty: &ColumnType) -> Scalar {
    match ty.name.as_str() {
        // No type, as for an expression in a view: values of any class, each in its text form.
        "" => Scalar::TextForm,
        "boolean" | "bool" => Scalar::Bool,
        "smallint" | "int2" | "tinyint" => Scalar::Int16,
        "bigint" | "int8" | "unsigned big int" | "bigint unsigned" | "unsigned bigint" => Scalar::Int64,
        "decimal" | "numeric" | "money" => Scalar::Decimal(ty.scale),
        "uuid" | "guid" => Scalar::Uuid,
        "timestamptz" | "timestamp with time zone" | "datetimetz" => Scalar::DateTime,
        "timestamp" | "datetime" | "timestamp without time zone" => Scalar::NaiveDateTime,
        "date" => Scalar::Date,
        "time" => Scalar::Time,
        "json" | "jsonb" => Scalar::Json,
        name if name.contains("int") => Scalar::Int32,
        name if ["char", "clob", "text"].iter().any(|part| name.contains(part)) => Scalar::Text,
        name if name.contains("blob") || name.contains("binary") => Scalar::Bytes,
        name if ["real", "floa", "doub"].iter().any(|part| name.contains(part)) => Scalar::Float64,
        _ => Scalar::Unknown,
    }
}

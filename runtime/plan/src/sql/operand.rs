//! Operands: columns of a selection, parameters with the casts to a column's kind, and the left side of a comparison.

use super::SqlWriter;
use crate::dialect::{KeyList, Texts};
use crate::planner::Alias;
use crate::planner::{ColumnRef, Expression, Select};
use crate::sql::Bind;
use meta::{Column, Kind, RangeType, SqlType};

/// The left side of a comparison, which is written as often as the comparison needs it.
pub(super) struct Operand<'o> {
    /// What it is.
    pub(super) expression: &'o Expression,
    /// Writes it.
    pub(super) write: &'o dyn Fn(&mut SqlWriter<'_>),
}

pub(super) fn column(writer: &mut SqlWriter<'_>, select: &Select, alias: Alias, column: usize) {
    let column = &select.tables[alias.0].columns[column];
    match column.function {
        Some(function) => {
            writer
                .named(function.namespace, function.name)
                .raw("(t")
                .number(alias.0)
                .raw(")");
        }
        None => {
            writer.raw("t").number(alias.0).raw(".").identifier(column.name);
        }
    }
}

/// Writes a column's value in the form in which it is answered, so that it is also compared in that form.
pub(super) fn output_value(writer: &mut SqlWriter<'_>, select: &Select, reference: ColumnRef) {
    let meta = &select.tables[reference.alias.0].columns[reference.column];
    let capability = &writer.dialect.capability;
    let named = |name: &str| meta.sql_type.is_some_and(|ty| ty.name == name);

    if let (Kind::Json, Texts::Exact, Some(ty)) = (meta.kind, capability.texts, meta.sql_type) {
        // The functions of an extension are in the namespace of its type.
        let function = if ty.name == "hstore" {
            "hstore_to_jsonb"
        } else {
            "st_asgeojson"
        };
        writer.named(ty.namespace, function).raw("(");
        column(writer, select, reference.alias, reference.column);
        writer.raw(")::jsonb");
        return;
    }

    let (before, after) = match (meta.kind, capability.texts) {
        (Kind::Bool, _) if capability.numeric_booleans => ("(", " <> 0)"),
        // Stored without a type, it may be of any storage class.
        (Kind::Unknown, Texts::Binary) => ("CAST(", " AS TEXT)"),
        (Kind::Unknown, Texts::Collated) if named("geometry") => ("ST_AsText(", ")"),
        (Kind::Unknown, Texts::Collated) if is_bits(writer, meta) => ("LPAD(BIN(", " + 0), "),
        _ => ("", ""),
    };

    writer.raw(before);
    column(writer, select, reference.alias, reference.column);
    writer.raw(after);
    if is_bits(writer, meta) {
        writer.number(meta.max_length.unwrap_or(1) as usize).raw(", '0')");
    }
}

/// Whether a column holds bits, which are read and written as a text of zeros and ones by functions of MySQL.
pub(super) fn is_bits(writer: &SqlWriter<'_>, column: &Column) -> bool {
    writer.dialect.capability.texts == Texts::Collated && column.sql_type.is_some_and(|ty| ty.name == "bit")
}

/// Writes JSON as a value of an extension's type: an object as pairs of texts, GeoJSON as a geometry.
fn extension_value(writer: &mut SqlWriter<'_>, ty: SqlType, parameter: usize) {
    let bind = Bind::Parameter(parameter);
    if ty.name == "hstore" {
        writer
            .raw("CASE WHEN ")
            .bind(bind)
            .raw("::text IS NOT NULL THEN COALESCE((SELECT ");
        writer
            .named(ty.namespace, "hstore")
            .raw("(array_agg(e.key), array_agg(e.value)) FROM jsonb_each_text(");
        writer
            .bind(bind)
            .raw("::text::jsonb) e), ''::")
            .named(ty.namespace, "hstore")
            .raw(") END");
        return;
    }

    writer
        .named(ty.namespace, "st_geomfromgeojson")
        .raw("(")
        .bind(bind)
        .raw("::text)::");
    writer.named(ty.namespace, ty.name);
}

/// Writes a parameter with the cast to the kind that it is compared with.
pub(super) fn value(writer: &mut SqlWriter<'_>, kind: Kind, named: Option<SqlType>, parameter: usize) {
    let typed = writer.dialect.capability.typed_parameters;
    if let (true, Kind::Json, Some(ty)) = (typed, kind, named) {
        return extension_value(writer, ty, parameter);
    }

    if writer.dialect.capability.key_list == KeyList::JsonTable && matches!(kind, Kind::Decimal(_) | Kind::UInt64) {
        writer
            .raw("CAST(")
            .bind(Bind::Parameter(parameter))
            .raw(" AS DECIMAL(65, 30))");
        return;
    }
    if writer.dialect.capability.key_list == KeyList::JsonTable && matches!(kind, Kind::Float32) {
        // The number as the column would store it, so that 0.1 is equal to 0.1.
        writer.raw("CAST(").bind(Bind::Parameter(parameter)).raw(" AS FLOAT)");
        return;
    }

    writer.bind(Bind::Parameter(parameter));
    if !typed {
        return;
    }

    match kind {
        Kind::Decimal(_) | Kind::UInt64 => writer.raw("::text::numeric"),
        Kind::Int16 | Kind::Int32 | Kind::Int64 => writer.raw("::bigint"),
        Kind::Float64 => writer.raw("::double precision"),
        // A null is sent as a text, whatever it is compared with.
        Kind::Bool => writer.raw("::boolean"),
        Kind::Bytes => writer.raw("::bytea"),
        // The number as the column would store it, so that 0.1 is equal to 0.1.
        Kind::Float32 => writer.raw("::double precision::real"),
        Kind::Uuid => writer.raw("::text::uuid"),
        Kind::DateTime => writer.raw("::text::timestamptz"),
        Kind::NaiveDateTime => writer.raw("::text::timestamp"),
        Kind::Date => writer.raw("::text::date"),
        Kind::Time => writer.raw("::text::time"),
        Kind::Duration => writer.raw("::text::interval"),
        Kind::Json => writer.raw("::text::jsonb"),
        Kind::Money => writer.raw("::text::numeric::money"),
        Kind::Range(range) => writer.raw("::text::").named(range.namespace, range.database_type),
        Kind::Array(element) => {
            let element = element.innermost();
            cast_array(writer, element, named);
            // Arrays can only be compared with arrays of the same type.
            match element {
                Kind::Int16 => writer.raw("::smallint[]"),
                Kind::Int32 => writer.raw("::int[]"),
                _ => writer,
            }
        }
        Kind::Enum(ty) => {
            if let Some((namespace, name)) = ty.database_type {
                writer.raw("::text::").named(namespace, name);
            }
            writer
        }
        _ => {
            if let Some(ty) = named {
                writer.raw("::text::").named(ty.namespace, ty.name);
            }
            writer
        }
    };
}

/// Writes a parameter that is compared with values inside of a range: it has exactly the type of the bounds.
pub(super) fn bound(writer: &mut SqlWriter<'_>, range: &RangeType, parameter: usize) {
    value(writer, range.element, None, parameter);
    match range.element {
        Kind::Int16 => writer.raw("::smallint"),
        Kind::Int32 => writer.raw("::int"),
        _ => writer,
    };
}

/// Whether a kind is an enum whose type name is not known here, so that it is compared by its labels.
pub(super) fn is_foreign_enum(kind: Kind) -> bool {
    matches!(kind, Kind::Enum(ty) if ty.database_type.is_none())
}

/// Writes the cast of a list parameter to an array of a kind.
pub(super) fn cast_array(writer: &mut SqlWriter<'_>, kind: Kind, named: Option<SqlType>) {
    if !kind.is_integer() {
        writer.raw("::text[]");
    }

    match kind {
        Kind::Enum(ty) => {
            if let Some((namespace, name)) = ty.database_type {
                writer.raw("::").named(namespace, name).raw("[]");
            }
        }
        Kind::Range(ty) => {
            writer.raw("::").named(ty.namespace, ty.database_type).raw("[]");
        }
        _ => {
            writer.raw("::").raw(array_type(kind));
        }
    }

    if let Some(ty) = named {
        writer.raw("::").named(ty.namespace, ty.name).raw("[]");
    }
}

fn array_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean[]",
        Kind::Int16 | Kind::Int32 | Kind::Int64 => "bigint[]",
        Kind::UInt64 | Kind::Decimal(_) => "numeric[]",
        Kind::Money => "numeric[]::money[]",
        Kind::Float32 => "real[]",
        Kind::Float64 => "double precision[]",
        Kind::Bytes => "bytea[]",
        Kind::Json => "jsonb[]",
        Kind::Uuid => "uuid[]",
        Kind::DateTime => "timestamptz[]",
        Kind::NaiveDateTime => "timestamp[]",
        Kind::Date => "date[]",
        Kind::Time => "time[]",
        Kind::Duration => "interval[]",
        _ => "text[]",
    }
}

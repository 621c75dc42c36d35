//! Renders the values of rows, and parameters with the casts to a column's kind.

use super::condition::subselect;
use super::keys::cast_array;
use super::{SqlWriter, json};
use crate::dialect::{KeyList, Texts};
use crate::planner::{Aggregate, ColumnRef, Expression, Select};
use crate::sql::Bind;
use meta::{Column, Kind, RangeType, SqlType};

pub(super) fn column(writer: &mut SqlWriter<'_>, select: &Select, alias: usize, column: usize) {
    let column = &select.tables[alias].columns[column];
    match column.function {
        Some(function) => {
            writer
                .named(function.namespace, function.name)
                .raw("(t")
                .number(alias)
                .raw(")");
        }
        None => {
            writer.raw("t").number(alias).raw(".").identifier(column.name);
        }
    }
}

pub(super) fn expression(writer: &mut SqlWriter<'_>, select: &Select, expression: &Expression) {
    match expression {
        Expression::Column(reference) => output_value(writer, select, *reference),
        Expression::Count(rows) => {
            writer.raw("(SELECT COUNT(*) FROM ");
            subselect(writer, select, rows);
            writer.raw(")");
        }
        Expression::CountRows => {
            writer.raw("COUNT(*)");
        }
        Expression::Position(reference) => {
            column(writer, select, reference.alias, reference.column);
            writer.raw(" + 0");
        }
        Expression::JsonPath(reference, path) => json::at(writer, select, *reference, *path),
        Expression::Aggregate(Aggregate::Variance, reference) => variance(writer, select, *reference),
        Expression::Aggregate(Aggregate::Sum, reference) if sums_in_halves(writer, select, *reference) => {
            sum_in_halves(writer, select, *reference);
        }
        Expression::Aggregate(function, reference) => {
            let typed = writer.dialect.capability.typed_parameters;
            writer.raw(match function {
                Aggregate::Sum => "SUM(",
                Aggregate::Average => "AVG(",
                Aggregate::Min => "MIN(",
                Aggregate::Max => "MAX(",
                Aggregate::Deviation | Aggregate::Variance => "STDDEV_SAMP(",
            });
            column(writer, select, reference.alias, reference.column);

            let is_money = matches!(
                select.tables[reference.alias].columns[reference.column].kind,
                Kind::Money
            );
            if typed && is_money && !matches!(function, Aggregate::Min | Aggregate::Max) {
                // The sum of two amounts may be out of the type's range.
                writer.raw("::numeric");
            }

            let summed = &select.tables[reference.alias].columns[reference.column];
            let is_loose_decimal = summed.loose && matches!(summed.kind, Kind::Decimal(_) | Kind::UInt64);
            if is_loose_decimal && *function == Aggregate::Sum {
                // Whole numbers stored in place of decimals could add up to more than 64 bits, which fails the whole
                // statement.
                writer.raw(" * 1.0");
            }

            if !typed && *function == Aggregate::Average {
                // As a float: the mean of fixed-point numbers would be rounded to a few digits.
                writer.raw(" + 0e0");
            }
            writer.raw(")");

            // Databases differ in the type of a sum or mean; the cast makes it the promised one.
            match (typed, select.kind(expression)) {
                (true, Kind::Int64) => writer.raw("::bigint"),
                (true, Kind::Float64) => writer.raw("::double precision"),
                (true, Kind::Decimal(_)) => writer.raw("::numeric"),
                _ => writer,
            };
        }
    }
}

/// Whether the sum of a column could exceed 64 bits in a database where that fails the whole statement.
fn sums_in_halves(writer: &SqlWriter<'_>, select: &Select, reference: ColumnRef) -> bool {
    let column = &select.tables[reference.alias].columns[reference.column];
    let is_wide = matches!(column.kind, Kind::Int64) || column.loose && column.kind.is_integer();
    writer.dialect.capability.loose_columns && is_wide
}

/// Writes the sum of whole numbers as the sum of their halves. A sum that is too large would be an inexact float; a
/// text in its place causes an error of its field only.
fn sum_in_halves(writer: &mut SqlWriter<'_>, select: &Select, reference: ColumnRef) {
    let sum = |writer: &mut SqlWriter<'_>| {
        writer.raw("SUM(");
        column(writer, select, reference.alias, reference.column);
        writer.raw(" >> 32) * 4294967296 + SUM(");
        column(writer, select, reference.alias, reference.column);
        writer.raw(" & 4294967295)");
    };

    writer.raw("CASE typeof(");
    sum(writer);
    writer.raw(") WHEN 'real' THEN 'beyond 64 bits' ELSE ");
    sum(writer);
    writer.raw(" END");
}

/// Writes a column's value in the form in which it is answered, so that it is also compared in that form.
fn output_value(writer: &mut SqlWriter<'_>, select: &Select, reference: ColumnRef) {
    let meta = &select.tables[reference.alias].columns[reference.column];
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

/// Whether a column holds bits, which are read and written as a text of zeros and ones by functions of `MySQL`.
pub(super) fn is_bits(writer: &SqlWriter<'_>, column: &Column) -> bool {
    writer.dialect.capability.texts == Texts::Collated && column.sql_type.is_some_and(|ty| ty.name == "bit")
}

/// Writes the sample variance by sums: `(sum(x²) - sum(x)² / n) / (n - 1)`, null for fewer than two values.
fn variance(writer: &mut SqlWriter<'_>, select: &Select, reference: ColumnRef) {
    let mut part = |before: &'static str, after: &'static str| {
        writer.raw(before);
        column(writer, select, reference.alias, reference.column);
        writer.raw(after);
    };

    part("CASE WHEN COUNT(", ") > 1 THEN ");
    part("MAX(0.0, (SUM(1.0 * ", " * ");
    part("", ") - ");
    part("SUM(1.0 * ", ") * ");
    part("SUM(1.0 * ", ") / ");
    part("COUNT(", ")) / ");
    part("(COUNT(", ") - 1)) END");
}

/// Writes JSON as a value of an extension's type: an object as pairs of texts, `GeoJSON` as a geometry.
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

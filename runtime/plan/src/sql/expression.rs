//! Renders the values of rows.

use super::SqlWriter;
use super::condition::subselect;
use super::json_path;
use super::operand::{column, output_value};
use crate::planner::{Aggregate, ColumnRef, Expression, Select};
use meta::Kind;

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
        Expression::JsonPath(reference, path) => json_path::at(writer, select, *reference, *path),
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
                select.tables[reference.alias.0].columns[reference.column].kind,
                Kind::Money
            );
            if typed && is_money && !matches!(function, Aggregate::Min | Aggregate::Max) {
                // The sum of two amounts may be out of the type's range.
                writer.raw("::numeric");
            }

            let summed = &select.tables[reference.alias.0].columns[reference.column];
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
    let column = &select.tables[reference.alias.0].columns[reference.column];
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

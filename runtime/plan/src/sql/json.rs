//! Values inside JSON, and comparisons of JSON values.

use super::SqlWriter;
use super::operand::{Operand, column, value};
use crate::dialect::Json;
use crate::planner::{ColumnRef, Comparison, Expression, Select};
use crate::sql::Bind;
use meta::Kind;

pub(super) fn compare(
    writer: &mut SqlWriter<'_>,
    select: &Select,
    left: &Operand<'_>,
    comparison: Comparison,
    parameter: usize,
) {
    let json = writer.dialect.capability.json;
    if let (Comparison::IntersectsBox, Expression::Column(reference)) = (comparison, left.expression) {
        return intersects_box(writer, select, *reference, parameter);
    }

    match (json, comparison) {
        (Json::Operators, Comparison::JsonHasKey) => {
            // In an array it would find an element.
            writer.raw("(jsonb_typeof(");
            json_operand(writer, left);
            writer.raw(") = 'object' AND jsonb_exists(");
            json_operand(writer, left);
            writer.raw(", ").bind(Bind::Parameter(parameter)).raw("::text))");
        }
        (Json::Extract, Comparison::JsonHasKey) => {
            writer.raw("JSON_CONTAINS_PATH(");
            json_operand(writer, left);
            writer.raw(", 'one', ").bind(Bind::Parameter(parameter)).raw(")");
        }
        (Json::Arrow, Comparison::JsonHasKey) => {
            writer.raw("CASE WHEN json_valid(");
            json_operand(writer, left);
            writer.raw(") THEN json_type(");
            json_operand(writer, left);
            writer
                .raw(", ")
                .bind(Bind::Parameter(parameter))
                .raw(") IS NOT NULL ELSE FALSE END");
        }
        (Json::Extract, Comparison::JsonContains) => {
            writer.raw("JSON_CONTAINS(");
            json_operand(writer, left);
            writer.raw(", ").bind(Bind::Parameter(parameter)).raw(")");
        }
        (Json::Arrow, Comparison::JsonContains) => {
            // The first character tells the collation which of the two is the value to look for.
            writer.raw("CAST(");
            json_operand(writer, left);
            writer
                .raw(" AS TEXT) COLLATE json_contains = char(1) || ")
                .bind(Bind::Parameter(parameter));
        }
        (_, Comparison::JsonContains) => {
            json_operand(writer, left);
            writer.raw(" @> ");
            value(writer, Kind::Json, None, parameter);
        }
        (Json::Operators, other) => {
            json_operand(writer, left);
            writer.raw(equals(other));
            value(writer, Kind::Json, None, parameter);
        }
        (Json::Extract, other) => {
            // Each contains the other: that is equality, except for the order of lists. A comparison of texts would
            // compare spellings.
            let bind = Bind::Parameter(parameter);
            writer.raw(if other == Comparison::NotEqual { "NOT (" } else { "(" });
            writer.raw("JSON_CONTAINS(");
            json_operand(writer, left);
            writer
                .raw(", ")
                .bind(bind)
                .raw(") AND JSON_CONTAINS(")
                .bind(bind)
                .raw(", ");
            json_operand(writer, left);
            writer.raw("))");
        }
        (Json::Arrow, other) => {
            // Compared by value, as in the other databases: the order of keys and the form of a number make no
            // difference.
            writer.raw("CAST(");
            json_operand(writer, left);
            writer
                .raw(" AS TEXT) COLLATE json_values")
                .raw(equals(other))
                .bind(Bind::Parameter(parameter));
        }
    }
}

/// Writes `geometry && box`, which can use an index on the geometry if its type names the reference system.
fn intersects_box(writer: &mut SqlWriter<'_>, select: &Select, reference: ColumnRef, parameter: usize) {
    let meta = &select.tables[reference.alias.0].columns[reference.column];
    let Some(ty) = meta.sql_type else { return };

    column(writer, select, reference.alias, reference.column);
    writer.raw(" && ").named(ty.namespace, "st_makeenvelope").raw("(");
    for place in 1..=4_usize {
        writer
            .raw("(")
            .bind(Bind::Parameter(parameter))
            .raw("::text[]::double precision[])[")
            .number(place)
            .raw("], ");
    }

    if let Some(srid) = meta.srid {
        writer.number(srid as usize);
    } else {
        writer.named(ty.namespace, "st_srid").raw("(");
        column(writer, select, reference.alias, reference.column);
        writer.raw(")");
    }

    writer.raw(")::").named(ty.namespace, ty.name);
}

fn equals(comparison: Comparison) -> &'static str {
    if comparison == Comparison::NotEqual {
        " <> "
    } else {
        " = "
    }
}

/// Writes the JSON value in the form that the database can search.
fn json_operand(writer: &mut SqlWriter<'_>, left: &Operand<'_>) {
    (left.write)(writer);
    if writer.dialect.capability.json == Json::Operators && matches!(left.expression, Expression::Column(_)) {
        writer.raw("::jsonb");
    }
}

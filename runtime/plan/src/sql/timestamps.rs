//! Points in time in a database that stores them as texts in any form: `2026-01-31 23:59:59`, `2026-01-31T23:59:59.5Z`,
//! `2026-02-01 01:59:59+02:00`. An index narrows them down by day. They are then compared as points in time, by this
//! program's own collation ([`crate::connect`] adds it to each connection).

use super::SqlWriter;
use super::operand::Operand;
use crate::planner::Comparison;
use crate::sql::Bind;

/// Writes a comparison of points in time, and returns whether it did. Orders and cursors use the texts as they are
/// stored, which an index can serve.
pub(super) fn compare(
    writer: &mut SqlWriter<'_>,
    left: &Operand<'_>,
    comparison: Comparison,
    parameter: usize,
) -> bool {
    let bind = Bind::Parameter(parameter);
    let (is_behind, is_before, operator) = match comparison {
        Comparison::Equal => (true, true, " = "),
        Comparison::Less => (false, true, " < "),
        Comparison::LessOrEqual => (false, true, " <= "),
        Comparison::Greater => (true, false, " > "),
        Comparison::GreaterOrEqual => (true, false, " >= "),
        Comparison::NotEqual => (false, false, " <> "),
        Comparison::In => (false, false, " IN (SELECT value FROM json_each("),
        Comparison::NotIn => (false, false, " NOT IN (SELECT value FROM json_each("),
        _ => return false,
    };

    writer.raw("(");
    if is_behind {
        // A zone moves the day by at most one. SQLite has no day before its first or after its last one, so `date` may
        // return null. Seconds since 1970 are numbers, which sort before every text.
        writer.raw("(");
        (left.write)(writer);
        writer.raw(" >= COALESCE(date(").bind(bind).raw(", '-1 day'), '') OR ");
        (left.write)(writer);
        writer.raw(" < '') AND ");
    }

    if is_before {
        (left.write)(writer);
        writer
            .raw(" < COALESCE(date(")
            .bind(bind)
            .raw(", '+2 days'), ':') AND ");
    }

    writer.raw("CAST(");
    (left.write)(writer);
    writer.raw(" AS TEXT) COLLATE moments").raw(operator).bind(bind);
    if matches!(comparison, Comparison::In | Comparison::NotIn) {
        writer.raw("))");
    }
    writer.raw(")");

    true
}

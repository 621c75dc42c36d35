//! Renders conditions.

use super::expression::expression;
use super::joins::joins;
use super::keys::in_list;
use super::operand::{Operand, bound, column, is_foreign_enum, value};
use super::{SqlWriter, json, texts, timestamps};
use crate::dialect::{KeyList, Texts};
use crate::planner::{Comparison, Condition, Expression, Select, Subselect};
use crate::sql::Bind;
use meta::Kind;

pub(super) fn condition(writer: &mut SqlWriter<'_>, select: &Select, wanted: &Condition) {
    match wanted {
        Condition::All(list) if list.is_empty() => {
            writer.raw("1 = 1");
        }
        Condition::Any(list) if list.is_empty() => {
            writer.raw("1 = 0");
        }
        Condition::All(list) => condition_list(writer, select, " AND ", list),
        Condition::Any(list) => condition_list(writer, select, " OR ", list),
        // `EXISTS` is never unknown, and a plain `NOT EXISTS` can be planned as an anti-join.
        Condition::Not(inner) if matches!(**inner, Condition::Exists(_)) => {
            writer.raw("NOT ");
            exists(writer, select, inner);
        }
        Condition::Not(inner) => {
            // `NOT` of unknown is unknown, but a row for which the condition is unknown must match.
            writer.raw("NOT COALESCE(");
            condition(writer, select, inner);
            writer.raw(", 1 = 0)");
        }
        Condition::SqlNot(inner) => {
            writer.raw("NOT (");
            condition(writer, select, inner);
            writer.raw(")");
        }
        Condition::IsNull { expression: left, null } if matches!(select.kind(left), Kind::Composite(_)) => {
            // A composite of nothing but nulls `IS NULL`, although it is a value.
            expression(writer, select, left);
            writer.raw(if *null {
                " IS NOT DISTINCT FROM NULL"
            } else {
                " IS DISTINCT FROM NULL"
            });
        }
        Condition::IsNull { expression: left, null } => {
            expression(writer, select, left);
            if matches_zero_date(writer, select, left) {
                writer.raw(" + 0");
            }
            writer.raw(if *null { " IS NULL" } else { " IS NOT NULL" });
        }
        Condition::IsNullParameter { parameter, kind, null } => {
            value(writer, *kind, None, *parameter);
            writer.raw(if *null { " IS NULL" } else { " IS NOT NULL" });
        }
        Condition::Exists(rows) => match rows.pairs {
            [(here, there)] if writer.dialect.capability.semi_join_by_in => {
                column(writer, select, rows.from, *here);
                writer.raw(" IN (SELECT ");
                column(writer, select, rows.near, *there);
                writer.raw(" FROM ");
                related(writer, select, rows);
                if let Some(wanted) = &rows.condition {
                    writer.raw(" WHERE ");
                    condition(writer, select, wanted);
                }
                writer.raw(")");
            }
            _ => exists(writer, select, wanted),
        },
        Condition::Compare {
            expression,
            comparison,
            parameter,
        } => {
            compare(writer, select, expression, *comparison, *parameter);
        }
    }
}

/// Whether `IS NULL` would match a zero date (`0000-00-00`): in MySQL it does if the column is not nullable.
fn matches_zero_date(writer: &SqlWriter<'_>, select: &Select, left: &Expression) -> bool {
    let is_day = matches!(select.kind(left), Kind::Date | Kind::DateTime | Kind::NaiveDateTime);
    let Expression::Column(column) = left else { return false };
    is_day
        && writer.dialect.capability.texts == Texts::Collated
        && !select.tables[column.alias.0].columns[column.column].nullable
}

/// The most conditions that are written side by side. SQLite parses `a OR b OR c` as a tree as deep as it is long,
/// and rejects one of 1,000 levels.
const MAX_SIBLING_CONDITIONS: usize = 64;

/// Writes conditions in parentheses; a long list is split in halves.
fn condition_list(writer: &mut SqlWriter<'_>, select: &Select, word: &'static str, list: &[Condition]) {
    writer.raw("(");
    if list.len() > MAX_SIBLING_CONDITIONS {
        let (first, second) = list.split_at(list.len() / 2);
        condition_list(writer, select, word, first);
        writer.raw(word);
        condition_list(writer, select, word, second);
    } else {
        writer.list(word, list, |writer, part| condition(writer, select, part));
    }
    writer.raw(")");
}

fn exists(writer: &mut SqlWriter<'_>, select: &Select, wanted: &Condition) {
    let Condition::Exists(rows) = wanted else { return };
    writer.raw("EXISTS (SELECT 1 FROM ");
    subselect(writer, select, rows);
    writer.raw(if writer.dialect.capability.exists_as_number {
        ") = 1"
    } else {
        ")"
    });
}

/// Writes the tables of a subselection.
fn related(writer: &mut SqlWriter<'_>, select: &Select, rows: &Subselect) {
    writer.table(select.tables[rows.alias.0]).raw(" t").number(rows.alias.0);
    joins(writer, select, &rows.joins);
}

/// Writes the tables of a subselection and its condition, after `FROM`.
pub(super) fn subselect(writer: &mut SqlWriter<'_>, select: &Select, rows: &Subselect) {
    related(writer, select, rows);
    writer.raw(" WHERE ");
    writer.list(" AND ", rows.pairs, |writer, &(here, there)| {
        column(writer, select, rows.near, there);
        writer.raw(" = ");
        column(writer, select, rows.from, here);
    });

    if let Some(wanted) = &rows.condition {
        writer.raw(" AND ");
        condition(writer, select, wanted);
    }
}

/// Writes the forms in which programs store a UUID in a database without such a type: lower case, upper case, sixteen
/// bytes. Each is looked up in the index.
fn uuid_forms(writer: &mut SqlWriter<'_>, parameter: usize, word: &'static str) {
    let bind = Bind::Parameter(parameter);
    writer
        .raw(word)
        .bind(bind)
        .raw(", upper(")
        .bind(bind)
        .raw("), unhex(")
        .bind(bind)
        .raw(", '-'))");
}

fn compare(writer: &mut SqlWriter<'_>, select: &Select, left: &Expression, comparison: Comparison, parameter: usize) {
    let (kind, named) = (select.kind(left), select.sql_type(left));
    let operand = Operand {
        expression: left,
        write: &|writer| expression(writer, select, left),
    };
    if matches!(kind, Kind::Text | Kind::Unknown) && texts::compare(writer, select, &operand, comparison, parameter) {
        return;
    }

    if matches!(kind, Kind::DateTime | Kind::NaiveDateTime)
        && writer.dialect.capability.texts == Texts::Binary
        && timestamps::compare(writer, &operand, comparison, parameter)
    {
        return;
    }

    if matches!(kind, Kind::Json) {
        return json::compare(writer, select, &operand, comparison, parameter);
    }

    if writer.dialect.capability.typed_parameters && matches!(kind, Kind::Unknown) {
        // Types that have `=` need not have `<>`.
        let positive = match comparison {
            Comparison::NotEqual => Some(Comparison::Equal),
            Comparison::NotIn => Some(Comparison::In),
            _ => None,
        };

        if let Some(positive) = positive {
            writer.raw("NOT (");
            compare(writer, select, left, positive, parameter);
            writer.raw(")");
            return;
        }
    }

    expression(writer, select, left);
    if writer.dialect.capability.typed_parameters && is_foreign_enum(kind) {
        writer.raw("::text");
    }
    if named.is_none() && kind.is_array() && matches!(kind.innermost(), Kind::Text) {
        // The elements may be declared as any text type.
        writer.raw("::text[]");
    }

    if matches!(kind, Kind::Bytes) && writer.dialect.capability.loose_columns {
        // A text stored in place of bytes is answered like its bytes.
        let bind = Bind::Parameter(parameter);
        match comparison {
            Comparison::Equal | Comparison::NotEqual => {
                writer.raw(if comparison == Comparison::Equal {
                    " IN ("
                } else {
                    " NOT IN ("
                });
                writer.bind(bind).raw(", CAST(").bind(bind).raw(" AS TEXT))");
                return;
            }
            Comparison::In | Comparison::NotIn => {
                writer.raw(if comparison == Comparison::In {
                    " IN ("
                } else {
                    " NOT IN ("
                });
                writer
                    .raw("SELECT unhex(value) FROM json_each(")
                    .bind(bind)
                    .raw(") UNION ALL ");
                writer
                    .raw("SELECT CAST(unhex(value) AS TEXT) FROM json_each(")
                    .bind(bind)
                    .raw("))");
                return;
            }
            _ => {}
        }
    }

    if matches!(kind, Kind::Uuid) && writer.dialect.capability.texts == Texts::Binary {
        match comparison {
            Comparison::Equal => return uuid_forms(writer, parameter, " IN ("),
            Comparison::NotEqual => return uuid_forms(writer, parameter, " NOT IN ("),
            Comparison::In | Comparison::NotIn => {
                writer.raw(if comparison == Comparison::In {
                    " IN ("
                } else {
                    " NOT IN ("
                });
                writer
                    .raw("SELECT value FROM json_each(")
                    .bind(Bind::Parameter(parameter))
                    .raw(") UNION ALL ");
                writer
                    .raw("SELECT upper(value) FROM json_each(")
                    .bind(Bind::Parameter(parameter))
                    .raw(") UNION ALL ");
                writer
                    .raw("SELECT unhex(value, '-') FROM json_each(")
                    .bind(Bind::Parameter(parameter))
                    .raw("))");
                return;
            }
            _ => {}
        }
    }

    let operator = match comparison {
        Comparison::NotEqual => " <> ",
        Comparison::Less | Comparison::Before => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater | Comparison::After => " > ",
        Comparison::GreaterOrEqual => " >= ",
        Comparison::In => return in_list(writer, kind, named, parameter, false),
        Comparison::NotIn => return in_list(writer, kind, named, parameter, true),
        Comparison::ArrayContains => " @> ",
        Comparison::ArrayContainedBy => " <@ ",
        Comparison::ArrayOverlaps => " && ",
        // Comparisons of texts have been written above.
        _ => " = ",
    };

    writer.raw(operator);
    let is_amount = matches!(kind, Kind::Decimal(_) | Kind::UInt64 | Kind::Money);
    if writer.dialect.capability.key_list == KeyList::JsonEach && is_amount && matches!(left, Expression::Aggregate(..))
    {
        // An aggregate has no type, so a text would not be compared as a number.
        writer.raw("CAST(");
        value(writer, kind, named, parameter);
        writer.raw(" AS NUMERIC)");
        return;
    }

    match (comparison, kind) {
        (Comparison::ArrayContains, Kind::Range(range)) => bound(writer, range, parameter),
        _ => value(writer, kind, named, parameter),
    }
}

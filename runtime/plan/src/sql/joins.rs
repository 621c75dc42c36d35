//! Joined tables and their conditions.

use super::SqlWriter;
use super::condition::condition;
use super::operand::column;
use crate::planner::{Join, JoinPairs, Select};
use meta::TargetRow;

/// Writes joined tables: a missing row of a to-one relation leaves nulls.
pub(super) fn joins(writer: &mut SqlWriter<'_>, select: &Select, joins: &[Join]) {
    for join in joins {
        writer.raw(match join.pairs {
            JoinPairs::ToOne(_) => " LEFT JOIN ",
            JoinPairs::Through(_) => " JOIN ",
        });
        if join.target_row == TargetRow::Own {
            // A foreign key refers to the rows of the table itself, not of tables that inherit from it.
            writer.raw("ONLY ");
        }

        writer
            .table(select.tables[join.alias.0])
            .raw(" t")
            .number(join.alias.0)
            .raw(" ON ");
        join_condition(writer, select, join);
    }
}

pub(super) fn join_condition(writer: &mut SqlWriter<'_>, select: &Select, join: &Join) {
    writer.list(" AND ", join.columns(), |writer, (here, there)| {
        column(writer, select, join.alias, there);
        writer.raw(" = ");
        column(writer, select, join.from, here);
    });
    if join.target_row == TargetRow::First {
        no_earlier_row(writer, select, join);
    }
    if let Some(row_filter) = &join.row_filter {
        writer.raw(" AND ");
        condition(writer, select, row_filter);
    }
}

/// Writes `AND NOT EXISTS` a row with the same key and a smaller primary key.
fn no_earlier_row(writer: &mut SqlWriter<'_>, select: &Select, join: &Join) {
    let table = select.tables[join.alias.0];
    let key = |writer: &mut SqlWriter<'_>, is_earlier: bool| {
        writer.raw("(").list(", ", table.primary_key, |writer, &at| {
            if is_earlier {
                writer.raw("e.").identifier(table.columns[at].name);
            } else {
                column(writer, select, join.alias, at);
            }
        });
        writer.raw(")");
    };

    writer
        .raw(" AND NOT EXISTS (SELECT 1 FROM ")
        .table(table)
        .raw(" e WHERE ");
    writer.list(" AND ", join.columns(), |writer, (_, there)| {
        writer.raw("e.").identifier(table.columns[there].name).raw(" = ");
        column(writer, select, join.alias, there);
    });

    writer.raw(" AND ");
    key(writer, true);
    writer.raw(" < ");
    key(writer, false);
    writer.raw(")");
}

//! Statements that write: insert rows, and update or delete the rows of a list of keys.

use super::SqlWriter;
use super::keys::{in_stored_keys, key_list, link_condition};
use super::operand::{is_bits, is_foreign_enum, value};
use super::render::readable_form;
use crate::dialect::{Dialect, Keyed};
use crate::planner::Alias;
use crate::planner::{ColumnRef, KeyLink, Select};
use crate::sql::{Bind, Statement, StatementKind};
use meta::{Column, Kind, Table};

/// Reads the step between two numbers that a database assigns to rows (MySQL).
pub const NUMBERING_STEP: &str = "SELECT CAST(@@auto_increment_increment AS SIGNED)";

/// Inserts rows. The parameters are the values row by row, each row's in the order of `columns`. If the database can,
/// it returns the columns `returning` of each row.
pub fn insert(dialect: &Dialect, table: &Table, columns: &[usize], rows: usize, returning: &[usize]) -> Statement {
    let mut writer = SqlWriter::new(dialect);
    writer.raw("INSERT INTO ").table(table);

    if columns.is_empty() && dialect.capability.keyed != Keyed::Join {
        // One row at a time, which the caller ensures.
        writer.raw(" DEFAULT VALUES");
    } else {
        writer.raw(" (").list(", ", columns, |writer, &column| {
            writer.identifier(table.columns[column].name);
        });
        writer.raw(") VALUES ").list(", ", 0..rows, |writer, row| {
            writer
                .raw("(")
                .list(", ", columns.iter().enumerate(), |writer, (at, &column)| {
                    assignment_value(writer, &table.columns[column], row * columns.len() + at);
                });
            writer.raw(")");
        });
    }

    if dialect.capability.returning && !returning.is_empty() {
        writer.raw(" RETURNING ");
        writer.list(", ", returning, |writer, &column| {
            returning_column(writer, table, column);
        });
    }
    writer.finish(StatementKind::Write)
}

fn returning_column(writer: &mut SqlWriter<'_>, table: &Table, column: usize) {
    writer.identifier(table.columns[column].name);
    if writer.dialect.capability.typed_parameters {
        readable_form(writer, table.columns[column].kind);
    }
}

/// Whether a column's value is sent as a text without a type, so that the database infers the type from the column: the
/// type's name is not known here.
pub fn is_inferred(dialect: &Dialect, kind: Kind) -> bool {
    dialect.capability.typed_parameters && (is_foreign_enum(kind) || matches!(kind, Kind::Unknown | Kind::Composite(_)))
}

/// Writes a parameter as the value of a column.
fn assignment_value(writer: &mut SqlWriter<'_>, column: &Column, parameter: usize) {
    if is_inferred(writer.dialect, column.kind) {
        writer.bind(Bind::Parameter(parameter));
        return;
    }
    if is_bits(writer, column) {
        writer
            .raw("CAST(CONV(")
            .bind(Bind::Parameter(parameter))
            .raw(", 2, 10) AS UNSIGNED)");
        return;
    }
    value(writer, column.kind, column.sql_type, parameter);
}

fn assignments(writer: &mut SqlWriter<'_>, table: &Table, columns: &[usize], prefix: &'static str) {
    writer
        .raw(" SET ")
        .list(", ", columns.iter().enumerate(), |writer, (at, &column)| {
            writer.raw(prefix).identifier(table.columns[column].name).raw(" = ");
            assignment_value(writer, &table.columns[column], at);
        });
}

/// Updates the rows of a list of keys. The parameters are the new values in the order of `columns`.
pub fn update(dialect: &Dialect, table: &'static Table, columns: &[usize], key: &[usize]) -> Statement {
    let mut writer = SqlWriter::new(dialect);
    let (select, link) = keyed_rows(table, key);

    match dialect.capability.keyed {
        Keyed::From => {
            writer.raw("UPDATE ").table(table).raw(" t0");
            assignments(&mut writer, table, columns, "");
            writer.raw(" FROM ");
            key_list(&mut writer, &link);
            writer.raw(" WHERE ");
            link_condition(&mut writer, &select, &link);
        }
        Keyed::Join => {
            writer.raw("UPDATE ");
            key_list(&mut writer, &link);
            writer.raw(" JOIN ").table(table).raw(" t0 ON ");
            link_condition(&mut writer, &select, &link);
            assignments(&mut writer, table, columns, "t0.");
        }
        Keyed::In => {
            writer.raw("UPDATE ").table(table);
            assignments(&mut writer, table, columns, "");
            writer.raw(" WHERE ");
            in_stored_keys(&mut writer, &link);
        }
    }
    writer.finish(StatementKind::Write)
}

/// Removes the rows of the keys.
pub fn delete(dialect: &Dialect, table: &'static Table, key: &[usize]) -> Statement {
    let mut writer = SqlWriter::new(dialect);
    let (select, link) = keyed_rows(table, key);

    match dialect.capability.keyed {
        Keyed::From => {
            writer.raw("DELETE FROM ").table(table).raw(" t0 USING ");
            key_list(&mut writer, &link);
            writer.raw(" WHERE ");
            link_condition(&mut writer, &select, &link);
        }
        Keyed::Join => {
            writer.raw("DELETE t0 FROM ");
            key_list(&mut writer, &link);
            writer.raw(" JOIN ").table(table).raw(" t0 ON ");
            link_condition(&mut writer, &select, &link);
        }
        Keyed::In => {
            writer.raw("DELETE FROM ").table(table);
            writer.raw(" WHERE ");
            in_stored_keys(&mut writer, &link);
        }
    }
    writer.finish(StatementKind::Write)
}

/// The link between a table's rows and a list of keys.
fn keyed_rows(table: &'static Table, key: &[usize]) -> (Select, KeyLink) {
    let columns = key
        .iter()
        .map(|&column| {
            (
                ColumnRef {
                    alias: Alias::MAIN,
                    column,
                },
                &table.columns[column],
            )
        })
        .collect();
    (Select::new(table), KeyLink { columns })
}

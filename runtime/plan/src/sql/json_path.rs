//! Values inside JSON, by their path.

use super::SqlWriter;
use super::operand::column;
use crate::dialect::Json;
use crate::planner::{ColumnRef, Select};
use crate::sql::Bind;

/// Writes the value at a path as JSON; `NULL` if there is none, or if it is JSON's `null`.
pub(super) fn at(writer: &mut SqlWriter<'_>, select: &Select, reference: ColumnRef, path: usize) {
    let path = Bind::Parameter(path);
    match writer.dialect.capability.json {
        Json::Operators => {
            writer.raw("NULLIF(");
            column(writer, select, reference.alias, reference.column);
            writer.raw("::jsonb #> ").bind(path).raw("::text[], 'null'::jsonb)");
        }
        Json::Extract => {
            let extract = |writer: &mut SqlWriter<'_>| {
                writer.raw("JSON_EXTRACT(");
                column(writer, select, reference.alias, reference.column);
                writer.raw(", ").bind(path).raw(")");
            };

            writer.raw("CASE WHEN JSON_TYPE(");
            extract(writer);
            writer.raw(") <> 'NULL' THEN ");
            extract(writer);
            writer.raw(" END");
        }
        Json::Arrow => {
            // Not every text in such a column is JSON, and reading from one that is not fails the whole statement.
            writer.raw("CASE WHEN json_valid(");
            column(writer, select, reference.alias, reference.column);
            writer.raw(") THEN NULLIF(");
            column(writer, select, reference.alias, reference.column);
            writer.raw(" -> ").bind(path).raw(", 'null') END");
        }
    }
}

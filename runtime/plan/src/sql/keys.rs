//! Lists that are passed as one parameter: the parents' keys of a level, and the values of `in`.

use super::SqlWriter;
use super::operand::{cast_array, column, output_value};
use crate::dialect::KeyList;
use crate::planner::{KeyLink, Select};
use crate::sql::Bind;
use meta::{Column, Kind, SqlType};

pub(super) fn link_condition(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    let from_json = writer.dialect.capability.key_list == KeyList::JsonEach;
    writer.list(" AND ", link.columns.iter().enumerate(), |writer, (at, &(there, _))| {
        if from_json && matches!(link.columns[at].1.kind, Kind::Unknown) {
            // It may be of any storage class, and is answered as a text.
            output_value(writer, select, there);
        } else {
            column(writer, select, there.alias, there.column);
        }

        writer.raw(" = ");
        if from_json {
            key_from_json(writer, "k.", link, at);
        } else {
            key_from_table(writer, link.columns[at].1, at);
        }
    });
}

/// Writes a key's value from the table `k` of a list, in the type and collation of its column.
fn key_from_table(writer: &mut SqlWriter<'_>, column: &Column, at: usize) {
    let is_json = writer.dialect.capability.key_list == KeyList::JsonTable;
    let (before, after) = match (column.kind, column.sql_type) {
        (Kind::Bytes, _) if is_json => ("UNHEX(", ")"),
        (Kind::Unknown, Some(ty)) if is_json && ty.name == "bit" => ("CAST(CONV(", ", 2, 10) AS UNSIGNED)"),
        // The text is converted to the column's character set.
        (_, Some(ty)) if is_json && ty.namespace.is_some() => ("CONVERT(", " USING "),
        _ => ("", ""),
    };

    writer.raw(before).raw("k.k").number(at).raw(after);

    // The name of a type, such as `set`, is not a collation.
    let collation = column.sql_type.filter(|ty| is_json && ty.name.contains('_'));
    if let (Kind::Text | Kind::Enum(_), Some(ty)) = (column.kind, collation) {
        if let Some(character_set) = ty.namespace {
            writer.raw(character_set).raw(")");
        }
        writer.raw(" COLLATE ").raw(ty.name);
    }
}

/// Writes a key's value from a JSON list, as it is stored. Bytes have no form in JSON and are passed as an object.
fn key_from_json(writer: &mut SqlWriter<'_>, prefix: &'static str, link: &KeyLink, at: usize) {
    let is_composite = link.columns.len() > 1;
    let place = |writer: &mut SqlWriter<'_>, before: &'static str, member: &'static str| {
        writer.raw(before).raw(prefix).raw("value, '$");
        if is_composite {
            writer.raw("[").number(at).raw("]");
        }
        writer.raw(member).raw("')");
    };

    if may_be_bytes(link.columns[at].1.kind) {
        // `json_each` returns the object as a text; a text that only looks like one is not an object.
        writer.raw("CASE WHEN ");
        if is_composite {
            place(writer, "json_type(", "");
        } else {
            writer.raw(prefix).raw("type");
        }
        writer.raw(" = 'object' THEN unhex(");
        place(writer, "json_extract(", ".hex");
        writer.raw(") ELSE ");
    }

    if is_composite {
        place(writer, "json_extract(", "");
    } else {
        writer.raw(prefix).raw("value");
    }

    if may_be_bytes(link.columns[at].1.kind) {
        writer.raw(" END");
    }
}

/// Whether values of a kind may be stored as bytes in columns that accept any storage class.
fn may_be_bytes(kind: Kind) -> bool {
    matches!(kind, Kind::Bytes | Kind::Uuid)
}

/// Writes the condition that a table's key is in a JSON list.
pub(super) fn in_stored_keys(writer: &mut SqlWriter<'_>, link: &KeyLink) {
    writer.raw("(").list(", ", &link.columns, |writer, (_, column)| {
        if matches!(column.kind, Kind::Unknown) {
            writer.raw("CAST(").identifier(column.name).raw(" AS TEXT)");
        } else {
            writer.identifier(column.name);
        }
    });

    writer
        .raw(") IN (SELECT ")
        .list(", ", 0..link.columns.len(), |writer, at| {
            key_from_json(writer, "", link, at);
        });

    writer.raw(" FROM json_each(").bind(Bind::KeysJson).raw("))");
}

/// Writes the parents' keys with their positions, as the table `k`.
pub(super) fn key_list(writer: &mut SqlWriter<'_>, link: &KeyLink) {
    let indexes = 0..link.columns.len();
    match writer.dialect.capability.key_list {
        KeyList::Unnest => {
            writer.raw("unnest(");
            writer.list(", ", indexes.clone(), |writer, at| {
                let column = link.columns[at].1;
                array(writer, Bind::Keys(at), column.kind, column.sql_type);
            });
            writer.raw(") WITH ORDINALITY k(");
            writer.list(", ", indexes, |writer, at| {
                writer.raw("k").number(at);
            });
            writer.raw(", ord)");
        }
        KeyList::JsonTable => {
            writer
                .raw("JSON_TABLE(")
                .bind(Bind::KeysJson)
                .raw(", '$[*]' COLUMNS (ord FOR ORDINALITY, ");
            writer.list(", ", indexes, |writer, at| {
                writer
                    .raw("k")
                    .number(at)
                    .raw(" ")
                    .raw(json_table_type(link.columns[at].1.kind))
                    .raw(" PATH '$");
                if link.columns.len() > 1 {
                    writer.raw("[").number(at).raw("]");
                }
                writer.raw("'");
            });
            writer.raw(")) k");
        }
        KeyList::JsonEach => {
            // `json_each` counts from zero; the reader counts from one.
            writer.raw("(SELECT key + 1 AS ord, value");
            if link.columns.len() == 1 && may_be_bytes(link.columns[0].1.kind) {
                writer.raw(", type");
            }
            writer.raw(" FROM json_each(").bind(Bind::KeysJson).raw(")) k");
        }
    }
}

/// Writes `IN` with a list that is one parameter. Texts of `JSON_TABLE` are bytes, as the caller compares them.
pub(super) fn in_list(writer: &mut SqlWriter<'_>, kind: Kind, named: Option<SqlType>, parameter: usize, negated: bool) {
    let bind = Bind::Parameter(parameter);
    match writer.dialect.capability.key_list {
        KeyList::Unnest => {
            writer.raw(if negated { " <> ALL (" } else { " = ANY (" });
            array(writer, bind, kind, named);
            writer.raw(")");
        }
        KeyList::JsonTable => {
            writer.raw(if negated { " NOT IN (" } else { " IN (" });
            let texts = matches!(kind, Kind::Text | Kind::Unknown);
            writer.raw(match kind {
                Kind::Bytes => "SELECT UNHEX(v)",
                _ if texts => "SELECT CAST(v AS BINARY)",
                // The number as the column would store it.
                Kind::Float32 => "SELECT CAST(v AS FLOAT)",
                _ => "SELECT v",
            });
            writer.raw(" FROM JSON_TABLE(").bind(bind).raw(", '$[*]' COLUMNS (v ");
            writer.raw(json_table_type(kind)).raw(" PATH '$')) j)");
        }
        KeyList::JsonEach => {
            writer.raw(if negated { " NOT IN (" } else { " IN (" });
            writer.raw(if matches!(kind, Kind::Bytes) {
                "SELECT unhex(value)"
            } else {
                "SELECT value"
            });
            writer.raw(" FROM json_each(").bind(bind).raw("))");
        }
    }
}

/// Writes a list parameter cast to an array of a kind. It is sent as integers or texts.
fn array(writer: &mut SqlWriter<'_>, bind: Bind, kind: Kind, named: Option<SqlType>) {
    writer.bind(bind);
    cast_array(writer, kind, named);
}

fn json_table_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool | Kind::Int16 | Kind::Int32 | Kind::Int64 => "BIGINT",
        Kind::UInt64 => "BIGINT UNSIGNED",
        Kind::Float32 | Kind::Float64 => "DOUBLE",
        Kind::Decimal(_) => "DECIMAL(65, 30)",
        Kind::DateTime | Kind::NaiveDateTime => "DATETIME(6)",
        Kind::Date => "DATE",
        Kind::Time => "TIME(6)",
        // A text of any length, which a VARCHAR would truncate. It is in the connection's character set, not in the
        // database's.
        _ => "LONGTEXT CHARACTER SET utf8mb4",
    }
}

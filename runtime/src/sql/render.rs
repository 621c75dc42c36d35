//! A [`Select`] in a database's spelling.

use super::{Dialect, KeyList, PerParent, SqlWriter};
use crate::meta::Kind;
use crate::plan::{Bind, ColumnRef, Comparison, Condition, Direction, KeyLink, Page, Select, Statement};

/// The statement of a selection. Slots are its columns in order; that of a level with parents begins with the
/// parent's place in the key list.
pub fn render(dialect: &Dialect, select: &Select) -> Statement {
    let mut writer = SqlWriter::new(dialect);
    match (&select.link, dialect.capability.per_parent) {
        (None, _) => plain(&mut writer, select),
        (Some(link), PerParent::Lateral) => lateral(&mut writer, select, link),
        (Some(link), PerParent::RowNumber) => numbered(&mut writer, select, link),
    }
    writer.finish()
}

fn plain(writer: &mut SqlWriter<'_>, select: &Select) {
    writer.raw("SELECT ");
    columns(writer, select, false);
    writer.raw(" FROM ");
    tables(writer, select);
    filter(writer, select, None);
    order(writer, select);
    if let Some(page) = select.page {
        limit(writer, page);
    }
}

/// `SELECT k.ord, x.* FROM keys k CROSS JOIN LATERAL (rows of one key, limited) x`.
/// Rows of one key come in the order of the inner selection; the reader gathers them by `ord`.
fn lateral(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    writer.raw("SELECT k.ord, x.* FROM ");
    key_list(writer, link);
    writer.raw(" CROSS JOIN LATERAL (SELECT ");
    columns(writer, select, true);
    writer.raw(" FROM ");
    tables(writer, select);
    filter(writer, select, Some(link));
    order(writer, select);
    if let Some(page) = select.page {
        limit(writer, page);
    }
    writer.raw(") x");
}

/// Every row of every key, numbered within its key; the numbers are the limit.
fn numbered(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    writer.raw("SELECT x.ord");
    for slot in 0..select.columns.len() {
        writer.raw(", x.c").number(slot);
    }
    writer.raw(" FROM (SELECT k.ord AS ord, ");
    columns(writer, select, true);
    writer.raw(", ROW_NUMBER() OVER (PARTITION BY k.ord");
    order(writer, select);
    writer.raw(") AS rn FROM ");
    key_list(writer, link);
    writer.raw(" JOIN ").table(select.table).raw(" t0 ON ");
    link_condition(writer, select, link);
    joins(writer, select);
    filter(writer, select, None);
    writer.raw(") x");
    if let Some(Page { limit, offset }) = select.page {
        if let Some(limit) = limit {
            writer.raw(" WHERE x.rn <= ").bind(Bind::Parameter(limit));
            if let Some(offset) = offset {
                writer.raw(" + ").bind(Bind::Parameter(offset));
                writer.raw(" AND x.rn > ").bind(Bind::Parameter(offset));
            }
        } else if let Some(offset) = offset {
            writer.raw(" WHERE x.rn > ").bind(Bind::Parameter(offset));
        }
    }
    writer.raw(" ORDER BY x.ord, x.rn");
}

fn columns(writer: &mut SqlWriter<'_>, select: &Select, named: bool) {
    if select.columns.is_empty() {
        // Only `__typename` was asked for: the rows still count.
        writer.raw("1");
        if named {
            writer.raw(" AS c0");
        }
        return;
    }
    writer.list(", ", select.columns.iter().enumerate(), |writer, (slot, &reference)| {
        let text_form = writer.dialect.capability.typed_parameters && matches!(select.kind(reference), Kind::Unknown);
        column(writer, select, reference);
        if text_form {
            writer.raw("::text");
        }
        if named {
            writer.raw(" AS c").number(slot);
        }
    });
}

fn column(writer: &mut SqlWriter<'_>, select: &Select, column: ColumnRef) {
    let name = select.table_of(column.alias).columns[column.column].name;
    writer.raw("t").number(column.alias).raw(".").identifier(name);
}

fn tables(writer: &mut SqlWriter<'_>, select: &Select) {
    writer.table(select.table).raw(" t0");
    joins(writer, select);
}

fn joins(writer: &mut SqlWriter<'_>, select: &Select) {
    for (at, join) in select.joins.iter().enumerate() {
        writer.raw(" LEFT JOIN ").table(join.table).raw(" t").number(at + 1).raw(" ON ");
        writer.list(" AND ", join.pairs, |writer, &(here, there)| {
            column(writer, select, ColumnRef { alias: at + 1, column: there });
            writer.raw(" = ");
            column(writer, select, ColumnRef { alias: join.from, column: here });
        });
    }
}

fn link_condition(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    let from_json = writer.dialect.capability.key_list == KeyList::JsonEach;
    writer.list(" AND ", link.columns.iter().enumerate(), |writer, (at, &(there, _))| {
        column(writer, select, ColumnRef { alias: 0, column: there });
        writer.raw(" = ");
        match (from_json, link.columns.len()) {
            (true, 1) => writer.raw("k.value"),
            (true, _) => writer.raw("json_extract(k.value, '$[").number(at).raw("]')"),
            (false, _) => writer.raw("k.k").number(at),
        };
    });
}

fn key_list(writer: &mut SqlWriter<'_>, link: &KeyLink) {
    let indexes = 0..link.columns.len();
    match writer.dialect.capability.key_list {
        KeyList::Unnest => {
            // A key travels as integer or text; a cast makes it the column's kind.
            writer.raw("unnest(");
            writer.list(", ", indexes.clone(), |writer, at| {
                writer.bind(Bind::Keys(at));
                if !link.columns[at].1.is_integer() {
                    writer.raw("::text[]");
                }
                writer.raw("::").raw(array_type(link.columns[at].1));
            });
            writer.raw(") WITH ORDINALITY k(");
            writer.list(", ", indexes, |writer, at| {
                writer.raw("k").number(at);
            });
            writer.raw(", ord)");
        }
        KeyList::JsonTable => {
            writer.raw("JSON_TABLE(").bind(Bind::KeysJson).raw(", '$[*]' COLUMNS (ord FOR ORDINALITY, ");
            writer.list(", ", indexes, |writer, at| {
                writer.raw("k").number(at).raw(" ").raw(json_table_type(link.columns[at].1)).raw(" PATH '$");
                if link.columns.len() > 1 {
                    writer.raw("[").number(at).raw("]");
                }
                writer.raw("'");
            });
            writer.raw(")) k");
        }
        KeyList::JsonEach => {
            // `json_each` counts from zero; the reader counts from one.
            writer.raw("(SELECT key + 1 AS ord, value FROM json_each(").bind(Bind::KeysJson).raw(")) k");
        }
    }
}

/// The array type that a list of keys is cast to.
fn array_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean[]",
        Kind::Int16 | Kind::Int32 | Kind::Int64 => "bigint[]",
        Kind::UInt64 | Kind::Decimal(_) => "numeric[]",
        Kind::Float32 | Kind::Float64 => "double precision[]",
        Kind::Uuid => "uuid[]",
        Kind::DateTime => "timestamptz[]",
        Kind::NaiveDateTime => "timestamp[]",
        Kind::Date => "date[]",
        Kind::Time => "time[]",
        Kind::Duration => "interval[]",
        _ => "text[]",
    }
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
        _ => "VARCHAR(768)",
    }
}

fn filter(writer: &mut SqlWriter<'_>, select: &Select, link: Option<&KeyLink>) {
    if link.is_none() && select.condition.is_none() {
        return;
    }
    writer.raw(" WHERE ");
    if let Some(link) = link {
        link_condition(writer, select, link);
        if select.condition.is_some() {
            writer.raw(" AND ");
        }
    }
    if let Some(condition) = &select.condition {
        self::condition(writer, select, condition);
    }
}

fn condition(writer: &mut SqlWriter<'_>, select: &Select, condition: &Condition) {
    match condition {
        Condition::All(list) if list.is_empty() => {
            writer.raw("1 = 1");
        }
        Condition::Any(list) if list.is_empty() => {
            writer.raw("1 = 0");
        }
        Condition::All(list) => {
            writer.raw("(").list(" AND ", list, |writer, part| self::condition(writer, select, part)).raw(")");
        }
        Condition::Any(list) => {
            writer.raw("(").list(" OR ", list, |writer, part| self::condition(writer, select, part)).raw(")");
        }
        Condition::Not(inner) => {
            // `NOT` of unknown is unknown; a row for which the condition is unknown does not fulfil it.
            writer.raw("NOT COALESCE(");
            self::condition(writer, select, inner);
            writer.raw(", 1 = 0)");
        }
        Condition::IsNull { column: reference, null } => {
            column(writer, select, *reference);
            writer.raw(if *null { " IS NULL" } else { " IS NOT NULL" });
        }
        Condition::Compare { column: reference, comparison, parameter } => {
            compare(writer, select, *reference, *comparison, *parameter);
        }
    }
}

fn compare(
    writer: &mut SqlWriter<'_>,
    select: &Select,
    reference: ColumnRef,
    comparison: Comparison,
    parameter: usize,
) {
    let kind = select.kind(reference);
    let as_text = writer.dialect.capability.typed_parameters && is_foreign_enum(kind);
    column(writer, select, reference);
    if as_text {
        writer.raw("::text");
    }
    writer.raw(match comparison {
        Comparison::Equal => " = ",
        Comparison::NotEqual => " <> ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
        Comparison::In => " IN ",
        Comparison::NotIn => " NOT IN ",
    });
    value(writer, kind, parameter);
}

/// An enumeration whose type's name is not known here is compared by its labels.
fn is_foreign_enum(kind: Kind) -> bool {
    matches!(kind, Kind::Enum(ty) if ty.database_type.is_none())
}

/// A parameter with the cast that makes it the column's kind.
fn value(writer: &mut SqlWriter<'_>, kind: Kind, parameter: usize) {
    writer.bind(Bind::Parameter(parameter));
    if !writer.dialect.capability.typed_parameters {
        return;
    }
    match kind {
        Kind::Decimal(_) | Kind::UInt64 => writer.raw("::text::numeric"),
        Kind::Uuid => writer.raw("::text::uuid"),
        Kind::DateTime => writer.raw("::text::timestamptz"),
        Kind::NaiveDateTime => writer.raw("::text::timestamp"),
        Kind::Date => writer.raw("::text::date"),
        Kind::Time => writer.raw("::text::time"),
        Kind::Duration => writer.raw("::text::interval"),
        Kind::Json => writer.raw("::text::jsonb"),
        Kind::Enum(ty) => {
            if let Some((namespace, name)) = ty.database_type {
                writer.raw("::text::");
                if let Some(namespace) = namespace {
                    writer.identifier(namespace).raw(".");
                }
                writer.identifier(name);
            }
            writer
        }
        _ => writer,
    };
}

fn order(writer: &mut SqlWriter<'_>, select: &Select) {
    if select.order.is_empty() {
        return;
    }
    writer.raw(" ORDER BY ");
    writer.list(", ", &select.order, |writer, order| {
        column(writer, select, order.column);
        if order.direction == Direction::Descending {
            writer.raw(" DESC");
        }
    });
}

fn limit(writer: &mut SqlWriter<'_>, page: Page) {
    match (page.limit, page.offset) {
        (Some(limit), _) => {
            writer.raw(" LIMIT ").bind(Bind::Parameter(limit));
        }
        (None, Some(_)) if writer.dialect.capability.offset_needs_limit => {
            writer.raw(" LIMIT 9223372036854775807");
        }
        (None, _) => {}
    }
    if let Some(offset) = page.offset {
        writer.raw(" OFFSET ").bind(Bind::Parameter(offset));
    }
}

//! A [`Select`] in a database's spelling.

use super::condition::condition;
use super::expression::{column, expression};
use super::keys::{key_list, link_condition};
use super::{Dialect, PerParent, SqlWriter};
use crate::meta::Kind;
use crate::plan::{Bind, Direction, Expression, Join, KeyLink, Limit, Nulls, Order, Page, Select, Statement};

/// The statement of a selection. Slots are its columns in order; that of a level with parents begins with the
/// parent's place in the key list.
pub fn render(dialect: &Dialect, select: &Select) -> Statement {
    let mut writer = SqlWriter::new(dialect);
    match (&select.link, dialect.capability.per_parent) {
        (None, _) => plain(&mut writer, select),
        (Some(link), _) if select.aggregated => grouped(&mut writer, select, link),
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
    keys_and_tables(writer, select, link);
    filter(writer, select, None);
    writer.raw(") x");
    if let Some(Page { limit, offset }) = select.page {
        if let Some(limit) = limit {
            writer.raw(" WHERE x.rn <= ");
            limit_value(writer, limit);
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

/// Aggregates for each key that has rows.
fn grouped(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    writer.raw("SELECT k.ord, ");
    columns(writer, select, false);
    writer.raw(" FROM ");
    keys_and_tables(writer, select, link);
    filter(writer, select, None);
    writer.raw(" GROUP BY k.ord");
}

fn keys_and_tables(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    key_list(writer, link);
    writer.raw(" JOIN ").table(select.table()).raw(" t0 ON ");
    link_condition(writer, select, link);
    joins(writer, select, &select.joins);
}

fn columns(writer: &mut SqlWriter<'_>, select: &Select, named: bool) {
    if select.columns.is_empty() {
        // Only `__typename` was asked for: the rows still count.
        let count = if select.aggregated { "COUNT(*)" } else { "1" };
        writer.raw(count);
        if named {
            writer.raw(" AS c0");
        }
        return;
    }
    writer.list(", ", select.columns.iter().enumerate(), |writer, (slot, read)| {
        expression(writer, select, read);
        if writer.dialect.capability.typed_parameters && matches!(select.kind(read), Kind::Unknown) {
            writer.raw("::text");
        }
        if named {
            writer.raw(" AS c").number(slot);
        }
    });
}

fn tables(writer: &mut SqlWriter<'_>, select: &Select) {
    writer.table(select.table()).raw(" t0");
    joins(writer, select, &select.joins);
}

/// To-one relations, joined so that a missing row leaves nulls.
pub(super) fn joins(writer: &mut SqlWriter<'_>, select: &Select, joins: &[Join]) {
    for join in joins {
        writer.raw(" LEFT JOIN ").table(select.tables[join.alias]).raw(" t").number(join.alias).raw(" ON ");
        writer.list(" AND ", join.relation.pairs, |writer, &(here, there)| {
            column(writer, select, join.alias, there);
            writer.raw(" = ");
            column(writer, select, join.from, here);
        });
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
    if let Some(wanted) = &select.condition {
        condition(writer, select, wanted);
    }
}

fn order(writer: &mut SqlWriter<'_>, select: &Select) {
    if select.order.is_empty() {
        return;
    }
    writer.raw(" ORDER BY ");
    writer.list(", ", &select.order, |writer, order| ordered(writer, select, order));
}

fn ordered(writer: &mut SqlWriter<'_>, select: &Select, order: &Order) {
    let nullable = match &order.expression {
        Expression::Column(reference) => {
            // A joined row may be missing, and with it a column that is never null in its table.
            reference.alias != 0 || select.tables[0].columns[reference.column].nullable
        }
        _ => false,
    };
    if nullable && !writer.dialect.capability.null_ordering {
        expression(writer, select, &order.expression);
        writer.raw(if order.nulls == Nulls::First { " IS NOT NULL, " } else { " IS NULL, " });
    }
    expression(writer, select, &order.expression);
    let descending = order.direction == Direction::Descending;
    if descending {
        writer.raw(" DESC");
    }
    if nullable && writer.dialect.capability.null_ordering {
        writer.raw(if order.nulls == Nulls::First { " NULLS FIRST" } else { " NULLS LAST" });
    }
}

fn limit_value(writer: &mut SqlWriter<'_>, limit: Limit) {
    match limit {
        Limit::Written(number) => writer.number(number as usize),
        Limit::Parameter(parameter) => writer.bind(Bind::Parameter(parameter)),
    };
}

fn limit(writer: &mut SqlWriter<'_>, page: Page) {
    match (page.limit, page.offset) {
        (Some(limit), _) => {
            writer.raw(" LIMIT ");
            limit_value(writer, limit);
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

//! Renders a [`Select`] as SQL.

use super::SqlWriter;
use super::condition::condition;
use super::expression::expression;
use super::joins::{join_condition, joins};
use super::keys::{key_list, link_condition};
use super::operand::{column, value};
use crate::dialect::{Dialect, PerParent};
use crate::planner::Alias;
use crate::planner::{Direction, Expression, Grouping, Join, KeyLink, Limit, Nulls, Order, Page, Select, Source};
use crate::sql::{Bind, Statement, StatementKind};
use meta::{CompositeType, Kind};

/// The statement of a selection. Its columns are the slots, in order; at a level with parents, the parent's position in
/// the key list comes first.
pub fn render(dialect: &Dialect, select: &Select) -> Statement {
    let mut writer = SqlWriter::new(dialect);
    match (&select.link, dialect.capability.per_parent) {
        (None, _) if !select.distinct.is_empty() => render_distinct(&mut writer, select),
        (None, _) => render_plain(&mut writer, select),
        (Some(link), _) if matches!(select.grouping, Grouping::All) => render_grouped(&mut writer, select, link),
        (Some(link), PerParent::Lateral) => render_lateral(&mut writer, select, link),
        (Some(link), PerParent::RowNumber) => render_numbered(&mut writer, select, link),
    }
    writer.finish(StatementKind::Read)
}

fn render_plain(writer: &mut SqlWriter<'_>, select: &Select) {
    writer.raw("SELECT ");
    columns(writer, select, false);
    writer.raw(" FROM ");
    tables(writer, select);
    filter(writer, select, None);
    group(writer, select, false);
    order(writer, select);

    if let Some(page) = select.page {
        limit(writer, page);
    }
    if select.lock {
        writer.raw(writer.dialect.capability.lock);
    }
}

/// Writes the first row, in the order, of those that are equal in some columns. Rows are numbered among their equals
/// (`dn`) and as a whole (`rn`).
fn render_distinct(writer: &mut SqlWriter<'_>, select: &Select) {
    writer.raw("SELECT ");
    outer_columns(writer, select);
    writer.raw(" FROM (SELECT ");
    columns(writer, select, true);
    writer.raw(", ROW_NUMBER() OVER (PARTITION BY ");
    writer.list(", ", &select.distinct, |writer, reference| {
        expression(writer, select, &Expression::Column(*reference));
    });
    order(writer, select);

    writer.raw(") AS dn, ROW_NUMBER() OVER (");
    order(writer, select);
    writer.raw(") AS rn FROM ");
    tables(writer, select);
    filter(writer, select, None);
    writer.raw(") x WHERE x.dn = 1 ORDER BY x.rn");

    if let Some(page) = select.page {
        limit(writer, page);
    }
}

/// Writes the columns of the subquery `x`.
fn outer_columns(writer: &mut SqlWriter<'_>, select: &Select) {
    writer.list(", ", 0..select.columns.len().max(1), |writer, slot| {
        writer.raw("x.c").number(slot);
    });
}

/// Writes `function("argument" => value, ...)`.
fn call(writer: &mut SqlWriter<'_>, source: &Source) {
    let function = source.function;
    writer.named(function.name.namespace, function.name.name).raw("(");
    writer.list(", ", &source.arguments, |writer, &(at, parameter)| {
        let argument = &function.arguments[at];
        writer.identifier(argument.name).raw(" => ");
        value(writer, argument.kind, argument.sql_type, parameter);
        // The database finds a function by the types of its arguments.
        match argument.kind {
            Kind::Int16 => writer.raw("::smallint"),
            Kind::Int32 => writer.raw("::int"),
            Kind::Text if argument.sql_type.is_none() => writer.raw("::text"),
            _ => writer,
        };
    });
    writer.raw(")");
}

/// Writes `GROUP BY` and `HAVING`; with parents, the parent's position comes first.
fn group(writer: &mut SqlWriter<'_>, select: &Select, for_parents: bool) {
    let Grouping::By(by, having) = &select.grouping else {
        return;
    };

    writer.raw(if for_parents { " GROUP BY k.ord, " } else { " GROUP BY " });
    writer.list(", ", by, |writer, reference| {
        expression(writer, select, &Expression::Column(*reference));
        // Points in time written in different forms belong to the same group.
        let kind = select.tables[reference.alias.0].columns[reference.column].kind;
        if writer.dialect.capability.loose_columns && matches!(kind, Kind::DateTime | Kind::NaiveDateTime) {
            writer.raw(" COLLATE moments");
        }
    });

    if let Some(having) = having {
        writer.raw(" HAVING ");
        condition(writer, select, having);
    }
}

/// `SELECT k.ord, x.* FROM keys k CROSS JOIN LATERAL (rows of one key, limited) x`.
/// Rows of one key come in the order of the inner selection; the reader gathers them by `ord`.
fn render_lateral(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    writer.raw("SELECT k.ord, x.* FROM ");
    key_list(writer, link);
    writer.raw(" CROSS JOIN LATERAL (SELECT ");
    columns(writer, select, true);
    writer.raw(" FROM ");
    tables(writer, select);
    filter(writer, select, Some(link));
    group(writer, select, false);
    order(writer, select);
    if let Some(page) = select.page {
        limit(writer, page);
    }
    writer.raw(") x");
}

/// Writes every row of every key, numbered within its key; the limit is a condition on the numbers.
fn render_numbered(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    writer.raw("SELECT x.ord, ");
    outer_columns(writer, select);
    writer.raw(" FROM (SELECT k.ord AS ord, ");
    columns(writer, select, true);
    writer.raw(", ROW_NUMBER() OVER (PARTITION BY k.ord");
    order(writer, select);
    writer.raw(") AS rn FROM ");
    keys_and_tables(writer, select, link);
    filter(writer, select, None);
    group(writer, select, true);
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

/// Writes aggregates for each key that has rows.
fn render_grouped(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    writer.raw("SELECT k.ord, ");
    columns(writer, select, false);
    writer.raw(" FROM ");
    keys_and_tables(writer, select, link);
    filter(writer, select, None);
    writer.raw(" GROUP BY k.ord");
}

fn keys_and_tables(writer: &mut SqlWriter<'_>, select: &Select, link: &KeyLink) {
    key_list(writer, link);
    let near = link.columns[0].0.alias;
    if near == Alias::MAIN {
        writer.raw(" JOIN ").table(select.table()).raw(" t0 ON ");
        link_condition(writer, select, link);
        joins(writer, select, &select.joins);
        return;
    }

    // The join table comes first: the keys are looked up in it.
    writer
        .raw(" JOIN ")
        .table(select.tables[near.0])
        .raw(" t")
        .number(near.0)
        .raw(" ON ");
    link_condition(writer, select, link);

    let through = select.joins.iter().find(|join| join.alias == near);
    let through = through.expect("invariant: a link through a join table has its join");
    writer.raw(" JOIN ").table(select.table()).raw(" t0 ON ");
    join_condition(writer, select, through);

    let others: Vec<Join> = select.joins.iter().filter(|join| join.alias != near).cloned().collect();
    joins(writer, select, &others);
}

fn columns(writer: &mut SqlWriter<'_>, select: &Select, named: bool) {
    if select.columns.is_empty() {
        // Only `__typename` was selected: the rows still count.
        let count = if matches!(select.grouping, Grouping::All) {
            "COUNT(*)"
        } else {
            "1"
        };
        writer.raw(count);
        if named {
            writer.raw(" AS c0");
        }
        return;
    }

    writer.list(", ", select.columns.iter().enumerate(), |writer, (slot, read)| {
        let kind = select.kind(read);
        if let Kind::Composite(ty) = kind
            && has_text_form(ty)
        {
            composite(writer, ty, &|writer| expression(writer, select, read));
        } else {
            read_value(writer, select, read);
        }

        if writer.dialect.capability.typed_parameters {
            readable_form(writer, kind);
        }
        if named {
            writer.raw(" AS c").number(slot);
        }
    });
}

/// Writes a value to read. In a list, a boolean is read as it is stored, so that a text in its place is not mistaken
/// for one.
fn read_value(writer: &mut SqlWriter<'_>, select: &Select, read: &Expression) {
    match read {
        Expression::Column(reference)
            if matches!(select.grouping, Grouping::None) && matches!(select.kind(read), Kind::Bool) =>
        {
            column(writer, select, reference.alias, reference.column);
        }
        _ => expression(writer, select, read),
    }
}

/// Writes the cast for a type that is read as another one: types that are only known in their text form, and money.
pub(super) fn readable_form(writer: &mut SqlWriter<'_>, kind: Kind) {
    match (kind.innermost(), kind.is_array()) {
        (Kind::Unknown, false) => writer.raw("::text"),
        (Kind::Unknown, true) => writer.raw("::text[]"),
        (Kind::Money, false) => writer.raw("::numeric"),
        (Kind::Money, true) => writer.raw("::numeric[]"),
        _ => writer,
    };
}

/// Whether an attribute, at any depth, is read as another type.
fn has_text_form(ty: &CompositeType) -> bool {
    ty.fields.iter().any(|field| match field.kind {
        Kind::Composite(inner) => has_text_form(inner),
        kind if matches!(kind.innermost(), Kind::Unknown | Kind::Money) => true,
        _ => false,
    })
}

/// Writes a composite value with its attributes in the forms in which they are read. A composite that has only nulls is
/// not the same as null.
fn composite(writer: &mut SqlWriter<'_>, ty: &'static CompositeType, value: &dyn Fn(&mut SqlWriter<'_>)) {
    writer.raw("CASE WHEN ");
    value(writer);
    writer.raw(" IS DISTINCT FROM NULL THEN ROW(");
    writer.list(", ", ty.fields, |writer, field| {
        let attribute = |writer: &mut SqlWriter<'_>| {
            writer.raw("(");
            value(writer);
            writer.raw(").").identifier(field.name);
        };

        match field.kind {
            Kind::Composite(inner) if has_text_form(inner) => return composite(writer, inner, &attribute),
            _ => attribute(writer),
        }
        readable_form(writer, field.kind);
    });
    writer.raw(") END");
}

fn tables(writer: &mut SqlWriter<'_>, select: &Select) {
    match &select.source {
        Some(source) => call(writer, source),
        None => {
            writer.table(select.table());
        }
    }
    writer.raw(" t0");
    joins(writer, select, &select.joins);
}

fn filter(writer: &mut SqlWriter<'_>, select: &Select, link: Option<&KeyLink>) {
    let mut word = " WHERE ";
    if let Some(link) = link {
        writer.raw(word);
        link_condition(writer, select, link);
        word = " AND ";
    }
    for wanted in [&select.row_filter, &select.condition].into_iter().flatten() {
        writer.raw(word);
        condition(writer, select, wanted);
        word = " AND ";
    }
}

fn order(writer: &mut SqlWriter<'_>, select: &Select) {
    if select.order.is_empty() {
        return;
    }
    writer.raw(" ORDER BY ");
    writer.list(", ", &select.order, |writer, order| order_key(writer, select, order));
}

fn order_key(writer: &mut SqlWriter<'_>, select: &Select, order: &Order) {
    let nullable = select.is_nullable(&order.expression);
    if nullable && !writer.dialect.capability.null_ordering {
        expression(writer, select, &order.expression);
        writer.raw(if order.nulls == Nulls::First {
            " IS NOT NULL, "
        } else {
            " IS NULL, "
        });
    }

    expression(writer, select, &order.expression);
    let descending = order.direction == Direction::Descending;
    if descending {
        writer.raw(" DESC");
    }

    if nullable && writer.dialect.capability.null_ordering {
        writer.raw(if order.nulls == Nulls::First {
            " NULLS FIRST"
        } else {
            " NULLS LAST"
        });
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

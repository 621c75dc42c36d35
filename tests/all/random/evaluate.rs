//! The naive evaluator: loops over all rows, for each field of each row.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::data::{Cell, Data, cents, money};
use super::generate::{Aggregate, Field, Groups, List, Query, Root, Selection};
use super::shape::{Relation, SEARCHED, TABLES, Type};

type Row = Vec<Cell>;

/// What the API promises for lists without a `limit`.
const ROOT_LIMIT: usize = 20;
const NESTED_LIMIT: usize = 100;

/// The `data` of a query.
pub(super) fn query(query: &Query, data: &Data) -> Value {
    let mut object = Map::new();
    for (key, root) in &query.roots {
        let value = match root {
            Root::Row { table, key, fields, .. } => {
                let found = data.tables[*table]
                    .iter()
                    .find(|row| key.iter().all(|(at, cell)| row[*at] == *cell));
                found.map_or(Value::Null, |row| fields_of(*table, row, fields, data))
            }
            Root::List { table, list } => {
                let rows = data.tables[*table].iter().collect();
                list_of(*table, rows, list, ROOT_LIMIT, data)
            }
            Root::Aggregate { table, aggregate } => {
                aggregate_of(*table, data.tables[*table].iter().collect(), aggregate, data)
            }
            Root::Groups { table, groups } => {
                groups_of(*table, data.tables[*table].iter().collect(), groups, ROOT_LIMIT, data)
            }
            Root::Connection { table, list, backward } => connection_of(*table, list, *backward, data),
        };
        object.insert(key.clone(), value);
    }
    object.into()
}

fn related<'d>(relation: &Relation, row: &Row, data: &'d Data) -> Vec<&'d Row> {
    let key = &row[relation.here];
    if *key == Cell::Null {
        return Vec::new();
    }
    if let Some((join, near, far)) = relation.through {
        let joined: Vec<&Cell> = data.tables[join]
            .iter()
            .filter(|join| join[near] == *key)
            .map(|join| &join[far])
            .collect();
        return data.tables[relation.target]
            .iter()
            .filter(|other| joined.contains(&&other[relation.there]))
            .collect();
    }
    data.tables[relation.target]
        .iter()
        .filter(|other| other[relation.there] == *key)
        .collect()
}

pub(super) fn fields_of(table: usize, row: &Row, fields: &[Field], data: &Data) -> Value {
    let shape = &TABLES[table];
    let mut object = Map::new();
    for field in fields {
        let value = match &field.what {
            Selection::Typename => json!(shape.type_name),
            Selection::Column(at) => row[*at].json(shape.columns[*at].ty),
            Selection::One(at, fields) => {
                let relation = &shape.relations[*at];
                let found = related(relation, row, data);
                found
                    .first()
                    .map_or(Value::Null, |row| fields_of(relation.target, row, fields, data))
            }
            Selection::Many(at, list) => {
                let relation = &shape.relations[*at];
                list_of(relation.target, related(relation, row, data), list, NESTED_LIMIT, data)
            }
            Selection::Aggregate(at, aggregate) => {
                let relation = &shape.relations[*at];
                aggregate_of(relation.target, related(relation, row, data), aggregate, data)
            }
            Selection::Groups(at, groups) => {
                let relation = &shape.relations[*at];
                groups_of(
                    relation.target,
                    related(relation, row, data),
                    groups,
                    NESTED_LIMIT,
                    data,
                )
            }
        };
        object.insert(field.key.clone(), value);
    }
    object.into()
}

/// The rows that a list asks for, in its order, whatever its page.
pub(super) fn rows_of<'d>(table: usize, mut rows: Vec<&'d Row>, list: &List, data: &'d Data) -> Vec<&'d Row> {
    if let Some(filters) = &list.filters {
        rows.retain(|row| holds(table, row, filters, data));
    }
    if let Some(search) = &list.search {
        let search = search.to_ascii_lowercase();
        let has = |cell: &Cell| matches!(cell, Cell::Text(text) if text.to_ascii_lowercase().contains(&search));
        rows.retain(|row| SEARCHED.1.iter().any(|&at| has(&row[at])));
    }
    if let Some(order) = &list.order {
        // Stable, and rows come in the order of their keys.
        rows.sort_by(|a, b| compare(table, a, b, order, data));
    }
    if !list.distinct.is_empty() {
        let mut seen: Vec<Vec<&Cell>> = Vec::new();
        rows.retain(|row| {
            let key: Vec<&Cell> = list.distinct.iter().map(|&at| &row[at]).collect();
            let is_new = !seen.contains(&key);
            if is_new {
                seen.push(key);
            }
            is_new
        });
    }
    rows
}

fn connection_of(table: usize, list: &List, backward: bool, data: &Data) -> Value {
    let rows = rows_of(table, data.tables[table].iter().collect(), list, data);
    let size = list.limit.unwrap_or(ROOT_LIMIT).min(rows.len());
    let page = if backward {
        &rows[rows.len() - size..]
    } else {
        &rows[..size]
    };
    let nodes: Vec<Value> = page
        .iter()
        .map(|row| fields_of(table, row, &list.fields, data))
        .collect();
    let edges: Vec<Value> = nodes.iter().map(|node| json!({ "node": node })).collect();
    let more = size < rows.len();
    json!({
        "totalCount": rows.len(),
        "edges": edges,
        "nodes": nodes,
        "pageInfo": {"hasNextPage": more && !backward, "hasPreviousPage": more && backward},
    })
}

fn groups_of(table: usize, mut rows: Vec<&Row>, groups: &Groups, limit: usize, data: &Data) -> Value {
    if let Some(filters) = &groups.aggregate.filters {
        rows.retain(|row| holds(table, row, filters, data));
    }
    let mut found: Vec<(Vec<&Cell>, Vec<&Row>)> = Vec::new();
    for row in rows {
        let key: Vec<&Cell> = groups.by.iter().map(|&at| &row[at]).collect();
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, rows)) => rows.push(row),
            None => found.push((key, vec![row])),
        }
    }
    if let Some(least) = groups.having {
        found.retain(|(_, rows)| rows.len() >= least);
    }
    found.sort_by(|(a, _), (b, _)| {
        let orders = a.iter().zip(b).map(|(a, b)| directed(a, b, "ASC"));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    if groups.by_count {
        found.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    }
    let page = found
        .into_iter()
        .skip(groups.offset)
        .take(groups.limit.unwrap_or(limit));
    let shape = &TABLES[table];
    page.map(|(key, rows)| {
        let common: Map<String, Value> = groups
            .by
            .iter()
            .zip(key)
            .map(|(&at, cell)| (shape.columns[at].field.to_owned(), cell.json(shape.columns[at].ty)))
            .collect();
        let mut object = Map::new();
        object.insert("key".into(), common.into());
        let unfiltered = Aggregate {
            filters: None,
            values: groups.aggregate.values.clone(),
        };
        if let Value::Object(totals) = aggregate_of(table, rows, &unfiltered, data) {
            object.extend(totals);
        }
        Value::from(object)
    })
    .collect::<Vec<_>>()
    .into()
}

fn list_of(table: usize, rows: Vec<&Row>, list: &List, limit: usize, data: &Data) -> Value {
    let rows = rows_of(table, rows, list, data);
    let page = rows
        .into_iter()
        .skip(list.offset.unwrap_or(0))
        .take(list.limit.unwrap_or(limit));
    page.map(|row| fields_of(table, row, &list.fields, data))
        .collect::<Vec<_>>()
        .into()
}

fn aggregate_of(table: usize, mut rows: Vec<&Row>, aggregate: &Aggregate, data: &Data) -> Value {
    if let Some(filters) = &aggregate.filters {
        rows.retain(|row| holds(table, row, filters, data));
    }
    let mut object = Map::new();
    for (function, at) in &aggregate.values {
        if *function == "count" {
            object.insert("count".into(), json!(rows.len()));
            continue;
        }
        let column = &TABLES[table].columns[*at];
        let cells: Vec<&Cell> = rows
            .iter()
            .map(|row| &row[*at])
            .filter(|cell| **cell != Cell::Null)
            .collect();
        let value = match *function {
            "sum" => sum(&cells),
            "min" => cells
                .iter()
                .min_by(|a, b| a.order(b))
                .map_or(Value::Null, |cell| cell.json(column.ty)),
            _ => cells
                .iter()
                .max_by(|a, b| a.order(b))
                .map_or(Value::Null, |cell| cell.json(column.ty)),
        };
        let inner = object.entry(*function).or_insert_with(|| json!({}));
        inner[column.field] = value;
    }
    object.into()
}

fn sum(cells: &[&Cell]) -> Value {
    let integers = |pick: fn(&Cell) -> Option<i64>| cells.iter().filter_map(|cell| pick(cell)).sum::<i64>();
    match cells.first() {
        None => Value::Null,
        Some(Cell::Int(_)) => {
            json!(
                integers(|cell| if let Cell::Int(value) = cell {
                    Some(*value)
                } else {
                    None
                })
                .to_string()
            )
        }
        Some(Cell::Money(_)) => {
            json!(money(integers(|cell| if let Cell::Money(value) = cell {
                Some(*value)
            } else {
                None
            })))
        }
        Some(_) => {
            let floats = cells.iter().filter_map(|cell| {
                if let Cell::Float(value) = cell {
                    Some(*value)
                } else {
                    None
                }
            });
            json!(floats.sum::<f64>())
        }
    }
}

fn compare(table: usize, a: &Row, b: &Row, order: &Value, data: &Data) -> Ordering {
    for item in order.as_array().expect("a list") {
        for (name, direction) in item.as_object().expect("an object") {
            let (left, right, direction) = (
                sort_key(table, a, name, direction, data),
                sort_key(table, b, name, direction, data),
                leaf(direction),
            );
            let found = directed(&left, &right, direction);
            if found != Ordering::Equal {
                return found;
            }
        }
    }
    Ordering::Equal
}

/// The value that a row is ordered by, followed through to-one relations.
fn sort_key(table: usize, row: &Row, name: &str, direction: &Value, data: &Data) -> Cell {
    let shape = &TABLES[table];
    if let Some(at) = shape.columns.iter().position(|column| column.field == name) {
        return row[at].clone();
    }
    if let Some(relation) = shape
        .relations
        .iter()
        .find(|relation| relation.many && format!("{}Count", relation.field) == name)
    {
        return Cell::Int(related(relation, row, data).len() as i64);
    }
    let relation = shape
        .relations
        .iter()
        .find(|relation| relation.field == name)
        .expect("a relation");
    let (inner, below) = direction
        .as_object()
        .and_then(|object| object.iter().next())
        .expect("an order below");
    related(relation, row, data)
        .first()
        .map_or(Cell::Null, |row| sort_key(relation.target, row, inner, below, data))
}

fn leaf(direction: &Value) -> &str {
    match direction.get("$") {
        Some(name) => name.as_str().expect("a direction"),
        None => leaf(
            direction
                .as_object()
                .and_then(|object| object.values().next())
                .expect("an order below"),
        ),
    }
}

fn directed(a: &Cell, b: &Cell, direction: &str) -> Ordering {
    let descending = direction.starts_with("DESC");
    let nulls_first = direction.ends_with("NULLS_FIRST") || direction == "DESC";
    match (a == &Cell::Null, b == &Cell::Null) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, true) => {
            if nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, false) if descending => b.order(a),
        (false, false) => a.order(b),
    }
}

fn holds(table: usize, row: &Row, filter: &Value, data: &Data) -> bool {
    let shape = &TABLES[table];
    filter
        .as_object()
        .expect("a filter")
        .iter()
        .all(|(name, value)| match name.as_str() {
            "and" => value
                .as_array()
                .expect("a list")
                .iter()
                .all(|inner| holds(table, row, inner, data)),
            "or" => value
                .as_array()
                .expect("a list")
                .iter()
                .any(|inner| holds(table, row, inner, data)),
            "not" => !holds(table, row, value, data),
            _ => {
                if let Some(at) = shape.columns.iter().position(|column| column.field == *name) {
                    return operators_hold(&row[at], shape.columns[at].ty, value);
                }
                let relation = shape
                    .relations
                    .iter()
                    .find(|relation| relation.field == *name)
                    .expect("a relation");
                let rows = related(relation, row, data);
                if relation.many {
                    list_holds(relation.target, &rows, value, data)
                } else {
                    // An empty filter filters nothing, not even rows without a relation.
                    value.as_object().is_some_and(Map::is_empty)
                        || rows.first().is_some_and(|row| holds(relation.target, row, value, data))
                }
            }
        })
}

fn list_holds(target: usize, rows: &[&Row], filter: &Value, data: &Data) -> bool {
    filter.as_object().expect("a filter").iter().all(|(name, value)| {
        let mut found = rows.iter().map(|row| holds(target, row, value, data));
        match name.as_str() {
            "some" => found.any(|holds| holds),
            "none" => !found.any(|holds| holds),
            "every" => found.all(|holds| holds),
            _ => operators_hold(&Cell::Int(rows.len() as i64), Type::Int, value),
        }
    })
}

fn operators_hold(cell: &Cell, ty: Type, operators: &Value) -> bool {
    operators.as_object().expect("operators").iter().all(|(name, value)| {
        let list = || {
            value
                .as_array()
                .expect("a list")
                .iter()
                .map(|item| parse(item, ty))
                .collect::<Vec<_>>()
        };
        match name.as_str() {
            "isNull" => (*cell == Cell::Null) == value.as_bool().expect("a boolean"),
            // Nothing is among no values, and everything, null too, is outside them.
            "notIn" if list().is_empty() => true,
            _ if *cell == Cell::Null => false,
            "eq" => *cell == parse(value, ty),
            "ne" => *cell != parse(value, ty),
            "in" => list().contains(cell),
            "notIn" => !list().contains(cell),
            "gt" => cell.order(&parse(value, ty)) == Ordering::Greater,
            "gte" => cell.order(&parse(value, ty)) != Ordering::Less,
            "lt" => cell.order(&parse(value, ty)) == Ordering::Less,
            "lte" => cell.order(&parse(value, ty)) != Ordering::Greater,
            "between" => cell.order(&list()[0]) != Ordering::Less && cell.order(&list()[1]) != Ordering::Greater,
            _ => text_holds(cell, name, value.as_str().expect("a text")),
        }
    })
}

fn text_holds(cell: &Cell, operator: &str, part: &str) -> bool {
    let Cell::Text(text) = cell else {
        panic!("{operator} on {cell:?}")
    };
    let folds = operator.starts_with('i');
    let (text, part) = if folds {
        (text.to_ascii_lowercase(), part.to_ascii_lowercase())
    } else {
        (text.clone(), part.to_owned())
    };
    match operator.trim_start_matches('i') {
        "contains" => text.contains(&part),
        "startsWith" => text.starts_with(&part),
        "endsWith" => text.ends_with(&part),
        _ => like(&text.chars().collect::<Vec<_>>(), &part.chars().collect::<Vec<_>>()),
    }
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|at| like(&text[at..], rest)),
        Some(('_', rest)) => !text.is_empty() && like(&text[1..], rest),
        Some((character, rest)) => text.first() == Some(character) && like(&text[1..], rest),
    }
}

fn parse(value: &Value, ty: Type) -> Cell {
    if let Some(name) = value.get("$") {
        return Cell::Text(name.as_str().expect("an enum's value").to_owned());
    }
    match (ty, value) {
        (Type::Id, Value::String(text)) => Cell::Int(text.parse().expect("an id")),
        (Type::Money, Value::String(text)) => Cell::Money(cents(text)),
        (Type::Float, Value::Number(number)) => Cell::Float(number.as_f64().expect("a float")),
        (_, Value::Number(number)) => Cell::Int(number.as_i64().expect("a number")),
        (_, Value::Bool(value)) => Cell::Bool(*value),
        (_, Value::String(text)) => Cell::Text(text.clone()),
        other => panic!("{other:?}"),
    }
}

//! What a random query is. Filters and orders are JSON values in which `{"$": "x"}` is an enum's value.

use serde_json::{Map, Value, json};

use super::data::{Cell, Data};
use super::shape::{Column, SEARCHED, TABLES, Table, Type};

/// A query: root fields with their aliases.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) roots: Vec<(String, Root)>,
    /// Whether filters and orders are sent as variables.
    pub(super) as_variables: bool,
}

#[derive(Debug)]
pub(super) enum Root {
    /// A row by a key: the root field, its columns and their values.
    Row {
        field: &'static str,
        table: usize,
        key: Vec<(usize, Cell)>,
        fields: Vec<Field>,
    },
    List {
        table: usize,
        list: List,
    },
    Aggregate {
        table: usize,
        aggregate: Aggregate,
    },
    Groups {
        table: usize,
        groups: Groups,
    },
    /// A first or last page.
    Connection {
        table: usize,
        list: List,
        backward: bool,
    },
}

#[derive(Debug)]
pub(super) struct List {
    pub(super) filters: Option<Value>,
    pub(super) order: Option<Value>,
    pub(super) limit: Option<usize>,
    pub(super) offset: Option<usize>,
    pub(super) search: Option<String>,
    pub(super) distinct: Vec<usize>,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Groups {
    pub(super) by: Vec<usize>,
    /// At least so many rows in a group.
    pub(super) having: Option<usize>,
    /// Whether the largest groups come first.
    pub(super) by_count: bool,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
    pub(super) aggregate: Aggregate,
}

#[derive(Debug)]
pub(super) struct Aggregate {
    pub(super) filters: Option<Value>,
    /// Function and column.
    pub(super) values: Vec<(&'static str, usize)>,
}

/// A field with its key in the answer.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) what: Selection,
}

#[derive(Debug)]
pub(super) enum Selection {
    Typename,
    Column(usize),
    One(usize, Vec<Field>),
    Many(usize, List),
    Aggregate(usize, Aggregate),
    Groups(usize, Groups),
}

pub(super) struct Generator<'d> {
    state: u64,
    pub(super) data: &'d Data,
    /// What is left of the query's size.
    budget: u32,
}

impl<'d> Generator<'d> {
    pub(super) fn new(seed: u64, data: &'d Data) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            data,
            budget: 14,
        }
    }

    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.state;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(super) fn query(mut self) -> Query {
        let count = 1 + usize::from(self.chance(25));
        let roots = (0..count).map(|at| (format!("r{at}"), self.root())).collect();
        Query {
            roots,
            as_variables: self.chance(50),
        }
    }

    fn root(&mut self) -> Root {
        let table = self.below(TABLES.len());
        let shape = &TABLES[table];
        match self.below(10) {
            0 | 1 => {
                let at = self.below(1 + shape.unique.len());
                let (field, key) = if at == 0 {
                    (shape.one, shape.key)
                } else {
                    shape.unique[at - 1]
                };
                let row = self.below(self.data.tables[table].len());
                let key = key
                    .iter()
                    .map(|&at| (at, self.data.tables[table][row][at].clone()))
                    .collect();
                Root::Row {
                    field,
                    table,
                    key,
                    fields: self.fields(table, 3),
                }
            }
            2 => Root::Aggregate {
                table,
                aggregate: self.aggregate(table),
            },
            3 => Root::Groups {
                table,
                groups: self.groups(table),
            },
            4 => {
                let mut list = self.list(table, 1, 6);
                list.offset = None;
                Root::Connection {
                    table,
                    list,
                    backward: self.chance(50),
                }
            }
            _ => {
                let mut list = self.list(table, 3, 6);
                if self.chance(15) {
                    list.distinct = self.group_columns(table);
                }
                Root::List { table, list }
            }
        }
    }

    /// One or two columns with an order that all databases share.
    fn group_columns(&mut self, table: usize) -> Vec<usize> {
        let columns = TABLES[table].columns.iter().enumerate();
        let fit: Vec<usize> = columns
            .filter(|(_, column)| !matches!(column.ty, Type::Json | Type::Enum(_)))
            .map(|(at, _)| at)
            .collect();
        let mut chosen = vec![*self.pick(&fit)];
        if self.chance(40) {
            let other = *self.pick(&fit);
            if !chosen.contains(&other) {
                chosen.push(other);
            }
        }
        chosen
    }

    fn groups(&mut self, table: usize) -> Groups {
        Groups {
            by: self.group_columns(table),
            having: self.chance(30).then(|| 1 + self.below(4)),
            by_count: self.chance(50),
            limit: self.chance(70).then(|| self.below(8)),
            offset: if self.chance(20) { self.below(3) } else { 0 },
            aggregate: self.aggregate(table),
        }
    }

    /// A list for a walk over its pages: filtered, searched and ordered.
    pub(super) fn walk(mut self) -> (usize, List) {
        let table = self.below(TABLES.len());
        let mut list = self.list(table, 0, 1);
        list.limit = Some(1 + self.below(30));
        list.offset = None;
        (table, list)
    }

    pub(super) fn list(&mut self, table: usize, depth: u32, limit: usize) -> List {
        List {
            filters: self.chance(60).then(|| self.filter(table, 2)),
            order: self.chance(40).then(|| self.order(table)),
            limit: self.chance(75).then(|| self.below(limit + 1)),
            offset: self.chance(20).then(|| self.below(4)),
            search: (table == SEARCHED.0 && self.chance(15)).then(|| {
                let part = self.part(table, SEARCHED.1[0], "icontains");
                part.as_str().unwrap_or_default().to_owned()
            }),
            distinct: Vec::new(),
            fields: self.fields(table, depth),
        }
    }

    fn fields(&mut self, table: usize, depth: u32) -> Vec<Field> {
        let shape = &TABLES[table];
        let mut fields = Vec::new();
        let count = 1 + self.below(4);
        for at in 0..count {
            let nests = depth > 0 && self.budget > 0 && !shape.relations.is_empty() && self.chance(45);
            let what = if nests {
                self.budget -= 1;
                let relation = self.below(shape.relations.len());
                let target = shape.relations[relation].target;
                match (shape.relations[relation].many, self.below(4)) {
                    (false, _) => Selection::One(relation, self.fields(target, depth - 1)),
                    (true, 0) if self.chance(40) => Selection::Groups(relation, self.groups(target)),
                    (true, 0) => Selection::Aggregate(relation, self.aggregate(target)),
                    (true, _) => Selection::Many(relation, self.list(target, depth - 1, 3)),
                }
            } else if self.chance(4) {
                Selection::Typename
            } else {
                Selection::Column(self.below(shape.columns.len()))
            };
            fields.push(Field {
                key: format!("f{at}"),
                what,
            });
        }
        fields
    }

    fn aggregate(&mut self, table: usize) -> Aggregate {
        let mut values = vec![];
        if self.chance(70) {
            values.push(("count", 0));
        }
        for (at, column) in TABLES[table].columns.iter().enumerate() {
            let is_number = matches!(column.ty, Type::Int | Type::Money | Type::Float);
            if is_number && self.chance(40) {
                values.push(("sum", at));
            }
            if (is_number || matches!(column.ty, Type::Moment | Type::Date)) && self.chance(30) {
                values.push((if self.chance(50) { "min" } else { "max" }, at));
            }
        }
        if values.is_empty() {
            values.push(("count", 0));
        }
        values.sort_by_key(|(function, _)| *function);
        Aggregate {
            filters: self.chance(50).then(|| self.filter(table, 1)),
            values,
        }
    }

    fn filter(&mut self, table: usize, depth: u32) -> Value {
        let shape = &TABLES[table];
        let mut filter = Map::new();
        for _ in 0..self.below(3) + usize::from(depth == 2) {
            match self.below(10) {
                0 if depth > 0 => {
                    filter.insert("not".into(), self.filter(table, depth - 1));
                }
                1 | 2 if depth > 0 => {
                    let list: Vec<Value> = (0..self.below(3)).map(|_| self.filter(table, depth - 1)).collect();
                    filter.insert(if self.chance(60) { "or" } else { "and" }.into(), list.into());
                }
                3..=5 if depth > 0 && !shape.relations.is_empty() => {
                    let relation = self.pick(shape.relations);
                    let value = if relation.many {
                        self.list_filter(relation.target, depth - 1)
                    } else {
                        self.filter(relation.target, depth - 1)
                    };
                    filter.insert(relation.field.into(), value);
                }
                _ => {
                    let at = self.below(shape.columns.len());
                    if shape.columns[at].ty != Type::Json {
                        let operators = self.operators(table, at);
                        filter.insert(shape.columns[at].field.into(), operators);
                    }
                }
            }
        }
        filter.into()
    }

    fn list_filter(&mut self, target: usize, depth: u32) -> Value {
        let mut filter = Map::new();
        match self.below(4) {
            0 => {
                let operator = *self.pick(&["eq", "ne", "gt", "gte", "lt", "lte"]);
                filter.insert("count".into(), json!({ operator: self.below(6) }));
            }
            at => {
                filter.insert(["some", "none", "every"][at - 1].into(), self.filter(target, depth));
            }
        }
        filter.into()
    }

    fn operators(&mut self, table: usize, at: usize) -> Value {
        let column = &TABLES[table].columns[at];
        if column.nullable && self.chance(25) || self.chance(3) {
            return json!({ "isNull": self.chance(50) });
        }
        let ordered = matches!(
            column.ty,
            Type::Int | Type::Money | Type::Float | Type::Moment | Type::Date | Type::Text
        );
        let operator = match self.below(12) {
            0 | 1 => "eq",
            2 => "ne",
            3 => *self.pick(&["in", "notIn"]),
            4..=8 if column.ty == Type::Text => *self.pick(&[
                "contains",
                "icontains",
                "startsWith",
                "istartsWith",
                "endsWith",
                "iendsWith",
                "like",
            ]),
            9 if ordered => "between",
            _ if ordered => *self.pick(&["gt", "gte", "lt", "lte"]),
            _ => "eq",
        };
        let value = match operator {
            "in" | "notIn" => (0..self.below(4))
                .map(|_| self.value(table, at))
                .collect::<Vec<_>>()
                .into(),
            "between" => json!([self.value(table, at), self.value(table, at)]),
            "eq" | "ne" | "gt" | "gte" | "lt" | "lte" => self.value(table, at),
            _ => self.part(table, at, operator),
        };
        json!({ operator: value })
    }

    /// A value of the column that some row has.
    fn value(&mut self, table: usize, at: usize) -> Value {
        let column: &Column = &TABLES[table].columns[at];
        for _ in 0..8 {
            let row = self.below(self.data.tables[table].len());
            let cell = &self.data.tables[table][row][at];
            match (cell, column.ty) {
                (Cell::Null, _) => {}
                (Cell::Text(label), Type::Enum(_)) => return json!({ "$": label }),
                (cell, ty) => return cell.json(ty),
            }
        }
        match column.ty {
            Type::Id => json!("1"),
            Type::Date => json!("2025-12-05"),
            _ => json!("none"),
        }
    }

    /// A part of a text that some row has, or a pattern.
    fn part(&mut self, table: usize, at: usize, operator: &str) -> Value {
        let Value::String(text) = self.value(table, at) else {
            return json!("");
        };
        let characters: Vec<char> = text.chars().collect();
        let from = self.below(characters.len() + 1);
        let length = self.below(characters.len() - from + 1).min(6);
        let mut part: String = match operator {
            "startsWith" | "istartsWith" => characters[..length].iter().collect(),
            "endsWith" | "iendsWith" => characters[characters.len() - length..].iter().collect(),
            _ => characters[from..from + length].iter().collect(),
        };
        if operator.starts_with('i') && self.chance(50) {
            // SQLite folds ASCII letters only.
            part = part.to_ascii_uppercase();
        }
        if operator == "like" {
            part = part.replace('\\', "");
            part = format!(
                "%{}%",
                if self.chance(30) {
                    part.replacen('a', "_", 1)
                } else {
                    part
                }
            );
        }
        json!(part)
    }

    fn order(&mut self, table: usize) -> Value {
        let count = 1 + self.below(2);
        (0..count).map(|_| self.order_item(table, 1)).collect::<Vec<_>>().into()
    }

    fn order_item(&mut self, table: usize, depth: u32) -> Value {
        let shape: &Table = &TABLES[table];
        let directions = [
            "ASC",
            "DESC",
            "ASC_NULLS_FIRST",
            "ASC_NULLS_LAST",
            "DESC_NULLS_FIRST",
            "DESC_NULLS_LAST",
        ];
        let direction = json!({ "$": self.pick(&directions) });
        if depth > 0 && !shape.relations.is_empty() && self.chance(40) {
            let relation = self.pick(shape.relations);
            if relation.many {
                return json!({ format!("{}Count", relation.field): direction });
            }
            return json!({ relation.field: self.order_item(relation.target, depth - 1) });
        }
        // Enumerations are ordered by their labels on one database and by their places on others.
        let sortable: Vec<&Column> = shape
            .columns
            .iter()
            .filter(|column| !matches!(column.ty, Type::Json | Type::Enum(_)))
            .collect();
        json!({ self.pick(&sortable).field: direction })
    }
}

//! What a query names: what a viewer may not read must not be among it.

use serde_json::Value;

use super::generate::{Aggregate, Field, Groups, List, Query, Root, Selection};
use super::shape::TABLES;

/// The tables and columns that a query names, in whatever place.
#[derive(Default)]
pub(super) struct Mentions {
    pub(super) tables: Vec<usize>,
    pub(super) columns: Vec<(usize, usize)>,
}

impl Query {
    pub(super) fn mentions(&self) -> Mentions {
        let mut found = Mentions::default();
        for (_, root) in &self.roots {
            match root {
                Root::Row { table, key, fields, .. } => {
                    found.tables.push(*table);
                    found.columns.extend(key.iter().map(|(at, _)| (*table, *at)));
                    found.fields(*table, fields);
                }
                Root::List { table, list } | Root::Connection { table, list, .. } => found.list(*table, list),
                Root::Aggregate { table, aggregate } => found.aggregate(*table, aggregate),
                Root::Groups { table, groups } => found.groups(*table, groups),
            }
        }
        found
    }
}

impl List {
    /// What a change of rows names: its filter, if it has one, and the fields that come back.
    pub(super) fn mentions(&self, table: usize, filtered: bool) -> Mentions {
        let mut found = Mentions {
            tables: vec![table],
            columns: Vec::new(),
        };
        found.fields(table, &self.fields);
        self.filters
            .iter()
            .filter(|_| filtered)
            .for_each(|filter| found.filter(table, filter));
        found
    }
}

impl Mentions {
    fn list(&mut self, table: usize, list: &List) {
        self.tables.push(table);
        self.fields(table, &list.fields);
        self.columns.extend(list.distinct.iter().map(|&at| (table, at)));
        list.filters.iter().for_each(|filter| self.filter(table, filter));
        for item in list.order.iter().flat_map(|order| order.as_array().expect("a list")) {
            self.order(table, item);
        }
    }

    fn aggregate(&mut self, table: usize, aggregate: &Aggregate) {
        self.tables.push(table);
        aggregate.filters.iter().for_each(|filter| self.filter(table, filter));
        let columns = aggregate.values.iter().filter(|(function, _)| *function != "count");
        self.columns.extend(columns.map(|(_, at)| (table, *at)));
    }

    fn groups(&mut self, table: usize, groups: &Groups) {
        self.columns.extend(groups.by.iter().map(|&at| (table, at)));
        self.aggregate(table, &groups.aggregate);
    }

    fn fields(&mut self, table: usize, fields: &[Field]) {
        for field in fields {
            match &field.what {
                Selection::Typename => {}
                Selection::Column(at) => self.columns.push((table, *at)),
                Selection::One(at, fields) => {
                    let target = self.relation(table, *at);
                    self.fields(target, fields);
                }
                Selection::Many(at, list) => {
                    let target = self.relation(table, *at);
                    self.list(target, list);
                }
                Selection::Aggregate(at, aggregate) => {
                    let target = self.relation(table, *at);
                    self.aggregate(target, aggregate);
                }
                Selection::Groups(at, groups) => {
                    let target = self.relation(table, *at);
                    self.groups(target, groups);
                }
            }
        }
    }

    /// A relation names what it joins by; its target comes back.
    fn relation(&mut self, table: usize, at: usize) -> usize {
        let relation = &TABLES[table].relations[at];
        self.tables.push(relation.target);
        self.columns
            .extend([(table, relation.here), (relation.target, relation.there)]);
        if let Some((join, near, far)) = relation.through {
            self.tables.push(join);
            self.columns.extend([(join, near), (join, far)]);
        }
        relation.target
    }

    fn filter(&mut self, table: usize, filter: &Value) {
        let shape = &TABLES[table];
        for (name, value) in filter.as_object().expect("a filter") {
            match name.as_str() {
                "and" | "or" => {
                    value
                        .as_array()
                        .expect("a list")
                        .iter()
                        .for_each(|inner| self.filter(table, inner));
                }
                "not" => self.filter(table, value),
                _ => {
                    if let Some(at) = shape.columns.iter().position(|column| column.field == *name) {
                        self.columns.push((table, at));
                        continue;
                    }
                    let at = shape.relations.iter().position(|relation| relation.field == *name);
                    let at = at.expect("a relation");
                    let target = self.relation(table, at);
                    if shape.relations[at].many {
                        let parts = value
                            .as_object()
                            .expect("a filter")
                            .iter()
                            .filter(|(name, _)| *name != "count");
                        parts.for_each(|(_, inner)| self.filter(target, inner));
                    } else {
                        self.filter(target, value);
                    }
                }
            }
        }
    }

    fn order(&mut self, table: usize, item: &Value) {
        let shape = &TABLES[table];
        for (name, below) in item.as_object().expect("an object") {
            if let Some(at) = shape.columns.iter().position(|column| column.field == *name) {
                self.columns.push((table, at));
            } else if let Some(at) = shape.relations.iter().position(|relation| relation.field == *name) {
                let target = self.relation(table, at);
                self.order(target, below);
            } else {
                let counted = |relation: &super::shape::Relation| format!("{}Count", relation.field) == *name;
                let at = shape.relations.iter().position(counted).expect("a count");
                self.relation(table, at);
            }
        }
    }
}

//! Random changes that change nothing: what comes back is what a viewer may see of the rows.

use serde_json::{Value, json};

use super::data::{Cell, Data};
use super::evaluate;
use super::generate::{Generator, List};
use super::mentions::Mentions;
use super::shape::TABLES;

/// Changes of nothing: their results are the rows that a filter finds, or one row by its key.
impl Generator<'_> {
    pub(super) fn change(mut self) -> Change {
        loop {
            let table = self.below(TABLES.len());
            if TABLES[table].key.len() != 1 {
                continue;
            }
            if self.chance(50) {
                let row = self.below(self.data.tables[table].len());
                let key = self.data.tables[table][row][TABLES[table].key[0]].clone();
                return Change {
                    table,
                    key: Some(key),
                    list: self.list(table, 2, 1),
                };
            }
            let mut list = self.list(table, 2, 1);
            (list.search, list.order) = (None, None);
            list.filters.get_or_insert_with(|| json!({}));
            return Change { table, key: None, list };
        }
    }
}

pub(super) struct Change {
    table: usize,
    key: Option<Cell>,
    list: List,
}

impl Change {
    pub(super) fn text(&self) -> (String, Value) {
        self.list.change_text(self.table, self.key.as_ref())
    }

    /// What a viewer gets back who sees these rows and no others.
    pub(super) fn expected(&self, seen: &Data) -> Value {
        let shape = &TABLES[self.table];
        let all = seen.tables[self.table].iter();
        let Some(key) = &self.key else {
            let list = List {
                order: None,
                search: None,
                distinct: Vec::new(),
                fields: Vec::new(),
                filters: self.list.filters.clone(),
                limit: None,
                offset: None,
            };
            let rows = evaluate::rows_of(self.table, all.collect(), &list, seen);
            let shown: Vec<Value> = rows
                .iter()
                .map(|row| evaluate::fields_of(self.table, row, &self.list.fields, seen))
                .collect();
            return json!({"it": {"success": true, "affectedCount": rows.len(), "errors": [], "rows": shown}});
        };
        if let Some(row) = all.clone().find(|row| row[shape.key[0]] == *key) {
            let row = evaluate::fields_of(self.table, row, &self.list.fields, seen);
            return json!({"it": {"success": true, "errors": [], "row": row}});
        }
        // The same words as for a row that is nowhere.
        let message = format!("there is no such `{}`", shape.type_name);
        let errors = json!([{"field": shape.columns[shape.key[0]].field, "code": "NOT_FOUND", "message": message}]);
        json!({"it": {"success": false, "errors": errors, "row": null}})
    }

    pub(super) fn is_refused(&self, closed: &[bool], hidden: &[(usize, usize)]) -> bool {
        let Mentions { tables, columns } = self.list.mentions(self.table, self.key.is_none());
        tables.iter().any(|&table| closed[table]) || columns.iter().any(|column| hidden.contains(column))
    }
}

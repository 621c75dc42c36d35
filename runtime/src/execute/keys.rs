//! The keys of a level's rows that a level below is asked for.

use std::collections::HashMap;

use super::{BindValue, Cell, RowError};
use crate::json::write_cell;
use crate::meta::Kind;

/// The keys that a level is asked for: distinct ones of a level above it, or those of written rows, in their order.
#[derive(Debug, Default)]
pub struct Keys {
    columns: Vec<KeyColumn>,
    integers: HashMap<i64, u32>,
    others: HashMap<Vec<u8>, u32>,
    count: u32,
}

/// One column of the keys.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum KeyColumn {
    Ints(Vec<i64>),
    Texts(Vec<String>),
}

impl Keys {
    /// The keys of rows, each with the key's columns in order.
    pub fn of<'k>(rows: impl IntoIterator<Item = &'k [BindValue]>, kinds: impl IntoIterator<Item = Kind>) -> Self {
        let slots: Vec<(usize, Kind)> = kinds.into_iter().enumerate().collect();
        let mut keys = Self::new(&slots);
        for row in rows {
            for (value, column) in row.iter().zip(&mut keys.columns) {
                match (value, column) {
                    (BindValue::Int(value), KeyColumn::Ints(values)) => values.push(*value),
                    (BindValue::Text(value), KeyColumn::Texts(values)) => values.push(value.clone()),
                    (BindValue::Text(value), KeyColumn::Ints(values)) => values.push(value.parse().unwrap_or(0)),
                    (BindValue::Int(value), KeyColumn::Texts(values)) => values.push(value.to_string()),
                    (BindValue::Bool(value), KeyColumn::Texts(values)) => values.push(value.to_string()),
                    (BindValue::Float(value), KeyColumn::Texts(values)) => values.push(value.to_string()),
                    (_, KeyColumn::Ints(values)) => values.push(0),
                    (_, KeyColumn::Texts(values)) => values.push(String::new()),
                }
            }
            keys.count += 1;
        }
        keys
    }

    pub(super) fn new(keys: &[(usize, Kind)]) -> Self {
        let column = |&(_, kind): &(usize, Kind)| {
            if kind.is_integer() { KeyColumn::Ints(Vec::new()) } else { KeyColumn::Texts(Vec::new()) }
        };
        Self { columns: keys.iter().map(column).collect(), integers: HashMap::new(), others: HashMap::new(), count: 0 }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    pub(super) fn column(&self, at: usize) -> &KeyColumn {
        &self.columns[at]
    }

    /// All columns as one JSON list: of values, or of lists for a composite key.
    pub(super) fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(2 + self.len() * 8);
        out.push(b'[');
        for row in 0..self.len() {
            if row > 0 {
                out.push(b',');
            }
            if self.columns.len() > 1 {
                out.push(b'[');
            }
            for (at, column) in self.columns.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                match column {
                    KeyColumn::Ints(values) => {
                        out.extend_from_slice(itoa::Buffer::new().format(values[row]).as_bytes());
                    }
                    KeyColumn::Texts(values) => crate::json::escape::write(&values[row], &mut out),
                }
            }
            if self.columns.len() > 1 {
                out.push(b']');
            }
        }
        out.push(b']');
        String::from_utf8(out).expect("invariant: numbers and escaped texts are text")
    }

    /// The key's place in the list, from one, the key added if it is new; 0 where a column is null.
    pub(super) fn add<'r>(
        &mut self,
        keys: &[(usize, Kind)],
        cell: impl Fn(usize, Kind) -> Result<Cell<'r>, RowError>,
    ) -> Result<u32, RowError> {
        if let ([(slot, kind)], [KeyColumn::Ints(values)]) = (keys, self.columns.as_mut_slice()) {
            let Cell::Int(value) = cell(*slot, *kind)? else { return Ok(0) };
            return Ok(*self.integers.entry(value).or_insert_with(|| {
                values.push(value);
                self.count += 1;
                self.count
            }));
        }
        let mut cells = Vec::with_capacity(keys.len());
        let mut joined = Vec::new();
        for &(slot, kind) in keys {
            let cell = cell(slot, kind)?;
            if cell == Cell::Null {
                return Ok(0);
            }
            let start = joined.len();
            // What is hashed is the JSON form, whose quotes part the columns.
            if write_cell(&cell, kind, true, &mut joined).is_err() {
                return Ok(0);
            }
            cells.push((cell, start));
        }
        if let Some(&known) = self.others.get(&joined) {
            return Ok(known);
        }
        for ((cell, start), column) in cells.into_iter().zip(&mut self.columns) {
            match column {
                KeyColumn::Ints(values) => {
                    let Cell::Int(value) = cell else { return Ok(0) };
                    values.push(value);
                }
                KeyColumn::Texts(values) => values.push(key_text(&cell, &joined[start..])),
            }
        }
        self.count += 1;
        self.others.insert(joined, self.count);
        Ok(self.count)
    }
}

/// A key's text form: a text as it is, anything else as its JSON without the quotes.
fn key_text(cell: &Cell<'_>, json: &[u8]) -> String {
    match cell {
        Cell::Text(text) => (*text).to_owned(),
        Cell::Owned(text) => text.clone(),
        _ => {
            let end = json.iter().skip(1).position(|&byte| byte == b'"').map_or(json.len(), |at| at + 2);
            String::from_utf8_lossy(&json[..end]).trim_matches('"').to_owned()
        }
    }
}

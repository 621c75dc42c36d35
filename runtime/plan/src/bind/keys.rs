//! The keys of a level's rows, by which a level below is queried.

use std::collections::HashMap;

use super::list::{digits, hexadecimal};
use super::spelling::database_form;
use crate::dialect::Dialect;
use crate::json::escape::quoted;
use crate::json::write_cell;
use crate::value::{BindValue, Cell, RowError};
use meta::Kind;

/// The keys by which a level is queried: the distinct keys of a level above it, or those of written rows in their
/// order.
#[derive(Debug)]
pub struct Keys {
    dialect: &'static Dialect,
    columns: Vec<KeyColumn>,
    integers: HashMap<i64, u32>,
    others: HashMap<Vec<u8>, u32>,
    count: u32,
}

/// One column of the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyColumn {
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Texts, also of values that travel as text.
    Texts(Vec<String>),
    /// Stored values of any storage class, each as JSON.
    Stored(Vec<String>),
}

impl KeyColumn {
    /// Turns a list of numbers into one of stored values, because the column holds something else, too.
    fn store(&mut self) {
        if let Self::Ints(values) = self {
            *self = Self::Stored(values.iter().map(ToString::to_string).collect());
        }
    }
}

impl Keys {
    /// The keys of rows. Each row holds the key's columns, in their order.
    pub fn of<'k>(
        rows: impl IntoIterator<Item = &'k [BindValue]>,
        kinds: impl IntoIterator<Item = Kind>,
        dialect: &'static Dialect,
    ) -> Self {
        let slots: Vec<(usize, Kind)> = kinds.into_iter().enumerate().collect();
        let mut keys = Self::new(&slots, dialect);

        for row in rows {
            for (value, column) in row.iter().zip(&mut keys.columns) {
                if dialect.capability.loose_columns && !matches!(value, BindValue::Int(_)) {
                    column.store();
                }
                match (value, column) {
                    (value, KeyColumn::Stored(values)) => values.push(stored_value(value)),
                    (BindValue::Int(value), KeyColumn::Ints(values)) => values.push(*value),
                    (BindValue::Text(value) | BindValue::Label(Some(value)), KeyColumn::Texts(values)) => {
                        values.push(value.clone());
                    }
                    (BindValue::Text(value), KeyColumn::Ints(values)) => values.push(value.parse().unwrap_or(0)),
                    (BindValue::Int(value), KeyColumn::Texts(values)) => values.push(value.to_string()),
                    (BindValue::Bool(value), KeyColumn::Texts(values)) => values.push(value.to_string()),
                    (BindValue::Float(value), KeyColumn::Texts(values)) => values.push(value.to_string()),
                    (BindValue::Bytes(bytes), KeyColumn::Texts(values)) => values.push(hexadecimal(bytes, dialect)),
                    (_, KeyColumn::Ints(values)) => values.push(0),
                    (_, KeyColumn::Texts(values)) => values.push(String::new()),
                }
            }
            keys.count += 1;
        }
        keys
    }

    /// No keys yet, of columns of these kinds.
    pub fn new(keys: &[(usize, Kind)], dialect: &'static Dialect) -> Self {
        let is_stored = dialect.capability.loose_columns;
        let column = |&(_, kind): &(usize, Kind)| match kind {
            _ if kind.is_integer() && (keys.len() == 1 || !is_stored) => KeyColumn::Ints(Vec::new()),
            _ if is_stored => KeyColumn::Stored(Vec::new()),
            _ => KeyColumn::Texts(Vec::new()),
        };

        Self {
            dialect,
            columns: keys.iter().map(column).collect(),
            integers: HashMap::new(),
            others: HashMap::new(),
            count: 0,
        }
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// The values of one column, in the order of the keys.
    pub fn column(&self, at: usize) -> &KeyColumn {
        &self.columns[at]
    }

    /// All columns as one JSON list: of values, or of lists for a composite key.
    pub fn to_json(&self) -> String {
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
                    KeyColumn::Stored(values) => out.extend_from_slice(values[row].as_bytes()),
                }
            }
            if self.columns.len() > 1 {
                out.push(b']');
            }
        }

        out.push(b']');
        String::from_utf8(out).expect("invariant: numbers and escaped texts are text")
    }

    /// Adds a row's key if it is new. Returns its position in the list, counted from one, or 0 if a column is null.
    pub fn add<'r>(
        &mut self,
        keys: &[(usize, Kind)],
        cell: impl Fn(usize, Kind) -> Result<Cell<'r>, RowError>,
    ) -> Result<u32, RowError> {
        if let ([(slot, kind)], [column]) = (keys, self.columns.as_mut_slice())
            && kind.is_integer()
        {
            let found = cell(*slot, *kind)?;
            if let Cell::Int(value) = found {
                return Ok(*self.integers.entry(value).or_insert_with(|| {
                    match column {
                        KeyColumn::Ints(values) => values.push(value),
                        KeyColumn::Texts(values) | KeyColumn::Stored(values) => values.push(value.to_string()),
                    }
                    self.count += 1;
                    self.count
                }));
            }
            if found == Cell::Null || !self.dialect.capability.loose_columns {
                return Ok(0);
            }
            column.store();
        }

        let mut cells = Vec::with_capacity(keys.len());
        let mut joined = Vec::new();
        for &(slot, kind) in keys {
            let cell = cell(slot, kind)?;
            if cell == Cell::Null {
                return Ok(0);
            }

            let start = joined.len();
            // The JSON form is hashed; its quotes separate the columns.
            if self.dialect.capability.loose_columns {
                joined.extend_from_slice(stored_cell(&cell).as_bytes());
                joined.push(b',');
            } else if let Cell::Bytes(bytes) = cell {
                crate::json::escape::write(&hexadecimal(bytes, self.dialect), &mut joined);
            } else if write_cell(&cell, kind, true, &mut joined).is_err() {
                return Ok(0);
            }
            cells.push((cell, kind, start));
        }

        if let Some(&known) = self.others.get(&joined) {
            return Ok(known);
        }

        for ((cell, kind, start), column) in cells.into_iter().zip(&mut self.columns) {
            match column {
                KeyColumn::Stored(values) => values.push(stored_cell(&cell)),
                KeyColumn::Ints(values) => {
                    let Cell::Int(value) = cell else { return Ok(0) };
                    values.push(value);
                }
                KeyColumn::Texts(values) => {
                    if let Cell::Bytes(bytes) = &cell {
                        values.push(hexadecimal(bytes, self.dialect));
                        continue;
                    }
                    let text = BindValue::Text(key_text(&cell, &joined[start..]));
                    // Dates and intervals are sent in the form that the database reads.
                    let BindValue::Text(text) = database_form(kind, text, self.dialect) else {
                        return Ok(0);
                    };
                    values.push(text);
                }
            }
        }

        self.count += 1;
        self.others.insert(joined, self.count);
        Ok(self.count)
    }
}

/// A key's text form: a text unchanged, anything else as its JSON form without the quotes.
fn key_text(cell: &Cell<'_>, json: &[u8]) -> String {
    match cell {
        Cell::Text(text) => (*text).to_owned(),
        Cell::Owned(text) => text.clone(),
        _ => {
            let end = json
                .iter()
                .skip(1)
                .position(|&byte| byte == b'"')
                .map_or(json.len(), |at| at + 2);
            String::from_utf8_lossy(&json[..end]).trim_matches('"').to_owned()
        }
    }
}

/// A stored value as JSON that the SQL of [`crate::sql`] reads. Bytes, for which JSON has no form, become an object.
fn stored_cell(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Int(number) => number.to_string(),
        Cell::Bool(value) => u8::from(*value).to_string(),
        Cell::Float(number) => stored_float(*number),
        Cell::Text(text) => quoted(text),
        Cell::Owned(text) => quoted(text),
        Cell::Bytes(bytes) => stored_bytes(bytes),
        _ => "null".into(),
    }
}

fn stored_value(value: &BindValue) -> String {
    match value {
        BindValue::Int(number) => number.to_string(),
        BindValue::Bool(value) => u8::from(*value).to_string(),
        BindValue::Float(number) => stored_float(*number),
        BindValue::Text(text) => quoted(text),
        BindValue::Label(Some(label)) => quoted(label),
        BindValue::Bytes(bytes) => stored_bytes(bytes),
        BindValue::Null | BindValue::Label(None) | BindValue::Ints(_) | BindValue::Texts(_) => "null".into(),
    }
}

/// A float as JSON, which has no infinities: a number out of range is read as one.
fn stored_float(number: f64) -> String {
    match number {
        _ if number.is_finite() => serde_json::json!(number).to_string(),
        _ if number > 0.0 => "9e999".into(),
        _ => "-9e999".into(),
    }
}

fn stored_bytes(bytes: &[u8]) -> String {
    format!("{{\"hex\":\"{}\"}}", digits(bytes))
}

//! The rows of one statement as text, with places left open for the levels below.

use std::collections::HashMap;

use super::{Cell, Row, RowError};
use crate::json::{ValueError, write_cell};
use crate::meta::Kind;
use crate::plan::{Level, Operation};

/// A field whose value could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub field: &'static str,
    /// What was wrong; `None` for a missing value that the schema promises.
    pub error: Option<ValueError>,
}

/// More errors of one answer are not worth a client's while.
const MAX_ERRORS: usize = 20;

/// Written rows of a level.
#[derive(Debug, Default)]
pub(super) struct LevelRows {
    /// All rows, a comma between them.
    pub(super) text: Vec<u8>,
    pub(super) rows: Vec<WrittenRow>,
    pub(super) holes: Vec<Hole>,
    /// For each row its parent's place in the key list, from one; empty for a root.
    pub(super) ordinals: Vec<u32>,
    /// For each child the distinct keys of all rows.
    pub(super) keys: Vec<Keys>,
    pub(super) errors: Vec<FieldError>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenRow {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) first_hole: usize,
}

/// A place in a row's text where a child's rows belong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hole {
    pub(super) at: usize,
    pub(super) child: usize,
    /// The key's place in the child's list, from one; 0 where a key column is null.
    pub(super) ordinal: u32,
}

impl LevelRows {
    pub(super) fn new(level: &Level) -> Self {
        let keys = level.children.iter().map(|child| Keys::new(&child.keys)).collect();
        Self { keys, ..Self::default() }
    }

    /// Writes one row. `first` is the place of slot 0: 1 where an ordinal stands before it.
    pub(super) fn push<R: Row>(&mut self, level: &Level, row: &R) -> Result<(), RowError> {
        let first = usize::from(level.select.link.is_some());
        if first == 1 {
            self.ordinals.push(u32::try_from(row.ordinal()?).unwrap_or(0));
        }
        if !self.rows.is_empty() {
            self.text.push(b',');
        }
        let start = self.text.len();
        let first_hole = self.holes.len();
        let operations = level.program.operations();
        let mut at = 0;
        while let Some(operation) = operations.get(at) {
            at += 1;
            match operation {
                Operation::Text(text) => self.text.extend_from_slice(text),
                Operation::Value { slot, kind, id, required, field } => {
                    let cell = row.cell(first + slot, *kind)?;
                    if *required && cell == Cell::Null {
                        self.fail(FieldError { field, error: None });
                    }
                    if let Err(error) = write_cell(&cell, *kind, *id, &mut self.text) {
                        self.fail(FieldError { field, error: Some(error) });
                    }
                }
                Operation::Object { slot, skip } => {
                    let kind = level.select.kind(&level.select.columns[*slot]);
                    if row.cell(first + slot, kind)? == Cell::Null {
                        self.text.extend_from_slice(b"null");
                        at += skip;
                    }
                }
                Operation::Child(child) => {
                    let keys = &level.children[*child].keys;
                    let ordinal = self.keys[*child].add(keys, |slot, kind| row.cell(first + slot, kind))?;
                    self.holes.push(Hole { at: self.text.len(), child: *child, ordinal });
                }
            }
        }
        self.rows.push(WrittenRow { start, end: self.text.len(), first_hole });
        Ok(())
    }

    fn fail(&mut self, error: FieldError) {
        if self.errors.len() < MAX_ERRORS && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }
}

/// The distinct keys that a child level is asked for.
#[derive(Debug)]
pub(super) struct Keys {
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
    fn new(keys: &[(usize, Kind)]) -> Self {
        let column = |&(_, kind): &(usize, Kind)| {
            if kind.is_integer() { KeyColumn::Ints(Vec::new()) } else { KeyColumn::Texts(Vec::new()) }
        };
        Self { columns: keys.iter().map(column).collect(), integers: HashMap::new(), others: HashMap::new(), count: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn len(&self) -> usize {
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
    fn add<'r>(
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

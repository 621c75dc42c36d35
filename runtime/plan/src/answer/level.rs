//! The rows of one statement as JSON text, with holes for the levels below.

use crate::bind::Keys;
use crate::bind::write_stored;
use crate::dialect::Dialect;
use crate::json::{ValueError, write_cell, write_structure};
use crate::planner::{Cursor, Level, Step, encode_cursor};
use crate::value::{Cell, Row, RowError};
use meta::Kind;

/// A field whose value could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The path from the answer's root to the field.
    pub path: Vec<PathSegment>,
    /// What is wrong; `None` if the schema promises a value and it is missing.
    pub error: Option<ValueError>,
}

/// A step of the path to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// Into an object.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl std::fmt::Display for PathSegment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

/// How many errors of one level are reported at most: more do not help a client.
const MAX_ERRORS: usize = 20;

/// The rows of a level, written as JSON.
#[derive(Debug, Default)]
pub struct LevelRows {
    /// All rows, separated by commas.
    pub(super) text: Vec<u8>,
    pub(super) rows: Vec<WrittenRow>,
    pub(super) holes: Vec<Hole>,
    /// Objects that may be `null` and may contain holes: their start and end in the text.
    pub(super) objects: Vec<(usize, usize)>,
    /// For each row, its parent's position in the key list, counted from one; empty for a root level.
    pub(super) ordinals: Vec<u32>,
    /// For each child level, the distinct keys of all rows.
    pub keys: Vec<Keys>,
    /// The cursor of each row, if the level has cursors.
    pub(super) cursors: Vec<String>,
    /// The columns that computed fields need, one entry for each hole: the index of the extension that computes the
    /// field, and the row's columns.
    pub(super) projections: Vec<(usize, Projection)>,
    pub(super) errors: Vec<ValueFailure>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenRow {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) first_hole: usize,
    /// Whether it lacks a value that the schema promises, so that it cannot be shown.
    pub(super) is_incomplete: bool,
}

/// A place in a row's text that is filled later.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hole {
    pub(super) at: usize,
    /// The innermost object around it that may be `null`, in [`LevelRows::objects`].
    pub(super) object: Option<usize>,
    pub(super) fill: Fill,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Fill {
    /// The rows of a child level. `ordinal` is the key's position in the key list, counted from one, or 0 if a key
    /// column is null.
    Child { child: usize, ordinal: u32 },
    /// A value of [`LevelRows::extended`].
    Extended(usize),
}

/// A value that could not be written.
#[derive(Debug, Clone)]
pub(super) struct ValueFailure {
    /// The row.
    pub(super) row: usize,
    /// The operation, which holds the path within the row.
    pub(super) operation: usize,
    pub(super) error: Option<ValueError>,
}

/// An object that may be `null`, while the row is being written.
struct OpenObject {
    operation: usize,
    end: usize,
    object: usize,
    holes: usize,
    extended: usize,
}

impl LevelRows {
    /// No rows yet.
    pub fn new(level: &Level, dialect: &'static Dialect) -> Self {
        let keys = level
            .children
            .iter()
            .map(|child| Keys::new(&child.keys, dialect))
            .collect();
        Self {
            keys,
            ..Self::default()
        }
    }

    /// How many bytes of text its rows take.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Writes one row. Slot 0 is the first column, or the second if the parent's ordinal comes before it.
    #[expect(clippy::too_many_lines, reason = "one flat match over the operations")]
    pub fn push<R: Row>(&mut self, level: &Level, row: &R) -> Result<(), RowError> {
        let first = usize::from(level.select.link.is_some());
        if first == 1 {
            self.ordinals.push(u32::try_from(row.ordinal()?).unwrap_or(0));
        }
        if !self.rows.is_empty() {
            self.text.push(b',');
        }
        if let Some(cursor) = &level.cursor {
            self.cursors
                .push(cursor_of(cursor, |slot, kind| row.cell(first + slot, kind))?);
        }

        let start = self.text.len();
        let first_hole = self.holes.len();
        let mut poisoned = false;
        let mut open: Vec<OpenObject> = Vec::new();

        let operations = level.program.steps();
        let mut at = 0;
        while let Some(operation) = operations.get(at) {
            let here = at;
            at += 1;
            while open.last().is_some_and(|object| object.end <= here) {
                self.close(&mut open);
            }

            let mut missing = false;
            match operation {
                Step::Text(text) => self.text.extend_from_slice(text),
                Step::Value {
                    slot,
                    kind,
                    is_id: id,
                    required,
                    ..
                } => {
                    let cell = row.cell(first + slot, *kind)?;
                    if *required && cell == Cell::Null {
                        self.fail(here, None);
                        missing = true;
                    } else if let Err(error) = write_cell(&cell, *kind, *id, &mut self.text) {
                        self.fail(here, Some(error));
                        missing = *required && !kind.is_array();
                    }
                }
                Step::Structure {
                    slot,
                    kind,
                    shape,
                    required,
                    ..
                } => {
                    let cell = row.cell(first + slot, *kind)?;
                    if *required && cell == Cell::Null {
                        self.fail(here, None);
                        missing = true;
                    } else if let Err(error) = write_structure(&cell, *kind, shape, &mut self.text) {
                        self.fail(here, Some(error));
                    }
                }
                Step::Object {
                    slot, skip, required, ..
                } => {
                    let kind = level.select.kind(&level.select.columns[*slot]);
                    let is_null = row.cell(first + slot, kind)? == Cell::Null;
                    if is_null && *required {
                        self.fail(here, None);
                        missing = true;
                    } else if is_null {
                        self.text.extend_from_slice(b"null");
                        at += skip;
                    } else if !*required {
                        self.objects.push((self.text.len(), 0));
                        open.push(OpenObject {
                            operation: here,
                            end: here + 1 + skip,
                            object: self.objects.len() - 1,
                            holes: self.holes.len(),
                            extended: self.projections.len(),
                        });
                    }
                }
                Step::Child(child) => {
                    let keys = &level.children[*child].keys;
                    let ordinal = self.keys[*child].add(keys, |slot, kind| row.cell(first + slot, kind))?;
                    self.hole(&open, Fill::Child { child: *child, ordinal });
                }
                Step::Computed(extension) => {
                    let slots = &level.computed_fields[*extension].slots;
                    let cells = slots.iter().map(|&slot| {
                        let kind = level.select.kind(&level.select.columns[slot]);
                        row.cell(first + slot, kind).map(Cell::into_owned)
                    });
                    let projection = Projection(cells.collect::<Result<_, _>>()?);
                    self.hole(&open, Fill::Extended(self.projections.len()));
                    self.projections.push((*extension, projection));
                }
                Step::SquareRoot { slot } => {
                    let cell = match row.cell(first + slot, Kind::Float64)? {
                        Cell::Float(square) => Cell::Float(square.sqrt()),
                        Cell::Int(square) => Cell::Float((square as f64).sqrt()),
                        other => other,
                    };
                    if let Err(error) = write_cell(&cell, Kind::Float64, false, &mut self.text) {
                        self.fail(here, Some(error));
                    }
                }
                Step::Cursor => {
                    let cursor = self.cursors.last().map(String::as_str).unwrap_or_default();
                    crate::json::escape::write(cursor, &mut self.text);
                }
            }

            if missing {
                // The nearest object that may be null becomes null; without one, the whole row is lost.
                if let Some(object) = open.pop() {
                    self.text.truncate(self.objects[object.object].0);
                    self.text.extend_from_slice(b"null");
                    self.holes.truncate(object.holes);
                    self.projections.truncate(object.extended);
                    self.objects.truncate(object.object);
                    at = object.end;
                    debug_assert!(object.operation < at, "an object ends after its start");
                } else {
                    poisoned = true;
                    break;
                }
            }
        }

        while !open.is_empty() {
            self.close(&mut open);
        }

        self.rows.push(WrittenRow {
            start,
            end: self.text.len(),
            first_hole,
            is_incomplete: poisoned,
        });
        Ok(())
    }

    fn close(&mut self, open: &mut Vec<OpenObject>) {
        if let Some(object) = open.pop() {
            self.objects[object.object].1 = self.text.len();
        }
    }

    fn hole(&mut self, open: &[OpenObject], fill: Fill) {
        self.holes.push(Hole {
            at: self.text.len(),
            object: open.last().map(|object| object.object),
            fill,
        });
    }

    fn fail(&mut self, operation: usize, error: Option<ValueError>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(ValueFailure {
                row: self.rows.len(),
                operation,
                error,
            });
        }
    }
}

/// Makes a row's cursor from the values that the row is ordered by.
fn cursor_of<'r>(
    cursor: &Cursor,
    cell: impl Fn(usize, Kind) -> Result<Cell<'r>, RowError>,
) -> Result<String, RowError> {
    let mut values = Vec::new();
    for (at, &(slot, kind)) in cursor.slots.iter().enumerate() {
        if at > 0 {
            values.push(b',');
        }

        let mut cell = cell(slot, kind)?;
        let start = values.len();
        if cursor.as_stored && matches!(kind, Kind::Bool) {
            // In the order, everything except zero is true.
            cell = match cell {
                Cell::Null => Cell::Null,
                Cell::Int(0) | Cell::Float(0.0) => Cell::Bool(false),
                Cell::Bool(value) => Cell::Bool(value),
                _ => Cell::Bool(true),
            };
        }

        if cursor.as_stored && !matches!(kind, Kind::Bool) {
            write_stored(&cell, &mut values);
            continue;
        }

        if write_cell(&cell, kind, false, &mut values).is_err() {
            // JSON has no number for it (NaN, infinity), so it is written as a string.
            values.truncate(start);
            let text = match cell {
                Cell::Float(value) => value.to_string(),
                Cell::Float32(value) => value.to_string(),
                _ => String::new(),
            };
            crate::json::escape::write(&text, &mut values);
        }
    }

    Ok(encode_cursor(cursor.fingerprint, &values))
}

/// The columns of a row that a computed field needs.
#[derive(Debug)]
pub struct Projection(Vec<Cell<'static>>);

impl Row for Projection {
    fn cell(&self, at: usize, _: Kind) -> Result<Cell<'_>, RowError> {
        self.0.get(at).cloned().ok_or(RowError { slot: at })
    }
}

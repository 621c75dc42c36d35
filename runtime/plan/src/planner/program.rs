//! How a row becomes JSON: a flat list of operations over its slots.

use crate::json::Shape;
use meta::Kind;

/// One step of writing a row.
#[derive(Debug, Clone)]
pub enum Operation {
    /// Text as it stands: braces, names, commas.
    Text(Box<[u8]>),
    /// A slot's value.
    Value {
        /// The slot.
        slot: usize,
        /// What it holds.
        kind: Kind,
        /// Whether it is an `ID`, whose form is always text.
        id: bool,
        /// Whether the schema promises a value.
        required: bool,
        /// The keys from the row's object down to the value, for error messages.
        path: Box<[String]>,
    },
    /// A slot's value that is an object, or a list of objects.
    Structure {
        /// The slot.
        slot: usize,
        /// What it holds.
        kind: Kind,
        /// The fields that the request names.
        shape: Shape,
        /// Whether the schema promises a value.
        required: bool,
        /// The keys from the row's object down to the value, for error messages.
        path: Box<[String]>,
    },
    /// An object of a to-one relation: where the slot is null, `null` is written and `skip` operations are passed over.
    Object {
        /// A column that is never null in a row that exists.
        slot: usize,
        /// How many operations the object has.
        skip: usize,
        /// Whether the schema promises a row.
        required: bool,
        /// The keys from the row's object down to this one.
        path: Box<[String]>,
    },
    /// The rows of a child level that belong to this row.
    Child(usize),
    /// A field that Rust code computes, an index into [`Level::extensions`](super::Level::extensions).
    Extension(usize),
    /// The square root of a slot's float.
    SquareRoot {
        /// The slot.
        slot: usize,
    },
    /// The row's cursor.
    Cursor,
}

/// The operations of a level, literal texts joined.
#[derive(Debug, Default)]
pub struct Program {
    operations: Vec<Operation>,
}

impl Program {
    /// The operations in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Appends a literal text to the one before it.
    pub fn text(&mut self, text: &str) {
        if let Some(Operation::Text(last)) = self.operations.last_mut() {
            let mut joined = std::mem::take(last).into_vec();
            joined.extend_from_slice(text.as_bytes());
            *last = joined.into_boxed_slice();
        } else {
            self.operations.push(Operation::Text(text.as_bytes().into()));
        }
    }

    /// Appends any other operation.
    pub fn push(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    /// Opens an object that may be missing; [`Self::close_object`] takes what this returns.
    pub fn open_object(&mut self, slot: usize, required: bool, path: &[String]) -> usize {
        self.operations.push(Operation::Object {
            slot,
            skip: 0,
            required,
            path: path.into(),
        });
        // The text of the object must not be joined with what stands before it.
        self.operations.push(Operation::Text(Box::from(&b"{"[..])));
        self.operations.len() - 2
    }

    /// Closes the object that was opened at `at`.
    pub fn close_object(&mut self, at: usize) {
        self.text("}");
        let length = self.operations.len() - at - 1;
        if let Operation::Object { skip, .. } = &mut self.operations[at] {
            *skip = length;
        }
        // What follows the object must not be joined with its last text, which is skipped with it.
        self.operations.push(Operation::Text(Box::default()));
    }
}

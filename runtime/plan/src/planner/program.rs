//! How a row becomes JSON: a flat list of operations on its slots.

use crate::json::Shape;
use meta::Kind;

/// One step of writing a row.
#[derive(Debug, Clone)]
pub enum Step {
    /// Literal text: braces, names, commas.
    Text(Box<[u8]>),
    /// A slot's value.
    Value {
        /// The slot.
        slot: usize,
        /// The kind of its value.
        kind: Kind,
        /// Whether it is an `ID`, which is always written as text.
        is_id: bool,
        /// Whether the schema declares it non-null.
        required: bool,
        /// The keys from the row's object down to the value, for error messages.
        path: Box<[String]>,
    },
    /// A slot's value that is an object, or a list of objects.
    Structure {
        /// The slot.
        slot: usize,
        /// The kind of its value.
        kind: Kind,
        /// The selected fields.
        shape: Shape,
        /// Whether the schema declares it non-null.
        required: bool,
        /// The keys from the row's object down to the value, for error messages.
        path: Box<[String]>,
    },
    /// The object of a to-one relation: if the slot is null, `null` is written and `skip` operations are skipped.
    Object {
        /// The slot of a column that is never null in an existing row.
        slot: usize,
        /// The number of operations of the object.
        skip: usize,
        /// Whether the schema declares it non-null.
        required: bool,
        /// The keys from the row's object down to this one, for error messages.
        path: Box<[String]>,
    },
    /// The rows of a child level that belong to this row.
    Child(usize),
    /// A computed field, an index into [`Level::computed_fields`](super::Level::computed_fields).
    Computed(usize),
    /// The square root of a slot's float.
    SquareRoot {
        /// The slot.
        slot: usize,
    },
    /// The row's cursor.
    Cursor,
}

/// The operations of a level; adjacent texts are joined.
#[derive(Debug, Default)]
pub struct Program {
    operations: Vec<Step>,
}

impl Program {
    /// The operations in order.
    pub fn steps(&self) -> &[Step] {
        &self.operations
    }

    /// Appends a literal text, joined to a text right before it.
    pub fn text(&mut self, text: &str) {
        if let Some(Step::Text(last)) = self.operations.last_mut() {
            let mut joined = std::mem::take(last).into_vec();
            joined.extend_from_slice(text.as_bytes());
            *last = joined.into_boxed_slice();
        } else {
            self.operations.push(Step::Text(text.as_bytes().into()));
        }
    }

    /// Appends any other operation.
    pub fn push(&mut self, operation: Step) {
        self.operations.push(operation);
    }

    /// Opens an object that may be missing. Pass the result to [`Self::close_object`].
    pub fn open_object(&mut self, slot: usize, required: bool, path: &[String]) -> usize {
        self.operations.push(Step::Object {
            slot,
            skip: 0,
            required,
            path: path.into(),
        });
        // The object's text must not be joined to the text before it.
        self.operations.push(Step::Text(Box::from(&b"{"[..])));
        self.operations.len() - 2
    }

    /// Closes the object that was opened at `at`.
    pub fn close_object(&mut self, at: usize) {
        self.text("}");
        let length = self.operations.len() - at - 1;
        if let Step::Object { skip, .. } = &mut self.operations[at] {
            *skip = length;
        }
        // Text after the object must not be joined to its last text, which is skipped with it.
        self.operations.push(Step::Text(Box::default()));
    }
}

//! The payload of a mutation field, by what the client selected of it.

use plan::json::escape;
use plan::selection::Selected;
use rows::write::InputError;

/// A payload: literal text, and places for what a write comes to.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Payload(Vec<Part>);

/// A part of a payload.
#[derive(Debug)]
pub(in crate::graphql) enum Part {
    Text(Box<[u8]>),
    Success,
    AffectedCount,
    /// The rows of the plan's root with this index.
    Rows(usize),
    /// The errors, with the fields that the client selected.
    Errors(Vec<Selected>),
}

impl Payload {
    /// Appends a part.
    pub(in crate::graphql) fn push(&mut self, part: Part) {
        self.0.push(part);
    }

    /// Appends text.
    pub(in crate::graphql) fn text(&mut self, text: &str) {
        if let Some(Part::Text(last)) = self.0.last_mut() {
            let mut joined = std::mem::take(last).into_vec();
            joined.extend_from_slice(text.as_bytes());
            *last = joined.into();
        } else {
            self.0.push(Part::Text(text.as_bytes().into()));
        }
    }

    /// The payload as JSON; `rows` writes the rows of a root.
    pub(in crate::graphql) fn to_json(
        &self,
        success: bool,
        count: usize,
        errors: &[InputError],
        rows: impl Fn(usize, &mut Vec<u8>),
    ) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Success => out.extend_from_slice(if success { b"true" } else { b"false" }),
                Part::AffectedCount => out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes()),
                Part::Rows(root) => rows(*root, &mut out),
                Part::Errors(fields) => write_errors(fields, errors, &mut out),
            }
        }

        out
    }
}

fn write_errors(fields: &[Selected], errors: &[InputError], out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, error) in errors.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.push(b'{');
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            escape::write(&field.key, out);
            out.push(b':');
            match field.name.as_str() {
                "field" if error.path.is_empty() => out.extend_from_slice(b"null"),
                "field" => escape::write(&error.path.join("."), out),
                "message" => escape::write(&error.message, out),
                "code" => escape::write(error.code.name(), out),
                _ => escape::write("MutationError", out),
            }
        }
        out.push(b'}');
    }
    out.push(b']');
}

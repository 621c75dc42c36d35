//! Values that are objects: ranges and composites, with the fields that a request selects.

use super::escape;
use super::value::{ValueError, write_cell};
use crate::value::Cell;
use meta::Kind;

/// The selected fields of an object, by their keys.
#[derive(Debug, Clone, Default)]
pub struct Shape(pub Vec<(String, Part)>);

/// A field of an object.
#[derive(Debug, Clone)]
pub enum Part {
    /// `__typename`
    Typename(String),
    /// A range's bound or property.
    Range(RangePart),
    /// A composite's attribute by its index, and the selected fields of that attribute if it is an object.
    Attribute(usize, Shape),
}

/// A field of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangePart {
    /// `lower`
    Lower,
    /// `upper`
    Upper,
    /// `lowerInclusive`
    LowerInclusive,
    /// `upperInclusive`
    UpperInclusive,
    /// `isEmpty`
    IsEmpty,
}

impl RangePart {
    /// All parts, with their names.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("lower", Self::Lower),
        ("upper", Self::Upper),
        ("lowerInclusive", Self::LowerInclusive),
        ("upperInclusive", Self::UpperInclusive),
        ("isEmpty", Self::IsEmpty),
    ];
}

impl Shape {
    /// All fields of a kind.
    pub fn whole(kind: Kind) -> Self {
        match kind {
            Kind::Range(_) => Self(
                RangePart::ALL
                    .iter()
                    .map(|(name, part)| ((*name).to_owned(), Part::Range(*part)))
                    .collect(),
            ),
            Kind::Composite(ty) => {
                let fields = ty.fields.iter().enumerate();
                Self(
                    fields
                        .map(|(at, field)| (field.field.to_owned(), Part::Attribute(at, Self::whole(field.kind))))
                        .collect(),
                )
            }
            Kind::Array(element) => Self::whole(*element),
            _ => Self::default(),
        }
    }
}

/// Appends an object, or a list of objects. A value inside that cannot be written becomes `null`. Returns the first
/// error.
pub fn write_structure(cell: &Cell<'_>, kind: Kind, shape: &Shape, out: &mut Vec<u8>) -> Result<(), ValueError> {
    match (cell, kind) {
        (Cell::Array(items), Kind::Array(element)) => {
            out.push(b'[');
            let mut result = Ok(());
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                result = result.and(write_structure(item, *element, shape, out));
            }
            out.push(b']');
            result
        }
        (Cell::Range(_) | Cell::Record(_), _) => {
            out.push(b'{');
            let mut result = Ok(());
            for (at, (key, part)) in shape.0.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                escape::write(key, out);
                out.push(b':');
                result = result.and(write_part(cell, kind, part, out));
            }
            out.push(b'}');
            result
        }
        _ => write_cell(cell, kind, false, out),
    }
}

fn write_part(cell: &Cell<'_>, kind: Kind, part: &Part, out: &mut Vec<u8>) -> Result<(), ValueError> {
    let switch = |on: bool, out: &mut Vec<u8>| out.extend_from_slice(if on { b"true" } else { b"false" });
    match (cell, kind, part) {
        (_, _, Part::Typename(name)) => escape::write(name, out),
        (Cell::Range(range), Kind::Range(ty), Part::Range(part)) => match part {
            RangePart::Lower | RangePart::Upper => {
                let bound = if *part == RangePart::Lower {
                    &range.lower
                } else {
                    &range.upper
                };
                return match bound {
                    Some(bound) => write_cell(bound, ty.element, false, out),
                    None => write_cell(&Cell::Null, ty.element, false, out),
                };
            }
            RangePart::LowerInclusive => switch(range.lower_inclusive, out),
            RangePart::UpperInclusive => switch(range.upper_inclusive, out),
            RangePart::IsEmpty => switch(range.empty, out),
        },
        (Cell::Record(fields), Kind::Composite(ty), Part::Attribute(at, shape)) => {
            let (Some(field), Some(meta)) = (fields.get(*at), ty.fields.get(*at)) else {
                return Err(ValueError::Mismatch);
            };
            return write_structure(field, meta.kind, shape, out);
        }
        _ => out.extend_from_slice(b"null"),
    }
    Ok(())
}

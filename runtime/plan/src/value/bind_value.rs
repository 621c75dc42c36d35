//! A value as drivers bind it.

/// A value to bind. Kinds that drivers represent differently are sent as text, and the statement casts them.
#[derive(Debug, Clone, PartialEq)]
pub enum BindValue {
    /// `NULL`
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(String),
    /// A text or `NULL` whose type the database infers from its context.
    Label(Option<String>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list of integers.
    Ints(Vec<i64>),
    /// A list of texts.
    Texts(Vec<String>),
}

impl BindValue {
    /// About how many bytes it takes when it is sent.
    pub fn size(&self) -> usize {
        match self {
            Self::Null | Self::Label(None) => 1,
            Self::Bool(_) | Self::Int(_) | Self::Float(_) => 9,
            Self::Text(text) | Self::Label(Some(text)) => text.len() + 9,
            Self::Bytes(bytes) => bytes.len() + 9,
            Self::Ints(list) => list.len() * 12,
            Self::Texts(list) => list.iter().map(|text| text.len() + 12).sum(),
        }
    }
}

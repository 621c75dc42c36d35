//! A value as a driver delivers it: the common form of three wire formats.

/// One value of a row, borrowed from the driver's buffer where it can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'r> {
    /// `NULL`
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer too large for `i64`.
    UInt(u64),
    /// A float.
    Float(f64),
    /// A float of single precision.
    Float32(f32),
    /// A text; also a number, date or time in the database's text form.
    Text(&'r str),
    /// JSON that the database has validated.
    Json(&'r str),
    /// A text that is not in the driver's buffer.
    Owned(String),
    /// Bytes.
    Bytes(&'r [u8]),
    /// Microseconds since 1970-01-01T00:00:00.
    Timestamp(i64),
    /// A point in time outside of the range of `Timestamp`, in its JSON form.
    FarTimestamp(String),
    /// Days since 1970-01-01.
    Date(i64),
    /// A date that no calendar has, as MySQL keeps it (`0000-00-00`, `2024-00-31`): year, month, day, microseconds
    /// since midnight.
    ImpossibleDate(u16, u8, u8, i64),
    /// Microseconds since midnight.
    Time(i64),
    /// An interval: months, days, microseconds.
    Interval(i32, i32, i64),
    /// An infinite date or point in time.
    Infinity {
        /// Whether it is `infinity`; otherwise it is `-infinity`.
        positive: bool,
    },
    /// A UUID.
    Uuid(uuid::Uuid),
    /// A list.
    Array(Vec<Cell<'r>>),
    /// A range's bounds.
    Range(Box<RangeCell<'r>>),
    /// A composite value's attributes, in their order.
    Record(Vec<Cell<'r>>),
    /// Bytes that are not in the driver's buffer.
    OwnedBytes(Vec<u8>),
}

/// A range. A missing bound means that the range is unbounded on that side.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeCell<'r> {
    /// The lower bound.
    pub lower: Option<Cell<'r>>,
    /// The upper bound.
    pub upper: Option<Cell<'r>>,
    /// Whether the range includes the lower bound.
    pub lower_inclusive: bool,
    /// Whether the range includes the upper bound.
    pub upper_inclusive: bool,
    /// Whether the range is empty.
    pub empty: bool,
}

impl Cell<'_> {
    /// The same value, copied so that it can outlive the row.
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Null => Cell::Null,
            Self::Bool(value) => Cell::Bool(value),
            Self::Int(value) => Cell::Int(value),
            Self::UInt(value) => Cell::UInt(value),
            Self::Float(value) => Cell::Float(value),
            Self::Float32(value) => Cell::Float32(value),
            Self::Text(text) | Self::Json(text) => Cell::Owned(text.to_owned()),
            Self::Owned(text) => Cell::Owned(text),
            Self::Bytes(bytes) => Cell::OwnedBytes(bytes.to_vec()),
            Self::OwnedBytes(bytes) => Cell::OwnedBytes(bytes),
            Self::Timestamp(micros) => Cell::Timestamp(micros),
            Self::FarTimestamp(text) => Cell::FarTimestamp(text),
            Self::Date(days) => Cell::Date(days),
            Self::ImpossibleDate(year, month, day, micros) => Cell::ImpossibleDate(year, month, day, micros),
            Self::Time(micros) => Cell::Time(micros),
            Self::Interval(months, days, micros) => Cell::Interval(months, days, micros),
            Self::Infinity { positive } => Cell::Infinity { positive },
            Self::Uuid(uuid) => Cell::Uuid(uuid),
            Self::Range(range) => Cell::Range(Box::new(RangeCell {
                lower: range.lower.map(Cell::into_owned),
                upper: range.upper.map(Cell::into_owned),
                lower_inclusive: range.lower_inclusive,
                upper_inclusive: range.upper_inclusive,
                empty: range.empty,
            })),
            Self::Record(items) => Cell::Record(items.into_iter().map(Cell::into_owned).collect()),
            Self::Array(items) => Cell::Array(items.into_iter().map(Cell::into_owned).collect()),
        }
    }
}

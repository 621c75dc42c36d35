//! A value as a driver hands it over: the common form of three wire formats.

/// One value of a row, borrowed from the driver's buffer where it can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'r> {
    /// `NULL`
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond `i64`.
    UInt(u64),
    /// A float.
    Float(f64),
    /// A float of single precision.
    Float32(f32),
    /// A text; also a number, date or time in the database's text form.
    Text(&'r str),
    /// A text that had to be made.
    Owned(String),
    /// Bytes.
    Bytes(&'r [u8]),
    /// Microseconds since 1970-01-01T00:00:00.
    Timestamp(i64),
    /// Days since 1970-01-01.
    Date(i64),
    /// Microseconds since midnight.
    Time(i64),
    /// A span: months, days, microseconds.
    Interval(i32, i32, i64),
    /// A time that is no time: `infinity`, or `-infinity` if not positive.
    Infinity {
        /// Which end.
        positive: bool,
    },
    /// A UUID.
    Uuid(uuid::Uuid),
    /// A list.
    Array(Vec<Cell<'r>>),
}

//! How much a request may select.

/// Bounds of a collection, counted while it goes on.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most fields in all, every mention counted; also the most fragment spreads and inline fragments.
    pub max_fields: usize,
    /// The most nested fields; introspection is left out.
    pub max_depth: usize,
    /// The most aliases.
    pub max_aliases: usize,
}

impl Bounds {
    /// For a part of a request that was collected within its bounds before.
    pub const COUNTED: Self = Self {
        max_fields: usize::MAX,
        max_depth: usize::MAX,
        max_aliases: usize::MAX,
    };
}

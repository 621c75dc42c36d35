//! How much a request may select.

/// Limits of a collection, checked while fields are collected.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most fields in total, every mention counted; also the most fragment spreads and inline fragments.
    pub max_fields: usize,
    /// How deep fields may be nested; introspection is not counted.
    pub max_depth: usize,
    /// The most aliases.
    pub max_aliases: usize,
}

impl Bounds {
    /// No limits: for a part of a request that has already been collected within its limits.
    pub const UNLIMITED: Self = Self {
        max_fields: usize::MAX,
        max_depth: usize::MAX,
        max_aliases: usize::MAX,
    };
}

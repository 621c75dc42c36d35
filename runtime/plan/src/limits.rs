//! The limits of a schema: what one request may ask for.

use crate::selection::Bounds;

/// Limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of a root list without a `limit`.
    pub page_size: u64,
    /// Rows of a nested list without a `limit`.
    pub nested_page_size: u64,
    /// The largest `limit`.
    pub max_page_size: u64,
    /// The most rows that one request could return, computed from its limits.
    pub max_rows: u64,
    /// How deep fields may be nested.
    pub max_depth: usize,
    /// The most root fields.
    pub max_root_fields: usize,
    /// The most fields in total, each alias counted.
    pub max_fields: usize,
    /// The most bytes of a request's document.
    pub max_document: usize,
    /// The most tokens of a request's document.
    pub max_tokens: usize,
    /// The most aliases.
    pub max_aliases: usize,
    /// The most conditions in the filters of one request, each operator of each column counted.
    pub max_conditions: usize,
    /// The most conditions on related rows and orders by them.
    pub max_relation_conditions: usize,
    /// How deep filters may be nested.
    pub max_filter_depth: usize,
    /// The most keys of one order.
    pub max_order_keys: usize,
    /// The most bytes of an answer.
    pub max_answer: usize,
    /// Whether lists take `filters` and `search`.
    pub filtering: bool,
    /// Whether there are mutations, as far as the tables allow them.
    pub mutations: bool,
    /// Whether clients see the messages that triggers and functions of the database raise on a write.
    pub raised_messages: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_size: 20,
            nested_page_size: 100,
            max_page_size: 1000,
            max_rows: 500_000,
            max_depth: 16,
            max_root_fields: 50,
            max_fields: 1000,
            max_document: 64 * 1024,
            max_tokens: 10_000,
            max_aliases: 100,
            max_conditions: 1000,
            max_relation_conditions: 50,
            max_filter_depth: 32,
            max_order_keys: 32,
            max_answer: 64 * 1024 * 1024,
            filtering: true,
            mutations: true,
            raised_messages: false,
        }
    }
}

impl Limits {
    /// The limits of what a request selects.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            max_fields: self.max_fields,
            max_depth: self.max_depth,
            max_aliases: self.max_aliases,
        }
    }
}

//! Counts of what the inputs of a request have asked for.

/// What the inputs of one request have asked for so far.
#[derive(Debug, Default)]
pub(super) struct InputCounts {
    pub(super) conditions: usize,
    pub(super) relation_conditions: usize,
    /// How many filters are nested at this point.
    pub(super) depth: usize,
}

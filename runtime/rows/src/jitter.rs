//! Random numbers that need not be good ones.

/// A random number for jitter. It need not be a good one: the hash of nothing, with a seed that differs from call to
/// call, is enough.
pub(crate) fn jitter() -> u32 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let hash = std::collections::hash_map::RandomState::new().build_hasher().finish();
    (hash >> 32) as u32
}

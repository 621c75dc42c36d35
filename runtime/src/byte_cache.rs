//! A cache bounded by bytes, for entries whose number and size clients choose.

use std::borrow::Borrow;
use std::hash::Hash;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;

/// Values by key; when they take too much room, the least used ones are evicted first. Keys must be small: the keys of
/// evicted values stay until the table is rebuilt.
pub(crate) struct ByteCache<K, V> {
    entries: Cache<K, Entry<V>>,
    /// An entry of more bytes evicts others at once. By itself the cache evicts only after 64 entries or 300 ms; 64
    /// large entries are many times its capacity.
    large: u64,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    bytes: u32,
    time: Option<Duration>,
}

impl<K, V> std::fmt::Debug for ByteCache<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByteCache")
            .field("bytes", &self.entries.weighted_size())
            .finish_non_exhaustive()
    }
}

/// Each value expires after its own duration, if it has one.
struct OwnTime;

impl<K, V> Expiry<K, Entry<V>> for OwnTime {
    fn expire_after_create(&self, _: &K, kept: &Entry<V>, _: Instant) -> Option<Duration> {
        kept.time
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> ByteCache<K, V> {
    /// A cache of about `bytes` bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigh = |_: &K, kept: &Entry<V>| kept.bytes;
        let entries = Cache::builder()
            .max_capacity(bytes)
            .weigher(weigh)
            .expire_after(OwnTime)
            .build();
        Self {
            entries,
            large: bytes / 1024,
        }
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key).map(|kept| kept.value)
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.entries.contains_key(key)
    }

    /// Stores a value; `bytes` is the size of the value with its key.
    pub(crate) fn insert(&self, key: K, value: V, bytes: usize) {
        self.insert_entry(key, value, bytes, None);
    }

    /// Stores a value for at most `time`; `bytes` is as in [`Self::keep`].
    pub(crate) fn insert_for(&self, key: K, value: V, bytes: usize, time: Duration) {
        self.insert_entry(key, value, bytes, Some(time));
    }

    fn insert_entry(&self, key: K, value: V, bytes: usize, time: Option<Duration>) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.entries.insert(key, Entry { value, bytes, time });

        if u64::from(bytes) > self.large {
            self.entries.run_pending_tasks();
        }
    }

    /// The bytes of all entries, and their number.
    pub(crate) fn size(&self) -> (u64, u64) {
        self.entries.run_pending_tasks();
        (self.entries.weighted_size(), self.entries.entry_count())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::ByteCache;

    /// A value that counts how many of its kind are alive.
    struct Counted(Arc<AtomicUsize>);

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn large_entries_make_room_at_once() {
        let alive = Arc::new(AtomicUsize::new(0));
        let cache = ByteCache::new(16_000);
        let mut most = 0;
        for key in 0..1_000 {
            alive.fetch_add(1, Ordering::Relaxed);
            cache.insert(key, Arc::new(Counted(Arc::clone(&alive))), 1_000);
            most = most.max(cache.entries.weighted_size());
        }

        assert!(most <= 16_000, "{most}");
        assert!(alive.load(Ordering::Relaxed) < 1_000);
        assert!((1..=16).contains(&cache.size().1));
    }

    #[test]
    fn small_entries_are_bounded_too() {
        let cache = ByteCache::new(16_000);
        for key in 0..10_000 {
            cache.insert(key, (), 10);
        }

        assert!(cache.size().0 <= 16_000);
    }
}

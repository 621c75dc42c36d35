//! All connections of a server, and which of them is closed to make room for a new one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::connection::Connection;

/// How many of the longest idle connections one search of all of them returns.
const CANDIDATES: usize = 64;

#[derive(Default)]
pub(super) struct Registry {
    open: Mutex<Open>,
    emptied: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Arc<Connection>>,
    /// How many were asked to close and are still open.
    leaving: usize,
    /// The longest idle connections at the last search and since when they are idle, longest first. One without a
    /// request since then has still been idle for longer than any connection that is not in this list.
    candidates: VecDeque<(u64, Arc<Connection>)>,
}

impl Open {
    fn look(&mut self) {
        let idle = |connection: &Arc<Connection>| !connection.is_busy() && !connection.is_leaving();
        let mut idle: Vec<_> = self
            .connections
            .values()
            .filter(|connection| idle(connection))
            .map(|connection| (connection.idle_since(), Arc::clone(connection)))
            .collect();

        idle.sort_unstable_by_key(|(since, _)| *since);
        idle.truncate(CANDIDATES);

        self.candidates = idle.into();
    }

    fn longest_idle(&mut self) -> Option<Arc<Connection>> {
        while let Some((since, connection)) = self.candidates.pop_front() {
            if !connection.is_busy() && !connection.is_leaving() && connection.idle_since() == since {
                return Some(connection);
            }
        }

        None
    }

    fn evict(&mut self) -> bool {
        let longest_idle = self.longest_idle().or_else(|| {
            self.look();
            self.longest_idle()
        });
        let Some(connection) = longest_idle else { return false };

        connection.server.counts.evict();
        connection.ask_to_leave();
        self.leaving += 1;
        true
    }
}

impl Registry {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for one more connection, if necessary by closing the one that has been idle the longest. Returns
    /// false if there is no room and none is idle.
    pub(super) fn make_room(&self, max: usize) -> bool {
        let mut open = self.open();

        open.connections.len() - open.leaving < max || open.evict()
    }

    /// Closes the connection that has been idle the longest, if any is idle.
    pub(super) fn evict(&self) {
        self.open().evict();
    }

    pub(super) fn insert(self: &Arc<Self>, connection: &Arc<Connection>) -> Slot {
        let mut open = self.open();
        let key = open.next;
        open.next += 1;
        open.connections.insert(key, Arc::clone(connection));
        connection.server.counts.opened();

        Slot {
            registry: Arc::clone(self),
            key,
        }
    }

    fn remove(&self, key: u64) {
        let mut open = self.open();
        let Some(connection) = open.connections.remove(&key) else {
            return;
        };

        if connection.is_leaving() {
            open.leaving = open.leaving.saturating_sub(1);
        }
        let empty = open.connections.is_empty();
        drop(open);

        connection.server.counts.closed();
        if empty {
            self.emptied.notify_one();
        }
    }

    fn all(&self) -> Vec<Arc<Connection>> {
        self.open().connections.values().map(Arc::clone).collect()
    }

    /// Asks every connection to close, and waits until all are closed.
    pub(super) async fn drain(&self) {
        for connection in self.all() {
            connection.ask_to_leave();
        }

        while !self.open().connections.is_empty() {
            self.emptied.notified().await;
        }
    }

    /// Aborts every connection at once.
    pub(super) fn abort(&self) {
        for connection in self.all() {
            connection.abort();
        }
    }
}

/// A connection's entry in the registry. Dropping it removes the entry, however the connection ends.
pub(super) struct Slot {
    registry: Arc<Registry>,
    key: u64,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.registry.remove(self.key);
    }
}

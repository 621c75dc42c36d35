//! All connections of a server, and which of them makes room for a new one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::connection::Connection;

/// How many of the longest idle connections one look at all of them yields.
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
    /// Those asked to leave that are still there.
    leaving: usize,
    /// The longest idle ones first, as they stood when all were last looked at. One that has had no request since is
    /// still idle for longer than any that is not here.
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

    /// Whether there is room for one more, if need be in the place of the one that has been idle the longest.
    pub(super) fn make_room(&self, max: usize) -> bool {
        let mut open = self.open();

        open.connections.len() - open.leaving < max || open.evict()
    }

    /// Closes the connection that has been idle the longest, if there is one.
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

    /// Asks every connection to leave, and waits until all have.
    pub(super) async fn drain(&self) {
        for connection in self.all() {
            connection.ask_to_leave();
        }

        while !self.open().connections.is_empty() {
            self.emptied.notified().await;
        }
    }

    /// Ends every connection where it stands.
    pub(super) fn abort(&self) {
        for connection in self.all() {
            connection.abort();
        }
    }
}

/// A connection's place among the open ones, which it gives up when dropped, however it ends.
pub(super) struct Slot {
    registry: Arc<Registry>,
    key: u64,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.registry.remove(self.key);
    }
}

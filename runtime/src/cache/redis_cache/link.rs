//! The circuit breaker: calls Redis as long as it answers, and fails at once when it does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::RedisResult;
use redis::aio::MultiplexedConnection;
use tokio::sync::{Notify, watch};

use super::dial::{ConnectError, Connection, Connector};
use super::health::{Counts, Report};
use super::keys::Keys;
use super::unraised::{Batch, PendingWrites};
use crate::cache::CacheError;

/// A table that does not exist. Its number is deleted to check that numbers can be deleted at all.
const PROBE: &str = "*probe";

/// The connection, if there is one, and the work to do once there is one again.
///
/// A call that takes too long, or that finds the connection broken, cuts it: calls that wait for it fail with it, and
/// later ones do not touch a socket. The mender makes the next connection. It is used only after every number that
/// could not be changed in the meantime has been changed.
pub(super) struct Breaker {
    dial: Connector,
    call_timeout: Duration,
    live: watch::Sender<Option<Arc<Connection>>>,
    /// Wakes the mender: there is a connection to make, or a number to change.
    pub(super) work_available: Notify,
    pub(super) keys: Keys,
    pub(super) unraised: PendingWrites,
    pub(super) counts: Counts,
    report: Report,
}

impl Breaker {
    /// Returns a link without a connection.
    pub(super) fn new(dial: Connector, keys: Keys, patience: Duration) -> Self {
        Self {
            report: Report::new(dial.address().to_string()),
            dial,
            call_timeout: patience,
            live: watch::Sender::new(None),
            work_available: Notify::new(),
            keys,
            unraised: PendingWrites::default(),
            counts: Counts::default(),
        }
    }

    /// Makes a call within the time limit. An open breaker, or a call without an answer, is [`CacheError::Away`].
    pub(super) async fn call<T>(
        &self,
        question: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, CacheError> {
        let Some(live) = self.live() else {
            self.counts.skipped.fetch_add(1, Ordering::Relaxed);
            return Err(CacheError::Away);
        };

        match self.call_within(&live, question).await {
            Ok(answer) => Ok(answer),
            Err(ConnectError::Silent(reason)) => {
                self.open_breaker(&live, &ConnectError::Silent(reason));
                Err(CacheError::Away)
            }
            Err(ConnectError::Refused(reason)) => {
                self.counts.failures.fetch_add(1, Ordering::Relaxed);
                Err(CacheError::Failed(format!("Redis: {reason}")))
            }
        }
    }

    /// Changes the numbers of tables that were noted. An error opens the breaker.
    pub(super) async fn raise(&self, batch: &Batch) -> Result<(), CacheError> {
        let Some(live) = self.live() else {
            self.counts.skipped.fetch_add(1, Ordering::Relaxed);
            return Err(CacheError::Away);
        };

        self.drop_numbers(&live, batch).await.map_err(|trouble| {
            self.open_breaker(&live, &trouble);
            CacheError::Away
        })
    }

    /// Connects if there is no connection, and changes the numbers that could not be changed before. Returns whether
    /// both succeeded.
    pub(super) async fn reconnect(&self) -> bool {
        let known = self.live();
        let live = match known.clone() {
            Some(live) => live,
            None => match self.dial.dial().await {
                Ok(live) => Arc::new(live),
                Err(trouble) => {
                    self.report.trouble(&trouble);
                    return false;
                }
            },
        };

        if let Err(trouble) = self.drop_numbers(&live, &self.unraised.batch()).await {
            self.open_breaker(&live, &trouble);
            self.report.trouble(&trouble);
            return false;
        }

        if known.is_none() {
            self.live.send_replace(Some(live));
            self.report.log_recovery();
        }

        true
    }

    /// Deletes numbers: the next reader creates new ones that were never used before. This works in a full Redis too.
    async fn drop_numbers(&self, live: &Connection, batch: &Batch) -> Result<(), ConnectError> {
        let tables = batch.iter().map(|(table, _)| table.as_str()).chain([PROBE]);
        let names: Vec<String> = tables.map(|table| self.keys.table(table)).collect();

        self.call_within(live, async |connection| {
            redis::cmd("DEL").arg(names).query_async::<()>(connection).await
        })
        .await?;

        self.unraised.forget(batch);
        self.live.send_modify(|_| ());

        Ok(())
    }

    async fn call_within<T>(
        &self,
        live: &Connection,
        question: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, ConnectError> {
        let mut connection = live.connection.clone();

        match tokio::time::timeout(self.call_timeout, question(&mut connection)).await {
            Ok(answer) => answer.map_err(ConnectError::from),
            Err(_) => Err(ConnectError::Silent(format!(
                "a call took more than {} ms",
                self.call_timeout.as_millis()
            ))),
        }
    }

    /// Opens the breaker. If several calls fail together, only the first one opens it.
    fn open_breaker(&self, live: &Arc<Connection>, trouble: &ConnectError) {
        self.counts.failures.fetch_add(1, Ordering::Relaxed);
        live.cut();

        let is_current =
            |current: &Option<Arc<Connection>>| current.as_ref().is_some_and(|known| Arc::ptr_eq(known, live));
        let is_first = self
            .live
            .send_if_modified(|current| is_current(current) && current.take().is_some());

        if is_first {
            self.counts.openings.fetch_add(1, Ordering::Relaxed);
            self.report.trouble(trouble);
            self.work_available.notify_one();
        }
    }

    fn live(&self) -> Option<Arc<Connection>> {
        self.live.borrow().clone()
    }

    /// Whether the breaker is closed, so that Redis is called.
    pub(super) fn is_closed(&self) -> bool {
        self.live.borrow().is_some()
    }

    /// Whether the breaker is closed and every number has been changed.
    pub(super) fn is_synced(&self) -> bool {
        self.is_closed() && self.unraised.len() == 0
    }

    /// Waits until the breaker is closed and every number has been changed.
    pub(super) async fn wait_until_synced(&self) {
        let mut changes = self.live.subscribe();
        // The sender lives as long as `self`.
        let _ = changes
            .wait_for(|live| live.is_some() && self.unraised.len() == 0)
            .await;
    }

    /// Returns the address and the figures.
    pub(super) fn health(&self) -> super::Health {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);

        super::Health {
            address: self.dial.address().to_string(),
            is_answering: self.is_closed(),
            hits: count(&self.counts.hits),
            misses: count(&self.counts.misses),
            failures: count(&self.counts.failures),
            skipped: count(&self.counts.skipped),
            openings: count(&self.counts.openings),
            invalid: count(&self.counts.foreign),
            unraised: self.unraised.len(),
        }
    }
}

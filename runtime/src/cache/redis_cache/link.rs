//! The circuit breaker: calls Redis as long as it answers, and fails at once when it does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::RedisResult;
use redis::aio::MultiplexedConnection;
use tokio::sync::{Notify, watch};

use super::dial::{Dial, Live, Trouble};
use super::health::{Counts, Report};
use super::keys::Keys;
use super::unraised::{Batch, Unraised};
use crate::cache::CacheError;

/// A table that does not exist. Its number is deleted to check that numbers can be deleted at all.
const PROBE: &str = "*probe";

/// The connection, if there is one, and the work to do once there is one again.
///
/// A call that takes too long, or that finds the connection broken, cuts it: calls that wait for it fail with it, and
/// later ones do not touch a socket. The mender makes the next connection. It is used only after every number that
/// could not be changed in the meantime has been changed.
pub(super) struct Link {
    dial: Dial,
    patience: Duration,
    live: watch::Sender<Option<Arc<Live>>>,
    /// Wakes the mender: there is a connection to make, or a number to change.
    pub(super) wanted: Notify,
    pub(super) keys: Keys,
    pub(super) unraised: Unraised,
    pub(super) counts: Counts,
    report: Report,
}

impl Link {
    /// Returns a link without a connection.
    pub(super) fn new(dial: Dial, keys: Keys, patience: Duration) -> Self {
        Self {
            report: Report::new(dial.address().to_string()),
            dial,
            patience,
            live: watch::Sender::new(None),
            wanted: Notify::new(),
            keys,
            unraised: Unraised::default(),
            counts: Counts::default(),
        }
    }

    /// Makes a call within the time limit. An open breaker, or a call without an answer, is [`CacheError::Away`].
    pub(super) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, CacheError> {
        let Some(live) = self.live() else {
            self.counts.skipped.fetch_add(1, Ordering::Relaxed);
            return Err(CacheError::Away);
        };

        match self.put(&live, question).await {
            Ok(answer) => Ok(answer),
            Err(Trouble::Silent(reason)) => {
                self.cut(&live, &Trouble::Silent(reason));
                Err(CacheError::Away)
            }
            Err(Trouble::Refused(reason)) => {
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
            self.cut(&live, &trouble);
            CacheError::Away
        })
    }

    /// Connects if there is no connection, and changes the numbers that could not be changed before. Returns whether
    /// both succeeded.
    pub(super) async fn mend(&self) -> bool {
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
            self.cut(&live, &trouble);
            self.report.trouble(&trouble);
            return false;
        }

        if known.is_none() {
            self.live.send_replace(Some(live));
            self.report.answers();
        }

        true
    }

    /// Deletes numbers: the next reader creates new ones that were never used before. This works in a full Redis too.
    async fn drop_numbers(&self, live: &Live, batch: &Batch) -> Result<(), Trouble> {
        let tables = batch.iter().map(|(table, _)| table.as_str()).chain([PROBE]);
        let names: Vec<String> = tables.map(|table| self.keys.table(table)).collect();

        self.put(live, async |connection| {
            redis::cmd("DEL").arg(names).query_async::<()>(connection).await
        })
        .await?;

        self.unraised.forget(batch);
        self.live.send_modify(|_| ());

        Ok(())
    }

    async fn put<T>(
        &self,
        live: &Live,
        question: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Trouble> {
        let mut connection = live.connection.clone();

        match tokio::time::timeout(self.patience, question(&mut connection)).await {
            Ok(answer) => answer.map_err(Trouble::from),
            Err(_) => Err(Trouble::Silent(format!(
                "a call took more than {} ms",
                self.patience.as_millis()
            ))),
        }
    }

    /// Opens the breaker. If several calls fail together, only the first one opens it.
    fn cut(&self, live: &Arc<Live>, trouble: &Trouble) {
        self.counts.failures.fetch_add(1, Ordering::Relaxed);
        live.cut();

        let is_current = |current: &Option<Arc<Live>>| current.as_ref().is_some_and(|known| Arc::ptr_eq(known, live));
        let is_first = self
            .live
            .send_if_modified(|current| is_current(current) && current.take().is_some());

        if is_first {
            self.counts.openings.fetch_add(1, Ordering::Relaxed);
            self.report.trouble(trouble);
            self.wanted.notify_one();
        }
    }

    fn live(&self) -> Option<Arc<Live>> {
        self.live.borrow().clone()
    }

    /// Whether the breaker is closed, so that Redis is called.
    pub(super) fn is_closed(&self) -> bool {
        self.live.borrow().is_some()
    }

    /// Whether the breaker is closed and every number has been changed.
    pub(super) fn is_well(&self) -> bool {
        self.is_closed() && self.unraised.len() == 0
    }

    /// Waits until the breaker is closed and every number has been changed.
    pub(super) async fn well(&self) {
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
            foreign: count(&self.counts.foreign),
            unraised: self.unraised.len(),
        }
    }
}

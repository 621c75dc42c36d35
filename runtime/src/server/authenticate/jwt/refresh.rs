//! Keys that are fetched again: at an interval, and when a token names an unknown one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::{FetchError, JwtError, KeySet, KeySource};

/// How often keys are fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// The interval of regular fetches.
    pub(super) every: Duration,
    /// The shortest time between two fetches, whatever tokens ask for.
    pub(super) gap: Duration,
    /// How long a fetch may take.
    pub(super) patience: Duration,
}

impl Schedule {
    /// Fetches at an interval of at least 30 s; each fetch may take 10 s.
    pub(super) fn every(every: Duration) -> Self {
        let gap = Duration::from_secs(30);
        Self {
            every: every.max(gap),
            gap,
            patience: Duration::from_secs(10),
        }
    }
}

/// The keys of a source. They stay in use while fetches fail.
pub(super) struct RefreshingKeys {
    keys: Arc<Fetcher>,
    timer: AbortHandle,
}

impl RefreshingKeys {
    /// Fetches the keys for the first time, and then in the background until this is dropped.
    pub(super) async fn start(source: impl KeySource, pace: Schedule) -> Result<Self, JwtError> {
        let text = fetch_with_timeout(&source, pace.patience)
            .await
            .map_err(JwtError::Fetch)?;
        let set = KeySet::read(&text)?;

        let keys = Arc::new(Fetcher {
            source: Box::new(source),
            pace,
            current: ArcSwap::from_pointee(Current { text, set }),
            flight: Mutex::new(Fetch {
                started_at: Instant::now(),
                done: None,
            }),
        });
        let timer = tokio::spawn(tick(Arc::clone(&keys))).abort_handle();

        Ok(Self { keys, timer })
    }

    /// Calls a function with the current keys.
    pub(super) fn with<T>(&self, look: impl FnOnce(&KeySet) -> T) -> T {
        look(&self.keys.current.load().set)
    }

    /// Waits for the fetch under way, or for a new one if the last is long enough ago.
    pub(super) async fn renew(&self) {
        self.keys.renew().await;
    }
}

impl Drop for RefreshingKeys {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

async fn tick(keys: Arc<Fetcher>) {
    loop {
        tokio::time::sleep(keys.pace.every).await;
        keys.renew().await;
    }
}

struct Fetcher {
    source: Box<dyn KeySource>,
    pace: Schedule,
    current: ArcSwap<Current>,
    flight: Mutex<Fetch>,
}

/// The keys, and the text that they were read from.
struct Current {
    text: String,
    set: KeySet,
}

/// The last fetch.
struct Fetch {
    started_at: Instant,
    /// Closed when the fetch has ended.
    done: Option<watch::Receiver<()>>,
}

impl Fetcher {
    async fn renew(self: &Arc<Self>) {
        if let Some(mut done) = self.join_or_start_fetch() {
            // Nothing is ever sent: the wait ends when the sender is dropped.
            let _ = done.changed().await;
        }
    }

    /// Returns the fetch under way, or starts one if the last is long enough ago. It runs in its own task, so that it
    /// completes for all waiting requests even if the one that started it is gone.
    fn join_or_start_fetch(self: &Arc<Self>) -> Option<watch::Receiver<()>> {
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(done) = flight.done.as_ref().filter(|done| done.has_changed().is_ok()) {
            return Some(done.clone());
        }
        if flight.started_at.elapsed() < self.pace.gap {
            return None;
        }

        let (end, done) = watch::channel(());
        *flight = Fetch {
            started_at: Instant::now(),
            done: Some(done.clone()),
        };

        let keys = Arc::clone(self);

        tokio::spawn(async move {
            keys.fetch().await;
            drop(end);
        });

        Some(done)
    }

    async fn fetch(&self) {
        let text = match fetch_with_timeout(&*self.source, self.pace.patience).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(cause = %error, "cannot fetch the token keys; the old ones stay in use");
                return;
            }
        };
        if text == self.current.load().text {
            return;
        }

        match KeySet::read(&text) {
            Ok(set) => {
                tracing::info!(keys = set.len(), "the token keys have changed");
                self.current.store(Arc::new(Current { text, set }));
            }
            Err(error) => tracing::warn!(cause = %error, "the new token keys are invalid; the old ones stay in use"),
        }
    }
}

async fn fetch_with_timeout(source: &dyn KeySource, patience: Duration) -> Result<String, FetchError> {
    match tokio::time::timeout(patience, source.fetch()).await {
        Ok(fetched) => fetched,
        Err(_) => Err(format!("it took longer than {} s", patience.as_secs()).into()),
    }
}

#[cfg(test)]
mod tests;

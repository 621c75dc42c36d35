//! Keys that are fetched again: from time to time, and when a token names one that is not known.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::{FetchError, JwtError, KeySet, KeySource};

/// How often keys are fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// From one fetch to the next without a reason.
    pub(super) every: Duration,
    /// The shortest time from one fetch to the next, whatever tokens ask for.
    pub(super) gap: Duration,
    /// How long a fetch may take.
    pub(super) patience: Duration,
}

impl Pace {
    /// The shortest time between fetches is 30 s.
    pub(super) fn every(every: Duration) -> Self {
        let gap = Duration::from_secs(30);
        Self {
            every: every.max(gap),
            gap,
            patience: Duration::from_secs(10),
        }
    }
}

/// The keys of a source. They stay as they are while the source gives none.
pub(super) struct Refreshed {
    keys: Arc<Fetched>,
    timer: AbortHandle,
}

impl Refreshed {
    /// Fetches the keys for the first time, and goes on as long as this is held.
    pub(super) async fn begin(source: impl KeySource, pace: Pace) -> Result<Self, JwtError> {
        let text = patient(&source, pace.patience).await.map_err(JwtError::Fetch)?;
        let set = KeySet::read(&text)?;

        let keys = Arc::new(Fetched {
            source: Box::new(source),
            pace,
            current: ArcSwap::from_pointee(Current { text, set }),
            flight: Mutex::new(Flight {
                begun: Instant::now(),
                done: None,
            }),
        });
        let timer = tokio::spawn(tick(Arc::clone(&keys))).abort_handle();

        Ok(Self { keys, timer })
    }

    /// Looks at the keys as they are now.
    pub(super) fn with<T>(&self, look: impl FnOnce(&KeySet) -> T) -> T {
        look(&self.keys.current.load().set)
    }

    /// Waits for a fetch, if one is under way or may begin.
    pub(super) async fn renew(&self) {
        self.keys.renew().await;
    }
}

impl Drop for Refreshed {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

async fn tick(keys: Arc<Fetched>) {
    loop {
        tokio::time::sleep(keys.pace.every).await;
        keys.renew().await;
    }
}

struct Fetched {
    source: Box<dyn KeySource>,
    pace: Pace,
    current: ArcSwap<Current>,
    flight: Mutex<Flight>,
}

/// The keys, and the text that they were read from.
struct Current {
    text: String,
    set: KeySet,
}

/// The last fetch.
struct Flight {
    begun: Instant,
    /// Closed when it is done.
    done: Option<watch::Receiver<()>>,
}

impl Fetched {
    async fn renew(self: &Arc<Self>) {
        if let Some(mut done) = self.board() {
            // Nothing is ever sent; the end of the sender ends the wait.
            let _ = done.changed().await;
        }
    }

    /// The fetch that is under way, or a new one if the last is long enough ago. It runs in a task of its own, so that
    /// it ends for all who wait even if the one it was begun for is gone.
    fn board(self: &Arc<Self>) -> Option<watch::Receiver<()>> {
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(done) = flight.done.as_ref().filter(|done| done.has_changed().is_ok()) {
            return Some(done.clone());
        }
        if flight.begun.elapsed() < self.pace.gap {
            return None;
        }

        let (end, done) = watch::channel(());
        *flight = Flight {
            begun: Instant::now(),
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
        let text = match patient(&*self.source, self.pace.patience).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(cause = %error, "the keys of tokens could not be fetched; the old ones stay");
                return;
            }
        };
        if text == self.current.load().text {
            return;
        }

        match KeySet::read(&text) {
            Ok(set) => {
                tracing::info!(keys = set.len(), "the keys of tokens have changed");
                self.current.store(Arc::new(Current { text, set }));
            }
            Err(error) => tracing::warn!(cause = %error, "the new keys of tokens are none; the old ones stay"),
        }
    }
}

async fn patient(source: &dyn KeySource, patience: Duration) -> Result<String, FetchError> {
    match tokio::time::timeout(patience, source.fetch()).await {
        Ok(fetched) => fetched,
        Err(_) => Err(format!("it took longer than {} s", patience.as_secs()).into()),
    }
}

#[cfg(test)]
mod tests;

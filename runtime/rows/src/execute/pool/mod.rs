//! A pool of connections to one database, for any driver. Each connection is lent to one request at a time.

mod loan;
mod settings;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use super::ExecuteError;

pub(super) use loan::Loan;
pub use settings::{PoolSettings, PoolUsage};

/// How long one probe of an unreachable database may take.
const PROBE: Duration = Duration::from_secs(2);
/// The first and the longest pause between probes.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// Opens and ends connections of one driver.
pub(super) trait Connector: std::fmt::Debug + Send + Sync + Sized + 'static {
    /// A connection that is ready for statements.
    type Connection: Send + 'static;

    /// Opens a connection.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, ExecuteError>> + Send;

    /// Whether an idle connection can still be used, as far as is known without asking the server.
    fn is_open(&self, connection: &mut Self::Connection) -> bool;

    /// Ends a connection that was abandoned in the middle of a statement or transaction, and what the server still runs
    /// for it.
    fn abandon(self: Arc<Self>, pool: Weak<Pool<Self>>, connection: Self::Connection);

    /// Whether connections may be closed because of their age.
    fn ages(&self) -> bool {
        true
    }
}

/// The connections of one database.
#[derive(Debug)]
pub(super) struct Pool<C: Connector> {
    connector: Arc<C>,
    settings: PoolSettings,
    /// The idle connections; the most recently used one comes last.
    idle: Mutex<Vec<Idle<C::Connection>>>,
    permits: Arc<Semaphore>,
    /// The number of open connections, idle or lent.
    open: AtomicUsize,
    /// Notified when a connection is returned or closed.
    returned: Notify,
    down: watch::Sender<bool>,
    weak_self: Weak<Self>,
}

struct Idle<T> {
    connection: T,
    expires_at: Instant,
    since: Instant,
}

impl<T> std::fmt::Debug for Idle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idle").finish_non_exhaustive()
    }
}

impl<C: Connector> Pool<C> {
    /// Makes a pool and opens its first connection, so that a wrong setting fails here.
    pub(super) async fn connect(connector: C, settings: PoolSettings) -> Result<Arc<Self>, ExecuteError> {
        let pool = Arc::new_cyclic(|me| Self {
            connector: Arc::new(connector),
            settings,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(settings.max_connections.max(1) as usize)),
            open: AtomicUsize::new(0),
            returned: Notify::new(),
            down: watch::Sender::new(false),
            weak_self: Weak::clone(me),
        });

        let first = pool.open(settings.connect_timeout).await?;
        pool.give_back(first, pool.end_of_life());
        tokio::spawn(maintain(Weak::clone(&pool.weak_self), settings));
        Ok(pool)
    }

    pub(super) fn connector(&self) -> &Arc<C> {
        &self.connector
    }

    /// Lends a connection, idle or new. While the database is known to be unreachable, it returns
    /// [`ExecuteError::Down`] at once.
    pub(super) async fn acquire(self: &Arc<Self>) -> Result<Loan<C>, ExecuteError> {
        if self.is_down() {
            return Err(ExecuteError::Down);
        }

        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            if let Some((connection, until)) = self.take_idle() {
                return Ok(Loan::new(Arc::clone(self), connection, until, true, permit));
            }
            // The rare case is boxed, so that the usual request does not carry its size.
            return Box::pin(self.or_down(self.open_or_take(permit))).await;
        }

        Box::pin(self.or_down(async {
            let permit = Arc::clone(&self.permits).acquire_owned();
            let permit = tokio::time::timeout(self.settings.acquire_timeout, permit).await;
            self.open_or_take(permit.ok().and_then(Result::ok).ok_or(ExecuteError::NoConnection)?)
                .await
        }))
        .await
    }

    /// An idle connection, or a new one if there is none.
    async fn open_or_take(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Result<Loan<C>, ExecuteError> {
        let deadline = tokio::time::Instant::now() + self.settings.acquire_timeout;
        loop {
            if let Some((connection, until)) = self.take_idle() {
                return Ok(Loan::new(Arc::clone(self), connection, until, true, permit));
            }

            let returned = self.returned.notified();
            match self.open(self.settings.connect_timeout).await {
                Ok(connection) => {
                    return Ok(Loan::new(
                        Arc::clone(self),
                        connection,
                        self.end_of_life(),
                        false,
                        permit,
                    ));
                }
                // The server accepts no further connection: wait until an open one is returned.
                Err(error) if error.is_out_of_connections() && self.open.load(Ordering::Relaxed) > 0 => {
                    if tokio::time::timeout_at(deadline, returned).await.is_err() {
                        return Err(error);
                    }
                }
                Err(error) => {
                    if error.is_unreachable() {
                        self.mark_down();
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Awaits `asked`, or returns [`ExecuteError::Down`] as soon as the database is known to be unreachable.
    async fn or_down<T>(&self, asked: impl Future<Output = Result<T, ExecuteError>>) -> Result<T, ExecuteError> {
        let mut down = self.down.subscribe();
        tokio::select! {
            biased;
            found = asked => found,
            _ = down.wait_for(|is_down| *is_down) => Err(ExecuteError::Down),
        }
    }

    fn is_down(&self) -> bool {
        *self.down.borrow()
    }

    /// Accepts no more requests and closes the idle connections.
    pub(super) fn close(&self) {
        self.permits.close();
        self.clear();
    }

    /// Closes the idle connections: what ended one of them may have ended them all.
    pub(super) fn clear(&self) {
        let dropped = std::mem::take(&mut *self.idle());
        self.open.fetch_sub(dropped.len(), Ordering::Relaxed);
    }

    /// Marks the database as unreachable: requests are refused at once until it answers a probe.
    pub(super) fn mark_down(&self) {
        self.clear();
        if !self.down.send_replace(true) {
            tracing::warn!("the database does not answer; requests are refused until it does");
            tokio::spawn(probe(Weak::clone(&self.weak_self)));
        }
    }

    /// The current usage of the pool.
    pub(super) fn usage(&self) -> PoolUsage {
        PoolUsage {
            open: self.open.load(Ordering::Relaxed),
            idle: self.idle().len(),
            max: self.settings.max_connections as usize,
            is_down: self.is_down(),
        }
    }

    /// Returns a connection that can serve another request. It is closed if it is too old or the pool is closed.
    pub(super) fn give_back(&self, connection: C::Connection, until: Instant) {
        let now = Instant::now();
        if (self.connector.ages() && until <= now) || self.permits.is_closed() {
            self.count_closed();
            return;
        }

        self.idle().push(Idle {
            connection,
            expires_at: until,
            since: now,
        });
        self.returned.notify_one();
    }

    /// Takes back a connection that was abandoned and can be used again.
    pub(super) fn take_back(&self, connection: C::Connection, until: Instant) {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.give_back(connection, until);
    }

    /// Counts a connection as closed.
    pub(super) fn count_closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.returned.notify_one();
    }

    async fn open(&self, timeout: Duration) -> Result<C::Connection, ExecuteError> {
        let opened = tokio::time::timeout(timeout, self.connector.connect()).await;
        let connection = opened.map_err(|_| ExecuteError::Silent)??;
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(connection)
    }

    /// Takes the most recently used idle connection that can still be used.
    fn take_idle(&self) -> Option<(C::Connection, Instant)> {
        loop {
            let mut found = self.idle().pop()?;
            let is_young = !self.connector.ages() || found.expires_at > Instant::now();
            if is_young && self.connector.is_open(&mut found.connection) {
                return Some((found.connection, found.expires_at));
            }
            self.count_closed();
        }
    }

    fn end_of_life(&self) -> Instant {
        let part = self.settings.max_lifetime / 10;
        let early = part.mul_f64(f64::from(crate::jitter::jitter()) / f64::from(u32::MAX));
        Instant::now() + self.settings.max_lifetime.saturating_sub(early)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle<C::Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes connections that are too old or were idle for too long, but keeps `min_connections`.
    fn reap(&self) {
        let now = Instant::now();
        let mut dropped = Vec::new();
        {
            let mut idle = self.idle();
            let is_over = |idle: &Idle<C::Connection>| {
                idle.expires_at <= now || now.duration_since(idle.since) >= self.settings.idle_timeout
            };
            while idle.first().is_some_and(is_over)
                && self.open.load(Ordering::Relaxed) > self.settings.min_connections as usize
            {
                dropped.push(idle.remove(0));
                self.open.fetch_sub(1, Ordering::Relaxed);
            }
        }

        drop(dropped);
    }
}

/// Closes idle connections in time and keeps `min_connections` open, as long as the pool is used.
async fn maintain<C: Connector>(pool: Weak<Pool<C>>, settings: PoolSettings) {
    let every = (settings.idle_timeout / 4).clamp(Duration::from_millis(100), Duration::from_secs(30));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade().filter(|pool| !pool.permits.is_closed()) else {
            return;
        };
        if !pool.connector.ages() {
            return;
        }

        pool.reap();
        let is_short = pool.open.load(Ordering::Relaxed) < settings.min_connections as usize;
        if is_short
            && !pool.is_down()
            && let Ok(connection) = pool.open(settings.connect_timeout).await
        {
            pool.give_back(connection, pool.end_of_life());
        }
    }
}

/// Probes an unreachable database until it answers.
async fn probe<C: Connector>(pool: Weak<Pool<C>>) {
    let (mut pause, longest) = PAUSES;
    loop {
        let Some(pool) = pool.upgrade().filter(|pool| !pool.permits.is_closed()) else {
            return;
        };

        match pool.open(PROBE).await {
            Ok(connection) => {
                pool.give_back(connection, pool.end_of_life());
                pool.down.send_replace(false);
                tracing::info!("the database answers again");
                return;
            }
            // It answers, if only to refuse the connection.
            Err(error) if !error.is_unreachable() => {
                pool.down.send_replace(false);
                return;
            }
            Err(_) => {}
        }

        drop(pool);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

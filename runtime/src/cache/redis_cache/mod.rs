//! Answers in Redis, shared by several servers.

mod address;
mod dial;
mod health;
mod keys;
mod link;
mod options;
mod reconnect;
mod unraised;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_graphql::async_trait::async_trait;
use redis::AsyncCommands as _;
use tokio::task::AbortHandle;

use self::address::Address;
use self::dial::Connector;
use self::keys::Keys;
use self::link::Breaker;
use super::{AnswerCache, CacheError, Entry};

pub use health::Health;
pub use options::RedisOptions;

/// How long Redis keeps the number of a table that nobody changes. When it has expired, the answers that were stored
/// with it are made again, and the numbers of databases that no longer exist do not stay in Redis.
const NUMBER_SECONDS: u64 = 24 * 60 * 60;

/// A cache in Redis. Clones share the connection.
///
/// **Without Redis.** The program starts, and requests go on, whether Redis answers or not. The first call that takes
/// longer than the patience, or finds the connection broken, opens a circuit breaker: calls fail at once until Redis
/// answers again, which is tried in the background, after 100 ms and then less and less often, up to once a second.
///
/// **Writes while Redis is away.** The tables that were written to are remembered (more than 1024 as "all tables"), and
/// when Redis answers again their numbers are changed before anything is read from it. This server never gives an answer
/// from before its own write. Other servers on the same Redis cannot know of the write until this one reaches Redis
/// again; and if this one ends before that, they never learn of it. Until then they may give an answer from before the
/// write, but none for longer than its schema's `cache_timeout`.
///
/// **What is in Redis.** Names hold a hash of the database's identity, so that programs on different databases do not
/// share values. Values are signed, see [`RedisOptions::secret`]; one without a valid signature is deleted and counts
/// as a miss. The number of a table is random, and a write deletes it: a number that Redis evicted never comes back.
#[derive(Clone)]
pub struct RedisCache {
    shared: Arc<Shared>,
}

/// The link, and the task that restores it, which ends with the last clone.
struct Shared {
    link: Arc<Breaker>,
    mender: AbortHandle,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.mender.abort();
    }
}

impl std::fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisCache")
            .field("health", &self.shared.link.health())
            .finish_non_exhaustive()
    }
}

impl RedisCache {
    /// Connects to `redis://`, `rediss://` (TLS) or `redis+unix:///path`. Fails only if the URL or the options are
    /// invalid. If Redis does not answer, or refuses the password, a warning is logged and it is tried again.
    pub async fn connect(url: &str, options: &RedisOptions) -> Result<Self, CacheError> {
        let dial = Connector::new(Address::parse(url)?, options.authority.as_deref())?;
        let link = Arc::new(Breaker::new(dial, Keys::new(options), options.patience));

        if !link.reconnect().await {
            link.work_available.notify_one();
        }

        let mender = tokio::spawn(reconnect::run(Arc::clone(&link))).abort_handle();

        Ok(Self {
            shared: Arc::new(Shared { link, mender }),
        })
    }

    /// Waits until Redis answers and has every write of this server.
    pub async fn ready(&self) {
        self.shared.link.wait_until_synced().await;
    }

    fn link(&self) -> &Breaker {
        &self.shared.link
    }

    /// Deletes values without a valid signature. An error does not matter to the caller.
    async fn delete_foreign(&self, names: &[String]) {
        self.link()
            .counts
            .foreign
            .fetch_add(names.len() as u64, Ordering::Relaxed);

        let _ = self
            .link()
            .call(async |connection| connection.del::<_, ()>(names).await)
            .await;
    }

    /// Reads values. One that is not a string, such as a list, reads as absent.
    async fn read(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, CacheError> {
        self.link().call(async |connection| connection.mget(names).await).await
    }

    async fn read_numbers(&self, names: &[String]) -> Result<Vec<Option<u64>>, CacheError> {
        let open = |(name, value): (&String, Option<Vec<u8>>)| self.link().keys.open_number(name, &value?);
        Ok(names.iter().zip(self.read(names).await?).map(open).collect())
    }

    /// Gives numbers to tables without one. If several servers do so at the same time, the first one wins.
    async fn create_numbers(&self, names: &[String]) -> Result<(), CacheError> {
        let mut all = redis::pipe();

        for name in names {
            let sealed = self.link().keys.seal(name, &random()?.to_le_bytes());
            all.cmd("SET")
                .arg(name)
                .arg(sealed)
                .arg("NX")
                .arg("EX")
                .arg(NUMBER_SECONDS)
                .ignore();
        }

        self.link()
            .call(async |connection| all.query_async::<()>(connection).await)
            .await
    }

    /// Reads numbers, and creates those that are missing. A value that is still not a valid number then is deleted.
    async fn ensure_numbers(&self, names: &[String]) -> Result<Vec<Option<u64>>, CacheError> {
        let numbers = self.read_numbers(names).await?;
        let missing = without_number(names, &numbers);
        if missing.is_empty() {
            return Ok(numbers);
        }

        self.create_numbers(&missing).await?;
        let numbers = self.read_numbers(names).await?;

        let foreign = without_number(names, &numbers);
        if !foreign.is_empty() {
            self.delete_foreign(&foreign).await;
        }

        Ok(numbers)
    }
}

fn without_number(names: &[String], numbers: &[Option<u64>]) -> Vec<String> {
    names
        .iter()
        .zip(numbers)
        .filter(|(_, number)| number.is_none())
        .map(|(name, _)| name.clone())
        .collect()
}

fn random() -> Result<u64, CacheError> {
    getrandom::u64().map_err(|error| CacheError::Failed(format!("the system returned no random number: {error}")))
}

/// Leaves a write to the mender if its request ends before it is done, for example because the client hung up.
struct WriteGuard<'l>(Option<&'l Breaker>);

impl Drop for WriteGuard<'_> {
    fn drop(&mut self) {
        if let Some(link) = self.0 {
            link.work_available.notify_one();
        }
    }
}

#[async_trait]
impl AnswerCache for RedisCache {
    async fn entry(&self, key: &str) -> Result<Option<Entry>, CacheError> {
        let (link, names) = (self.link(), [self.link().keys.answer(key)]);
        let stored = self.read(&names).await?.pop().flatten();

        let entry = stored
            .as_deref()
            .and_then(|sealed| link.keys.open_entry(&names[0], sealed));
        if stored.is_some() && entry.is_none() {
            self.delete_foreign(&names).await;
        }

        let counter = if entry.is_some() {
            &link.counts.hits
        } else {
            &link.counts.misses
        };
        counter.fetch_add(1, Ordering::Relaxed);

        Ok(entry)
    }

    async fn keep(&self, key: &str, entry: Entry, time: Duration) -> Result<(), CacheError> {
        let name = self.link().keys.answer(key);
        let sealed = self.link().keys.seal_entry(&name, &entry);
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);

        self.link()
            .call(async |connection| connection.pset_ex(&name, sealed, milliseconds).await)
            .await
    }

    async fn numbers(&self, tables: &[String]) -> Result<Vec<u64>, CacheError> {
        if tables.is_empty() {
            return Ok(Vec::new());
        }

        let unraised = self.link().unraised.stale(tables);
        let names: Vec<String> = tables.iter().map(|table| self.link().keys.table(table)).collect();

        let numbers = self.ensure_numbers(&names).await?;

        // A number that is missing, or not yet raised in Redis, becomes a random one that no answer has.
        numbers
            .into_iter()
            .zip(unraised)
            .map(|(number, is_unraised)| match number {
                Some(number) if !is_unraised => Ok(number),
                _ => random(),
            })
            .collect()
    }

    async fn raise(&self, tables: &BTreeSet<String>) -> Result<(), CacheError> {
        let batch = self.link().unraised.record(tables);
        let mut unfinished = WriteGuard(Some(self.link()));

        self.link().raise(&batch).await?;
        unfinished.0 = None;

        Ok(())
    }

    fn size(&self) -> Option<(u64, u64)> {
        None
    }

    fn health(&self) -> Option<Health> {
        Some(self.link().health())
    }
}

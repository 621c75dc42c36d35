//! Opens connections to a file for the pool.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};

use crate::connect::{SqliteTarget, must_open_immutable, sqlite_options};
use crate::execute::ExecuteError;
use crate::execute::pool::{Connector, Pool};

/// Opens one file, or the only connection to a database in memory.
#[derive(Debug)]
pub(in crate::execute) struct SqliteConnector {
    options: SqliteConnectOptions,
    /// The file; `None` for a database in memory.
    file: Option<PathBuf>,
    /// Whether the file and its log are in a folder that cannot be written to, so that nobody else writes either.
    is_frozen: bool,
}

/// A connection to a file.
#[derive(Debug)]
pub(in crate::execute) struct SqliteConnection {
    pub(in crate::execute) inner: sqlx::SqliteConnection,
    /// Identifies the file that was opened.
    identity: Option<Identity>,
    rolled_back: Arc<AtomicBool>,
}

type Identity = (u64, u64);

impl SqliteConnector {
    pub(in crate::execute) fn new(target: &SqliteTarget) -> Self {
        let file = target.path.clone().filter(|_| !target.is_in_memory());
        let is_frozen = file.as_deref().is_some_and(must_open_immutable);
        Self {
            options: sqlite_options(target),
            file,
            is_frozen,
        }
    }

    /// Logs a warning if the file is opened as one that nobody changes.
    pub(in crate::execute) fn warn_if_frozen(&self) {
        if self.is_frozen {
            tracing::warn!(
                "the database's folder is not writable, which its journal mode requires: the file is read as one that \
                 nobody changes"
            );
        }
    }
}

impl SqliteConnection {
    /// Records that a transaction begins.
    pub(in crate::execute) fn begin(&self) {
        self.rolled_back.store(false, Ordering::Relaxed);
    }

    /// Whether the database itself rolled back the transaction that began last: any further write would be committed at
    /// once.
    pub(in crate::execute) fn was_rolled_back(&self) -> bool {
        self.rolled_back.load(Ordering::Relaxed)
    }
}

impl Connector for SqliteConnector {
    type Connection = SqliteConnection;

    async fn connect(&self) -> Result<SqliteConnection, ExecuteError> {
        let identity = self.file.as_deref().and_then(identity);
        if self.file.is_some() && identity.is_none() && !self.options.get_filename().exists() {
            // SQLite's own message does not say that the file is missing.
            let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "the database file does not exist");
            return Err(sqlx::Error::Io(missing).into());
        }

        let mut inner = self.options.connect().await?;
        // The first read shows whether the file can be read at all.
        inner.execute("SELECT 1 FROM sqlite_schema LIMIT 1").await?;

        let rolled_back = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&rolled_back);
        inner
            .lock_handle()
            .await?
            .set_rollback_hook(move || noted.store(true, Ordering::Relaxed));

        Ok(SqliteConnection {
            inner,
            identity,
            rolled_back,
        })
    }

    /// Whether the file is still the one that was opened, and was not replaced or removed.
    fn is_open(&self, connection: &mut SqliteConnection) -> bool {
        self.file
            .as_deref()
            .is_none_or(|file| identity(file) == connection.identity)
    }

    fn abandon(self: Arc<Self>, pool: Weak<Pool<Self>>, mut connection: SqliteConnection) {
        let (None, Ok(handle)) = (&self.file, tokio::runtime::Handle::try_current()) else {
            return;
        };
        // A database in memory would be lost with its connection, so the connection is rolled back and returned.
        handle.spawn(async move {
            let _ = connection.inner.execute("ROLLBACK").await;
            if let Some(pool) = pool.upgrade() {
                pool.take_back(connection, Instant::now() + Duration::from_hours(24));
            }
        });
    }

    fn ages(&self) -> bool {
        self.file.is_some()
    }
}

/// The device and inode number of a file; `None` if there is no such file.
#[cfg(unix)]
fn identity(file: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(file).ok()?;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(file: &Path) -> Option<Identity> {
    std::fs::metadata(file).ok().map(|_| (0, 0))
}

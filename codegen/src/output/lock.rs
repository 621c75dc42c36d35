//! One run at a time in a folder.
//!
//! The operating system releases the lock when a process ends, however it ends, so a lock file that is left over blocks
//! nobody. The file holds the process ID, only for the message to another process.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::OutputError;

const NAME: &str = ".codegen.lock";

/// How long a run waits for another one. Writing takes milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it waits between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// An exclusive lock on a folder, released when the value is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file is removed while it is still locked; a process that waits for it sees that it is gone. A file that
        // cannot be removed blocks nobody.
        let _ = fs::remove_file(&self.path);
    }
}

impl Lock {
    pub(super) fn is_there(folder: &Path) -> bool {
        folder.join(NAME).symlink_metadata().is_ok()
    }

    /// Locks the folder. Waits for a short time, then returns [`OutputError::Busy`].
    pub(super) fn acquire(folder: &Path) -> Result<Self, OutputError> {
        let path = folder.join(NAME);
        let patience = Instant::now() + LOCK_TIMEOUT;
        loop {
            let mut file = open(&path)?;
            match file.try_lock() {
                Ok(()) if !is_current(&file, &path) => {}
                Ok(()) => {
                    write_process_id(&mut file).map_err(OutputError::at(&path))?;
                    return Ok(Self { path, _file: file });
                }
                Err(TryLockError::WouldBlock) if Instant::now() < patience => std::thread::sleep(RETRY_INTERVAL),
                Err(TryLockError::WouldBlock) => {
                    return Err(OutputError::Busy {
                        folder: folder.to_owned(),
                        process: read_process(&path),
                    });
                }
                // A file system without locks: the only guarantee left is that each file is replaced as a whole.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(Self { path, _file: file });
                }
                Err(TryLockError::Error(source)) => return Err(OutputError::Write { path, source }),
            }
        }
    }
}

/// Opens the lock file; anything else by that name, such as a link, is an error.
fn open(path: &Path) -> Result<File, OutputError> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return Err(OutputError::NotGenerated(path.to_owned()));
    }
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(OutputError::at(path))
}

/// Whether the path still names this file: the previous run may have removed it in the meantime.
#[cfg(unix)]
fn is_current(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    let (Ok(held), Ok(named)) = (file.metadata(), path.symlink_metadata()) else {
        return false;
    };
    place(held) == place(named)
}

/// On other systems an open file keeps its name until it is closed.
#[cfg(not(unix))]
fn is_current(_: &File, path: &Path) -> bool {
    path.exists()
}

fn write_process_id(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    write!(file, "{}", std::process::id())
}

fn read_process(path: &Path) -> String {
    let process = fs::read_to_string(path)
        .ok()
        .and_then(|text| text.trim().parse::<u32>().ok());
    process.map_or_else(|| "another process".to_owned(), |process| format!("process {process}"))
}

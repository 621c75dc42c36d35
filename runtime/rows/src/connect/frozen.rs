//! SQLite files that can only be opened as immutable.

use std::path::{Path, PathBuf};

/// Whether a file in WAL mode can only be opened as immutable: its folder is read-only, so that the log's index cannot
/// be created, and the log is empty.
pub fn must_open_immutable(file: &Path) -> bool {
    use std::io::Read as _;

    let mut head = [0; 20];
    let is_logged = std::fs::File::open(file)
        .and_then(|mut file| file.read_exact(&mut head))
        .is_ok()
        && head[18] == 2;

    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", file.display()));
    let is_empty = std::fs::metadata(beside("-wal")).map_or(true, |log| log.len() == 0);

    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));

    is_logged && is_empty && !beside("-shm").exists() && !is_writable(folder)
}

/// Whether files can be created in a folder.
fn is_writable(folder: &Path) -> bool {
    let probe = folder.join(format!(".graphql-{}", std::process::id()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe);

    if made.is_ok() {
        let _ = std::fs::remove_file(&probe);
    }
    made.is_ok()
}

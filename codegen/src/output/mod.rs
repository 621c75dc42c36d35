//! Writes the generated files, all or none of them, or compares them with the existing ones.
//!
//! New files are first written into a separate folder (`journal`). A journal, written last, commits them to replace the
//! old files. If a run is killed, the next one finishes what was committed and removes what was not. Only one run at a
//! time works in a folder (`lock`).

mod changes;
mod journal;
mod lock;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use changes::Changes;

use crate::emit::{File, HEADER_PREFIX};
use journal::{Journal, Staging};
use lock::Lock;

/// The snapshot's file name next to the code.
pub const SNAPSHOT: &str = "catalog.json";

/// Why files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The folder or a file in it cannot be used.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// An existing file of that name was not generated.
    #[error("`{0}` was not written by this program and would be overwritten; move it, or choose another folder")]
    NotGenerated(PathBuf),
    /// Another run writes into the folder.
    #[error("{process} is writing into `{folder}`; wait until it has ended, then run again")]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// The other process, with its ID if that is known.
        process: String,
    },
}

impl OutputError {
    fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }
}

/// The output folder of a run, and the place of its snapshot.
#[derive(Debug, Clone)]
pub struct Output {
    folder: PathBuf,
    snapshot: Option<PathBuf>,
    removes_stale: bool,
}

impl Output {
    /// A folder of generated files. Generated files that are no longer needed are removed; other files may lie next to
    /// them.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            snapshot: None,
            removes_stale: true,
        }
    }

    /// A folder from which nothing is removed.
    pub fn keeping_stale(folder: impl Into<PathBuf>) -> Self {
        Self {
            removes_stale: false,
            ..Self::new(folder)
        }
    }

    /// Sets the path of the snapshot, in this folder or another.
    #[must_use]
    pub fn snapshot(mut self, path: impl Into<PathBuf>) -> Self {
        self.snapshot = Some(path.into());
        self
    }

    /// Finishes or undoes a killed run, and waits for a running one. Changes nothing otherwise.
    pub fn recover(&self) -> Result<(), OutputError> {
        if !Lock::is_there(&self.folder) && !self.staging().exists() {
            return Ok(());
        }
        let _lock = Lock::acquire(&self.folder)?;
        self.staging().recover()
    }

    /// Returns what [`write`](Self::write) would change. Changes nothing, except to finish or undo a killed run.
    pub fn check(&self, files: &[File], snapshot: Option<&str>) -> Result<Changes, OutputError> {
        let _lock = self.lock_to_read()?;
        let mut changes = Changes::default();

        for file in files {
            let present = read(&self.folder.join(&file.path))?.unwrap_or_default();
            changes.add(&file.path, &present, &file.text);
        }

        for name in self.stale_files(files)? {
            let present = read(&self.folder.join(&name))?.unwrap_or_default();
            changes.add(&name, &present, "");
        }

        if let (Some(path), Some(wanted)) = (&self.snapshot, snapshot) {
            let present = read(path)?.unwrap_or_default();
            changes.add(&file_name(path), &present, wanted);
        }

        Ok(changes)
    }

    /// Writes all files and the snapshot, and removes generated files that are no longer needed. Returns the paths that
    /// changed.
    pub fn write(&self, files: &[File], snapshot: Option<&str>) -> Result<Vec<PathBuf>, OutputError> {
        std::fs::create_dir_all(&self.folder).map_err(OutputError::at(&self.folder))?;
        let _lock = Lock::acquire(&self.folder)?;
        let staging = self.staging();
        staging.recover()?;

        let new = self.changed_files(files)?;
        let stale = self.stale_files(files)?;
        let snapshot = self.changed_snapshot(snapshot)?;

        let mut changed: Vec<PathBuf> = new.iter().map(|file| self.folder.join(&file.path)).collect();
        changed.extend(stale.iter().map(|name| self.folder.join(name)));
        changed.extend(snapshot.map(|(path, _)| path.to_owned()));
        if changed.is_empty() {
            return Ok(changed);
        }

        let journal = Journal {
            files: new.iter().map(|file| file.path.clone()).collect(),
            stale,
            snapshot: snapshot.is_some(),
        };
        staging
            .stage(&new, snapshot.map(|(_, text)| text))
            .inspect_err(|_| staging.discard())?;
        staging.commit(&journal).inspect_err(|_| staging.discard())?;
        staging.apply(&journal)?;
        Ok(changed)
    }

    fn staging(&self) -> Staging<'_> {
        Staging::new(&self.folder, self.snapshot.as_deref())
    }

    /// Takes the lock for a comparison. A folder that cannot be written to has no writer to wait for, and no lock.
    fn lock_to_read(&self) -> Result<Option<Lock>, OutputError> {
        if !self.folder.is_dir() {
            return Ok(None);
        }
        match Lock::acquire(&self.folder) {
            Ok(lock) => {
                self.staging().recover()?;
                Ok(Some(lock))
            }
            Err(OutputError::Write { source, .. })
                if matches!(
                    source.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                ) && !self.staging().exists() =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the files that are missing or differ. A file in their place that was not generated is an error.
    fn changed_files<'f>(&self, files: &'f [File]) -> Result<Vec<&'f File>, OutputError> {
        let mut differing = Vec::new();
        for file in files {
            let path = self.folder.join(&file.path);
            match read(&path)? {
                Some(present) if present == file.text => {}
                Some(present) if !is_generated(&present) => return Err(OutputError::NotGenerated(path)),
                _ => differing.push(file),
            }
        }
        Ok(differing)
    }

    /// Returns the snapshot's path and text if it is missing or differs, and creates its folder.
    fn changed_snapshot<'t>(&self, wanted: Option<&'t str>) -> Result<Option<(&Path, &'t str)>, OutputError> {
        let (Some(path), Some(wanted)) = (self.snapshot.as_deref(), wanted) else {
            return Ok(None);
        };
        if read(path)?.as_deref() == Some(wanted) {
            return Ok(None);
        }

        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(OutputError::at(folder))?;
        }
        Ok(Some((path, wanted)))
    }

    /// Returns the names of generated files that are no longer needed, sorted.
    fn stale_files(&self, files: &[File]) -> Result<Vec<String>, OutputError> {
        if !self.removes_stale {
            return Ok(Vec::new());
        }
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => {
                return Err(OutputError::Write {
                    path: self.folder.clone(),
                    source,
                });
            }
        };

        let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let mut stale = Vec::new();
        for entry in entries {
            let entry = entry.map_err(OutputError::at(&self.folder))?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if journal::is_name(&name) && !wanted.contains(name.as_str()) && is_generated_file(&entry.path()) {
                stale.push(name);
            }
        }
        stale.sort();
        Ok(stale)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(SNAPSHOT.as_ref())
        .to_string_lossy()
        .into_owned()
}

fn read(path: &Path) -> Result<Option<String>, OutputError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OutputError::Write {
            path: path.to_owned(),
            source,
        }),
    }
}

fn is_generated(text: &str) -> bool {
    text.lines().next().is_some_and(|first| first.contains(HEADER_PREFIX))
}

fn is_generated_file(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| is_generated(&text))
}

//! Writes the generated files, or compares them with those that are there.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use tempfile::NamedTempFile;

use crate::emit::{File, MARK_START};

/// The snapshot's name beside the code.
pub const SNAPSHOT: &str = "catalog.json";

/// Why files could not be written. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The folder or a file in it cannot be used.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of that name is not generated.
    #[error("`{0}` was not written by this program and would be overwritten; move it, or choose another folder")]
    Foreign(PathBuf),
}

/// What would change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The difference as text; empty if nothing would change.
    pub diff: String,
    /// How many files would change.
    pub count: usize,
}

/// Compares, and changes nothing.
pub fn check(folder: &Path, files: &[File]) -> Result<Changes, OutputError> {
    let mut changes = Changes::default();
    for file in files {
        changes.compare(folder, file)?;
    }
    for stale in stale_files(folder, files)? {
        let present = read(&stale)?.unwrap_or_default();
        changes.add(&stale.file_name().unwrap_or_default().to_string_lossy(), &present, "");
    }
    Ok(changes)
}

/// Writes all files, then removes generated ones that are no longer needed. Every file is complete on the disk
/// before the first takes its place. Returns the paths that changed.
pub fn write(folder: &Path, files: &[File]) -> Result<Vec<PathBuf>, OutputError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |source| OutputError::Write { path, source }
    };
    std::fs::create_dir_all(folder).map_err(fail(folder))?;
    let mut ready = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        match read(&path)? {
            Some(present) if present == file.text => continue,
            Some(present) if !is_generated(&present) => return Err(OutputError::Foreign(path)),
            _ => {}
        }
        let mut temporary = NamedTempFile::new_in(folder).map_err(fail(&path))?;
        temporary.write_all(file.text.as_bytes()).map_err(fail(&path))?;
        set_usual_mode(temporary.as_file()).map_err(fail(&path))?;
        ready.push((temporary, path));
    }
    let stale = stale_files(folder, files)?;
    let mut changed = Vec::new();
    for (temporary, path) in ready {
        temporary.persist(&path).map_err(|error| OutputError::Write { path: path.clone(), source: error.error })?;
        changed.push(path);
    }
    for path in stale {
        std::fs::remove_file(&path).map_err(fail(&path))?;
        changed.push(path);
    }
    Ok(changed)
}

/// Writes one file, if it differs, beside files that are no concern of this program. Returns its path if it changed.
pub fn write_one(folder: &Path, file: &File) -> Result<Option<PathBuf>, OutputError> {
    let path = folder.join(&file.path);
    if read(&path)?.as_ref() == Some(&file.text) {
        return Ok(None);
    }
    let fail = |source| OutputError::Write { path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut temporary = NamedTempFile::new_in(folder).map_err(fail)?;
    temporary.write_all(file.text.as_bytes()).map_err(fail)?;
    set_usual_mode(temporary.as_file()).map_err(fail)?;
    temporary.persist(&path).map_err(|error| OutputError::Write { path: path.clone(), source: error.error })?;
    Ok(Some(path))
}

impl Changes {
    /// Adds what would change in one file.
    pub fn compare(&mut self, folder: &Path, file: &File) -> Result<(), OutputError> {
        let present = read(&folder.join(&file.path))?.unwrap_or_default();
        self.add(&file.path, &present, &file.text);
        Ok(())
    }

    fn add(&mut self, path: &str, present: &str, wanted: &str) {
        if present == wanted {
            return;
        }
        self.count += 1;
        let diff = TextDiff::from_lines(present, wanted);
        let (old, new) = (format!("{path} (present)"), format!("{path} (generated)"));
        self.diff.push_str(&diff.unified_diff().context_radius(2).header(&old, &new).to_string());
    }
}

fn read(path: &Path) -> Result<Option<String>, OutputError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OutputError::Write { path: path.to_owned(), source }),
    }
}

/// A temporary file is its owner's alone; generated code is as readable as other code.
#[cfg(unix)]
fn set_usual_mode(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_usual_mode(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

fn is_generated(text: &str) -> bool {
    text.lines().next().is_some_and(|first| first.contains(MARK_START))
}

/// Generated files that are not among the wanted ones.
fn stale_files(folder: &Path, files: &[File]) -> Result<Vec<PathBuf>, OutputError> {
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| folder.join(&file.path)).collect();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(OutputError::Write { path: folder.to_owned(), source }),
    };
    let mut stale = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| OutputError::Write { path: folder.to_owned(), source })?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("rs" | "graphql")) || wanted.contains(&path) {
            continue;
        }
        if std::fs::read_to_string(&path).is_ok_and(|text| is_generated(&text)) {
            stale.push(path);
        }
    }
    stale.sort();
    Ok(stale)
}

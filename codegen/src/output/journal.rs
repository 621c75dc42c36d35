//! Writes new files in two phases: they are staged in a separate folder, then a journal commits them.
//!
//! The journal lists the changes. A rename puts it in place, after all files that it names. A run that finds a journal
//! carries it out, as often as it takes; a run that finds staged files without a journal removes them. So a process may
//! be killed at any moment. The journal names only files directly in the folder, and only generated files are replaced
//! or removed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{OutputError, file_name, is_generated_file, read};
use crate::emit::File;

/// The folder of staged files, inside the folder they are for.
const STAGING_FOLDER: &str = ".codegen.new";
const JOURNAL: &str = ".journal";
const UNFINISHED_JOURNAL: &str = ".journal.new";
const SNAPSHOT: &str = ".snapshot";

/// The changes that a run has committed to.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    /// The names of the new files.
    pub(super) files: Vec<String>,
    /// The names of the files to remove.
    pub(super) stale: Vec<String>,
    /// Whether there is a new snapshot.
    pub(super) snapshot: bool,
}

/// The folder of staged files, and the places of its files.
#[derive(Debug)]
pub(super) struct Staging<'p> {
    target: &'p Path,
    snapshot: Option<&'p Path>,
    folder: PathBuf,
}

/// Whether a generated file may have this name.
pub(super) fn is_name(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("rs" | "graphql")) && !name.starts_with('.') && !name.contains(['/', '\\', ':'])
}

impl<'p> Staging<'p> {
    pub(super) fn new(target: &'p Path, snapshot: Option<&'p Path>) -> Self {
        Self {
            target,
            snapshot,
            folder: target.join(STAGING_FOLDER),
        }
    }

    pub(super) fn exists(&self) -> bool {
        self.folder.symlink_metadata().is_ok()
    }

    /// Recovers from a killed run: carries out its journal, or removes its staged files if there is no journal.
    pub(super) fn recover(&self) -> Result<(), OutputError> {
        match self.folder.symlink_metadata() {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(OutputError::NotGenerated(self.folder.clone())),
            Err(_) => return Ok(()),
        }

        let list = self.folder.join(JOURNAL);
        let Some(text) = read(&list)? else {
            self.discard();
            return Ok(());
        };
        let journal: Journal = serde_json::from_str(&text).map_err(|_| OutputError::NotGenerated(list.clone()))?;
        if !journal.files.iter().chain(&journal.stale).all(|name| is_name(name)) {
            return Err(OutputError::NotGenerated(list));
        }
        self.apply(&journal)
    }

    /// Writes the new files into the folder of staged files.
    pub(super) fn stage(&self, files: &[&File], snapshot: Option<&str>) -> Result<(), OutputError> {
        match fs::create_dir(&self.folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(OutputError::Write {
                    path: self.folder.clone(),
                    source: error,
                });
            }
            _ => {}
        }

        for file in files {
            self.write_staged(&file.path, &file.text)?;
        }
        snapshot.map_or(Ok(()), |text| self.write_staged(SNAPSHOT, text))
    }

    /// Puts the journal in place. From here on, the new files replace the old ones.
    pub(super) fn commit(&self, journal: &Journal) -> Result<(), OutputError> {
        let text = serde_json::to_string(journal).expect("invariant: it is made of texts");
        self.write_staged(UNFINISHED_JOURNAL, &text)?;
        let list = self.folder.join(JOURNAL);
        fs::rename(self.folder.join(UNFINISHED_JOURNAL), &list).map_err(OutputError::at(&list))
    }

    /// Moves the new files into place. Steps that were done before are skipped.
    pub(super) fn apply(&self, journal: &Journal) -> Result<(), OutputError> {
        for name in &journal.files {
            let (new, place) = (self.folder.join(name), self.target.join(name));
            if !new.exists() {
                continue;
            }
            if place.exists() && !is_generated_file(&place) {
                return Err(OutputError::NotGenerated(place));
            }
            fs::rename(&new, &place).map_err(OutputError::at(&place))?;
        }

        if journal.snapshot {
            self.move_snapshot()?;
        }

        for place in journal.stale.iter().map(|name| self.target.join(name)) {
            if is_generated_file(&place) {
                fs::remove_file(&place).map_err(OutputError::at(&place))?;
            }
        }

        let list = self.folder.join(JOURNAL);
        fs::remove_file(&list).map_err(OutputError::at(&list))?;
        self.discard();
        Ok(())
    }

    /// Removes the staged files, and nothing else in their folder.
    pub(super) fn discard(&self) {
        // The next run finds what is left over.
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_name(&name) || [JOURNAL, UNFINISHED_JOURNAL, SNAPSHOT].contains(&name.as_str()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        let _ = fs::remove_dir(&self.folder);
    }

    fn write_staged(&self, name: &str, text: &str) -> Result<(), OutputError> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(OutputError::at(&path))
    }

    /// Moves the snapshot into place. If that is on another disk, a copy next to it is renamed.
    fn move_snapshot(&self) -> Result<(), OutputError> {
        let new = self.folder.join(SNAPSHOT);
        let Some(place) = self.snapshot.filter(|_| new.exists()) else {
            return Ok(());
        };

        match fs::rename(&new, place) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let beside = place.with_file_name(format!(".{}.codegen.new", file_name(place)));
                fs::copy(&new, &beside).map_err(OutputError::at(&beside))?;
                fs::rename(&beside, place).map_err(OutputError::at(place))
            }
            result => result.map_err(OutputError::at(place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::HEADER;
    use crate::output::Output;

    fn generated(words: &str) -> String {
        format!("{HEADER}\n{words}\n")
    }

    fn file(name: &str, words: &str) -> File {
        File {
            path: name.into(),
            text: generated(words),
        }
    }

    /// The names and contents of a folder's files.
    fn content(folder: &Path) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                (
                    file_name(&path),
                    fs::read_to_string(&path).unwrap_or_else(|_| "a folder".into()),
                )
            })
            .collect();
        found.sort();
        found
    }

    fn old_state(folder: &Path) -> Output {
        let output = Output::new(folder).snapshot(folder.join("catalog.json"));
        output
            .write(
                &[file("a.rs", "1"), file("b.rs", "1"), file("old.rs", "1")],
                Some("old"),
            )
            .unwrap();
        fs::write(folder.join("mine.rs"), "// mine\n").unwrap();
        output
    }

    /// Ends a run after each of its steps in turn: before the journal is in place it is undone, afterwards it is
    /// finished.
    #[test]
    fn a_run_that_ends_between_any_two_steps_is_undone_or_finished() {
        let new = [file("a.rs", "2"), file("b.rs", "2"), file("c.rs", "2")];
        let finished = {
            let folder = tempfile::tempdir().unwrap();
            old_state(folder.path()).write(&new, Some("new")).unwrap();
            content(folder.path())
        };

        for steps in 0..=8 {
            let folder = tempfile::tempdir().unwrap();
            let output = old_state(folder.path());
            let before = content(folder.path());
            let place = folder.path().join("catalog.json");
            let staging = Staging::new(folder.path(), Some(&place));
            let journal = Journal {
                files: new.iter().map(|file| file.path.clone()).collect(),
                stale: vec!["old.rs".into()],
                snapshot: true,
            };

            let partly: Vec<&File> = new.iter().take(steps.max(1)).collect();
            staging.stage(&partly, (steps > 2).then_some("new")).unwrap();
            if steps > 3 {
                staging.commit(&journal).unwrap();
            }
            for name in journal.files.iter().take(steps.saturating_sub(4)) {
                fs::rename(staging.folder.join(name), folder.path().join(name)).unwrap();
            }
            if steps > 7 {
                staging.move_snapshot().unwrap();
                fs::remove_file(folder.path().join("old.rs")).unwrap();
            }

            output.recover().unwrap();
            let wanted = if steps > 3 { &finished } else { &before };
            assert_eq!(content(folder.path()), *wanted, "after {steps} steps");
        }
    }

    #[test]
    fn a_list_of_other_origin_is_not_carried_out() {
        let folder = tempfile::tempdir().unwrap();
        let output = old_state(folder.path());
        let before = content(folder.path());
        for name in ["../victim.rs", "/victim.rs", ".hidden.rs", "catalog.json"] {
            let staging = folder.path().join(STAGING_FOLDER);
            fs::create_dir_all(&staging).unwrap();
            fs::write(
                staging.join(JOURNAL),
                format!(r#"{{"files": [], "stale": ["{name}"], "snapshot": false}}"#),
            )
            .unwrap();
            assert!(matches!(output.recover(), Err(OutputError::NotGenerated(_))), "{name}");
            fs::remove_dir_all(&staging).unwrap();
            assert_eq!(content(folder.path()), before, "{name}");
        }
    }

    #[test]
    fn a_file_that_became_the_users_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let output = old_state(folder.path());
        let staging = Staging::new(folder.path(), None);
        staging.stage(&[&file("a.rs", "2")], None).unwrap();
        staging
            .commit(&Journal {
                files: vec!["a.rs".into()],
                stale: Vec::new(),
                snapshot: false,
            })
            .unwrap();
        fs::write(folder.path().join("a.rs"), "// mine now\n").unwrap();

        assert!(matches!(output.recover(), Err(OutputError::NotGenerated(_))));
        assert_eq!(fs::read_to_string(folder.path().join("a.rs")).unwrap(), "// mine now\n");
    }
}

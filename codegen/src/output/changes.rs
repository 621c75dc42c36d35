//! What a run would change, as a diff for people.

use similar::TextDiff;

/// The changes that a run would make.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The diff; empty if nothing would change.
    pub diff: String,
    /// The number of files that would change.
    pub count: usize,
}

impl Changes {
    /// Adds the diff of one file, if it would change.
    pub(super) fn add(&mut self, name: &str, present: &str, wanted: &str) {
        if present == wanted {
            return;
        }
        self.count += 1;
        let diff = TextDiff::from_lines(present, wanted);
        let (old, new) = (format!("{name} (present)"), format!("{name} (generated)"));
        self.diff
            .push_str(&diff.unified_diff().context_radius(2).header(&old, &new).to_string());
    }
}

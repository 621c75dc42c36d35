//! What a run would change, as a text for people.

use similar::TextDiff;

/// What would change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The difference as text; empty if nothing would change.
    pub diff: String,
    /// How many files would change.
    pub count: usize,
}

impl Changes {
    /// Adds what would change in one file.
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

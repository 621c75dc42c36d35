//! What the reader of a run's output should know: what was changed, left out, or is wrong in the settings.

use crate::text;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The run goes on.
    Warning,
    /// Nothing is written.
    Error,
}

/// A finding: the thing, what is wrong with it, and the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Names the thing and says what is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Diagnostic {
    /// A finding that the run goes on after.
    pub fn warning(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A finding after which nothing is written.
    pub fn error(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let label = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        // Names of the database may hold what acts on a terminal.
        let shown = |words: &str| text::comment(words).unwrap_or_default();
        write!(f, "{label}: {}\n  hint: {}", shown(&self.message), shown(&self.hint))
    }
}

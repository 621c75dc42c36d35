//! Warnings and errors of a run: what was renamed, left out, or is wrong in the settings.

use crate::text;

/// Whether a finding stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The run continues.
    Warning,
    /// Nothing is written.
    Error,
}

/// A finding: the thing, what is wrong with it, and the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// Names the thing and says what is wrong.
    pub message: String,
    /// The next step for the reader.
    pub hint: String,
}

impl Diagnostic {
    /// A finding that does not stop the run.
    pub fn warning(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A finding that stops the run before anything is written.
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
        // Names in the database may contain terminal control characters.
        let shown = |words: &str| text::plain_text(words).unwrap_or_default();
        write!(f, "{label}: {}", shown(&self.message))?;
        if self.hint.is_empty() {
            return Ok(());
        }
        write!(f, "\n  hint: {}", shown(&self.hint))
    }
}

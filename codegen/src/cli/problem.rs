//! Errors of a run, with the next step, on standard error.

use std::fmt;

use crate::schema::Diagnostic;
use crate::text;

/// An error of a run.
#[derive(Debug)]
pub(super) struct Problem {
    message: String,
    hint: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// An error whose message already names the next step.
    pub(super) fn without_hint(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            hint: None,
        }
    }
}

impl From<&Diagnostic> for Problem {
    fn from(diagnostic: &Diagnostic) -> Self {
        let shown = |words: &str| text::plain_text(words).unwrap_or_default();
        Self::new(shown(&diagnostic.message), shown(&diagnostic.hint))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl miette::Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.hint.as_ref()?))
    }
}

/// Prints all problems to standard error.
pub(super) fn report(problems: &[Problem]) {
    let handler = miette::MietteHandler::default();
    for problem in problems {
        eprintln!(
            "{:?}",
            Rendered {
                handler: &handler,
                problem
            }
        );
    }
}

struct Rendered<'a> {
    handler: &'a miette::MietteHandler,
    problem: &'a Problem,
}

impl fmt::Debug for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        miette::ReportHandler::debug(self.handler, self.problem, f)
    }
}

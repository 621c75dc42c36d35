//! What was found, and how much was asked.

use std::fmt;

/// The laws that a database's API keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// A value as answered, given again, finds or makes the same value.
    RoundTrip,
    /// Pages give exactly the list, each row once.
    Order,
    /// Relations agree with SQL's own join.
    Keys,
    /// One bad value spoils its own field and nothing else.
    OwnField,
    /// What the schema offers works.
    Offered,
    /// The schema is valid, and its names are those that a request needs.
    Names,
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RoundTrip => "round trip",
            Self::Order => "order",
            Self::Keys => "keys",
            Self::OwnField => "own field",
            Self::Offered => "offered",
            Self::Names => "names",
        })
    }
}

/// A broken law.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The law.
    pub law: Law,
    /// The GraphQL type, and the field where it is about one.
    pub place: String,
    /// What was expected and found.
    pub message: String,
    /// A request that shows it, with its variables.
    pub request: String,
}

/// What came of a sweep.
#[derive(Debug, Default)]
pub struct Report {
    /// How many comparisons were made.
    pub checks: u64,
    /// What was found.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Counts a comparison, and notes a fault if it failed.
    pub(crate) fn check(&mut self, holds: bool, fault: impl FnOnce() -> Fault) {
        self.checks += 1;

        if !holds {
            self.faults.push(fault());
        }
    }
}

/// A table of the faults, one line each with the request below it, and the number of checks.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "{:<10}  {:<40}  {}", fault.law, fault.place, fault.message)?;
            writeln!(f, "            {}", fault.request)?;
        }
        write!(f, "{} checks, {} faults", self.checks, self.faults.len())
    }
}

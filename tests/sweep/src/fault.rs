//! The report of a sweep: the faults, and the number of checks.

use std::fmt;

/// The laws that a database's API must obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// A value from an answer, sent back as input, finds or writes the same value.
    RoundTrip,
    /// All pages together are exactly the list, with each row once.
    Order,
    /// Relations agree with SQL's own join.
    Keys,
    /// A value that cannot be read affects its own field only.
    OwnField,
    /// Everything that the schema offers works.
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
    /// The GraphQL type, and the field if the fault is about one.
    pub place: String,
    /// What was expected, and what was found.
    pub message: String,
    /// A request that shows the fault, with its variables.
    pub request: String,
}

/// The result of a sweep.
#[derive(Debug, Default)]
pub struct Report {
    /// How many comparisons were made.
    pub checks: u64,
    /// The broken laws.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Counts a comparison, and records a fault if it failed.
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

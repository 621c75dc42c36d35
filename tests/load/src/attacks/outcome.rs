//! The outcomes of attacks, and the judgement of answers.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use serde_json::value::RawValue;

/// The outcome of one attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server answered without an error.
    Answered,
    /// The server refused it, with this code.
    Refused(String),
    /// The attacker left first, as it intended.
    Left,
    /// The server did this, which must not happen.
    Fault(String),
}

/// Answers of more bytes than this are only checked to be JSON, not searched for errors.
const LARGE: usize = 64 * 1024;

/// Judges an HTTP answer. Internal errors, answers without JSON, and statuses from 500 except 503 and 504 are faults.
pub(crate) fn judge(status: u16, body: &[u8]) -> Outcome {
    if body.is_empty() && (400..500).contains(&status) {
        // The HTTP library refuses invalid HTTP before any code of the server sees it.
        return Outcome::Refused(format!("HTTP {status}"));
    }

    if body.len() > LARGE && status < 500 {
        return match serde_json::from_slice::<&RawValue>(body) {
            Ok(_) => Outcome::Answered,
            Err(error) => Outcome::Fault(format!("HTTP {status}, {} bytes of invalid JSON: {error}", body.len())),
        };
    }

    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return Outcome::Fault(format!("HTTP {status} without JSON: {}", beginning(body)));
    };

    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let codes: Vec<&str> = errors
        .iter()
        .map(|error| error["extensions"]["code"].as_str().unwrap_or("no code"))
        .collect();

    let is_internal = codes.contains(&"INTERNAL_SERVER_ERROR");
    if is_internal || (status >= 500 && !matches!(status, 503 | 504)) {
        return Outcome::Fault(format!("HTTP {status}: {}", beginning(body)));
    }

    match codes.first() {
        Some(code) => Outcome::Refused((*code).to_owned()),
        None if status >= 400 => Outcome::Refused(format!("HTTP {status}")),
        None => Outcome::Answered,
    }
}

fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(200).collect()
}

/// Counts of attacks and of their outcomes.
#[derive(Debug, Default)]
pub(crate) struct Record {
    sent: u64,
    answered: u64,
    left: u64,
    /// Number of refused attacks by error code.
    refused: BTreeMap<String, u64>,
    faults: u64,
    /// The first distinct faults.
    examples: Vec<String>,
}

/// Maximum number of faults to show.
const EXAMPLES: usize = 3;

impl Record {
    /// A record with this one fault.
    pub(crate) fn fault(what: String) -> Self {
        let mut record = Self::default();
        record.count(Outcome::Fault(what));
        record
    }

    pub(crate) fn count(&mut self, outcome: Outcome) {
        self.sent += 1;
        match outcome {
            Outcome::Answered => self.answered += 1,
            Outcome::Left => self.left += 1,
            Outcome::Refused(code) => *self.refused.entry(code).or_default() += 1,
            Outcome::Fault(what) => {
                self.faults += 1;
                self.show(what);
            }
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.answered += other.answered;
        self.left += other.left;
        for (code, count) in other.refused {
            *self.refused.entry(code).or_default() += count;
        }
        self.faults += other.faults;
        for what in other.examples {
            self.show(what);
        }
    }

    pub(crate) fn faults(&self) -> u64 {
        self.faults
    }

    fn show(&mut self, what: String) {
        if self.examples.len() < EXAMPLES && !self.examples.contains(&what) {
            self.examples.push(what);
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: u64 = self.refused.values().sum();
        write!(f, "{} sent, {} answered, {refused} refused", self.sent, self.answered)?;
        for (at, (code, count)) in self.refused.iter().enumerate() {
            write!(f, "{}{code} {count}", if at == 0 { ": " } else { ", " })?;
        }
        write!(f, "; {} left, {} faults", self.left, self.faults)?;
        for what in &self.examples {
            write!(f, "\n    {what}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, judge};

    #[test]
    fn answers_are_told_apart() {
        let is_fault = |status, body: &str| matches!(judge(status, body.as_bytes()), Outcome::Fault(_));
        let refusal = r#"{"errors":[{"message":"too much","extensions":{"code":"LIMIT_EXCEEDED"}}]}"#;

        assert_eq!(judge(200, b"{\"data\":{}}"), Outcome::Answered);
        assert_eq!(
            judge(200, refusal.as_bytes()),
            Outcome::Refused("LIMIT_EXCEEDED".into())
        );
        assert_eq!(
            judge(504, refusal.as_bytes()),
            Outcome::Refused("LIMIT_EXCEEDED".into())
        );
        assert_eq!(judge(431, b""), Outcome::Refused("HTTP 431".into()));
        assert!(is_fault(500, refusal));
        assert!(is_fault(504, ""));
        assert!(is_fault(400, "Bad Request"));
        assert!(is_fault(
            200,
            &refusal.replace("LIMIT_EXCEEDED", "INTERNAL_SERVER_ERROR")
        ));
    }
}

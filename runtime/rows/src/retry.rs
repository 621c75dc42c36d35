//! Trying a transaction again: when, how often, and in which way.

use std::time::Duration;

use crate::jitter::jitter;

/// How often a transaction is tried before its conflict is the result.
const MAX_ATTEMPTS: u32 = 10;

/// From this attempt on a conflicting row is an error for the client: two attempts have met it already.
const INSISTENT_FROM: u32 = 3;

/// What becomes of a transaction; the first failure decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verdict {
    /// No statement failed: it can be committed.
    #[default]
    Commit,
    /// A statement failed, and would fail again.
    RollBack,
    /// Another transaction was in the way: the same may succeed when it is tried again.
    Retry,
    /// One of several rows failed: writing row by row finds out which.
    RetryRowByRow,
}

/// One of the attempts at a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Counted from one; the first attempt row by row counts as none.
    number: u32,
    row_by_row: bool,
}

impl Attempt {
    /// The first attempt, which writes rows together.
    pub const FIRST: Self = Self {
        number: 1,
        row_by_row: false,
    };

    /// Whether each row is its own statement, so that an error names its row.
    pub fn is_row_by_row(self) -> bool {
        self.row_by_row
    }

    /// Whether a conflicting row is reported as an error instead of a reason to retry.
    pub fn is_insistent(self) -> bool {
        self.number >= INSISTENT_FROM
    }

    /// The attempt that follows, begun after a pause where another transaction was in the way; `None` where the result
    /// stands.
    pub async fn next(self, verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::RetryRowByRow if !self.row_by_row => Some(Self {
                row_by_row: true,
                ..self
            }),
            Verdict::Retry if self.number < MAX_ATTEMPTS => {
                tracing::debug!(attempt = self.number, "retrying a transaction");
                pause(self.number).await;
                Some(Self {
                    number: self.number + 1,
                    ..self
                })
            }
            _ => None,
        }
    }
}

/// Lets transactions that were in each other's way come back at different times.
async fn pause(attempt: u32) {
    let most = 4_u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(u64::from(jitter()) % most + 1)).await;
}

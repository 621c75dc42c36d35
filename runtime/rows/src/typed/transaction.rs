//! Transactions for Rust code.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{MappedMutexGuard, MutexGuard};

use crate::execute::{Database, ExecuteError, RowSink, Transaction};
use crate::retry::{Attempt, Verdict};
use crate::write::WriteError;
use plan::answer::Executed;
use plan::bind::Keys;
use plan::sql::CompiledPlan;
use plan::value::BindValue;
use plan::viewer::Viewer;

/// A transaction for Rust code. Clones are the same transaction; it begins with its first statement.
#[derive(Debug, Clone)]
pub struct Tx(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Database,
    viewer: Viewer,
    state: tokio::sync::Mutex<State>,
    record: Mutex<Record>,
}

#[derive(Debug)]
enum State {
    New,
    Open(Box<Transaction>),
    Ended,
}

/// What the statements did.
#[derive(Debug, Default)]
struct Record {
    verdict: Verdict,
    /// The tables that were written.
    tables: BTreeSet<String>,
}

impl Record {
    /// Records a failure; later ones are its consequences.
    fn fail(&mut self, verdict: Verdict) {
        if self.verdict == Verdict::Commit {
            self.verdict = verdict;
        }
    }
}

impl Tx {
    /// A transaction that has not begun.
    pub fn new(database: &Database, viewer: Viewer) -> Self {
        let state = tokio::sync::Mutex::new(State::New);
        Self(Arc::new(Shared {
            database: database.clone(),
            viewer,
            state,
            record: Mutex::default(),
        }))
    }

    /// The database that it writes to.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// Locks the transaction, and begins it if needed. No other statement of it runs until the guard is dropped.
    /// Returns [`ExecuteError::Ended`] if a statement failed before.
    pub async fn open(&self) -> Result<MappedMutexGuard<'_, Transaction>, ExecuteError> {
        let mut state = self.0.state.lock().await;
        if let State::Open(transaction) = &*state
            && transaction.is_abandoned()
        {
            self.record().fail(Verdict::RollBack);
        }

        if self.has_failed() {
            // The failure may have ended the transaction in the database: later statements would be committed at once.
            return Err(ExecuteError::Ended);
        }

        if let State::New = *state {
            let begun = Transaction::begin_for(&self.0.database, &self.0.viewer).await;
            *state = State::Open(Box::new(self.record_statement(begun)?));
        }

        MutexGuard::try_map(state, |state| match state {
            State::Open(transaction) => Some(&mut **transaction),
            State::New | State::Ended => None,
        })
        .map_err(|_| ExecuteError::Ended)
    }

    /// Records the failure of a statement.
    pub fn record_statement<T>(&self, result: Result<T, ExecuteError>) -> Result<T, ExecuteError> {
        if let Err(error) = &result {
            self.record().fail(if error.is_conflict() {
                Verdict::Retry
            } else {
                Verdict::RollBack
            });
        }
        result
    }

    /// Records the failure of a write.
    pub fn record_write<T>(&self, result: Result<T, WriteError>) -> Result<T, WriteError> {
        if let Err(error) = &result {
            self.record().fail(match error {
                WriteError::RetryRowByRow(_) => Verdict::RetryRowByRow,
                error if error.is_conflict() => Verdict::Retry,
                _ => Verdict::RollBack,
            });
        }
        result
    }

    /// Records tables that were written.
    pub fn record_tables(&self, tables: BTreeSet<String>) {
        self.record().tables.extend(tables);
    }

    /// Takes the tables that were written.
    pub fn take_tables(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.record().tables)
    }

    /// What becomes of it, by the statements so far.
    pub fn verdict(&self) -> Verdict {
        self.record().verdict
    }

    /// Whether a statement failed, so that nothing can be committed.
    pub fn has_failed(&self) -> bool {
        self.verdict() != Verdict::Commit
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.0.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a plan in the transaction.
    pub async fn execute(
        &self,
        plan: &CompiledPlan,
        values: &[BindValue],
        keys: Option<&Keys>,
    ) -> Result<Executed, ExecuteError> {
        let outcome = self.open().await?.execute(plan, values, keys).await;
        self.record_statement(outcome)
    }

    /// Runs SQL of the program's own, whose placeholders are those of the database (`$1`, or `?`), and hands its rows
    /// over.
    ///
    /// # Errors
    ///
    /// The database's error; afterwards the transaction can only be rolled back.
    pub async fn sql(&self, sql: &str, values: &[BindValue], sink: &mut dyn RowSink) -> Result<(), ExecuteError> {
        let outcome = self.open().await?.sql(sql, values, sink).await;
        self.record_statement(outcome)
    }

    /// Commits. If a statement failed, rolls back and returns [`ExecuteError::Ended`].
    pub async fn commit(&self) -> Result<(), ExecuteError> {
        let state = std::mem::replace(&mut *self.0.state.lock().await, State::Ended);
        match state {
            State::New => Ok(()),
            State::Ended => Err(ExecuteError::Ended),
            State::Open(transaction) if self.has_failed() => {
                transaction.roll_back().await?;
                Err(ExecuteError::Ended)
            }
            State::Open(transaction) => {
                let outcome = transaction.commit().await;
                if let Err(error) = &outcome {
                    // A connection that was lost here may have committed: the same again would do it twice.
                    self.record().fail(if error.is_serialization_failure() {
                        Verdict::Retry
                    } else {
                        Verdict::RollBack
                    });
                }
                outcome
            }
        }
    }

    /// Rolls back. A connection that can no longer do so is closed, which rolls back as well.
    pub async fn roll_back(&self) {
        let state = std::mem::replace(&mut *self.0.state.lock().await, State::Ended);
        if let State::Open(transaction) = state
            && let Err(error) = transaction.roll_back().await
        {
            tracing::debug!(cause = error.cause(), "a transaction ended by closing its connection");
        }
    }
}

/// Runs code in its own transaction, outside of GraphQL. After a conflict with another transaction the code runs again,
/// up to ten times in all.
///
/// # Errors
///
/// The code's own error, or the error of a failed commit.
pub async fn transact<T, E, F>(database: &Database, run: impl Fn(Tx) -> F) -> Result<T, E>
where
    E: From<ExecuteError>,
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = Attempt::FIRST;
    loop {
        let tx = Tx::new(database, Viewer::anonymous());
        let result = match run(tx.clone()).await {
            Ok(value) => tx.commit().await.map(|()| value).map_err(E::from),
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        };

        // Rows of typed writes are written together in every attempt.
        let verdict = match tx.verdict() {
            Verdict::RetryRowByRow => Verdict::RollBack,
            verdict => verdict,
        };
        match attempt.next(verdict).await {
            Some(next) if result.is_err() => attempt = next,
            _ => return result,
        }
    }
}

//! The transaction of an operation, which generated and hand-written fields share.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Error, ErrorExtensions as _};
use tokio::sync::{MappedMutexGuard, MutexGuard};

use super::EngineParts;
use crate::execute::{BindValue, Database, ExecuteError, Executed, Keys, RowSink, Transaction};
use crate::plan::Plan;
use crate::viewer::Viewer;
use crate::write::WriteError;

/// A transaction for Rust code. Clones are the same transaction; it begins with its first statement.
#[derive(Debug, Clone)]
pub struct Tx(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Database,
    viewer: Viewer,
    state: tokio::sync::Mutex<State>,
    noted: Mutex<Noted>,
}

#[derive(Debug)]
enum State {
    New,
    Open(Box<Transaction>),
    Ended,
}

/// What statements came to.
#[derive(Debug, Default)]
struct Noted {
    /// A statement failed: nothing can be kept any more.
    failed: bool,
    /// It may succeed if all is tried again.
    conflict: bool,
    /// Trying again with one statement for each row finds the row to blame.
    one_of_many: bool,
    tables: BTreeSet<String>,
}

impl Tx {
    /// One that has not begun.
    pub(crate) fn new(database: &Database, viewer: Viewer) -> Self {
        let state = tokio::sync::Mutex::new(State::New);
        Self(Arc::new(Shared {
            database: database.clone(),
            viewer,
            state,
            noted: Mutex::default(),
        }))
    }

    /// The database that it writes to.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// The open transaction, begun if it was not; nobody else runs a statement of it meanwhile.
    pub(crate) async fn open(&self) -> Result<MappedMutexGuard<'_, Transaction>, ExecuteError> {
        let mut state = self.0.state.lock().await;
        if let State::Open(transaction) = &*state
            && transaction.is_abandoned()
        {
            self.noted().failed = true;
        }
        if self.has_failed() {
            // A database may have ended the transaction with the failure: what came now would be kept at once.
            return Err(ExecuteError::Ended);
        }
        if let State::New = *state {
            let begun = Transaction::begin_for(&self.0.database, &self.0.viewer).await;
            *state = State::Open(Box::new(self.noting(begun)?));
        }
        MutexGuard::try_map(state, |state| match state {
            State::Open(transaction) => Some(&mut **transaction),
            State::New | State::Ended => None,
        })
        .map_err(|_| ExecuteError::Ended)
    }

    /// Notes a failed statement.
    pub(crate) fn noting<T>(&self, outcome: Result<T, ExecuteError>) -> Result<T, ExecuteError> {
        if let Err(error) = &outcome {
            let mut noted = self.noted();
            noted.failed = true;
            noted.conflict |= error.is_conflict();
        }
        outcome
    }

    /// Notes what a write came to.
    pub(crate) fn noting_write<T>(&self, outcome: Result<T, WriteError>) -> Result<T, WriteError> {
        if let Err(error) = &outcome {
            let mut noted = self.noted();
            noted.failed = true;
            noted.conflict |= error.is_conflict();
            noted.one_of_many |= matches!(error, WriteError::OneOfMany(_));
        }
        outcome
    }

    pub(crate) fn note_tables(&self, tables: BTreeSet<String>) {
        self.noted().tables.extend(tables);
    }

    pub(super) fn tables(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.noted().tables)
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Noted> {
        self.0.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing can be kept any more.
    pub(super) fn has_failed(&self) -> bool {
        self.noted().failed
    }

    pub(super) fn is_conflict(&self) -> bool {
        self.noted().conflict
    }

    pub(super) fn is_one_of_many(&self) -> bool {
        self.noted().one_of_many
    }

    /// Runs a plan in it.
    pub(crate) async fn execute(
        &self,
        plan: &Plan,
        values: &[BindValue],
        keys: Option<&Keys>,
    ) -> Result<Executed, ExecuteError> {
        let outcome = self.open().await?.execute(plan, values, keys).await;
        self.noting(outcome)
    }

    /// Runs SQL of the program's own, whose placeholders are those of the database (`$1`, or `?`), and hands its rows
    /// over.
    ///
    /// # Errors
    ///
    /// What the database says; nothing of the transaction can be kept afterwards.
    pub async fn sql(&self, sql: &str, values: &[BindValue], sink: &mut dyn RowSink) -> Result<(), ExecuteError> {
        let outcome = self.open().await?.sql(sql, values, sink).await;
        self.noting(outcome)
    }

    /// Keeps what was written, unless a statement failed.
    pub(super) async fn commit(&self) -> Result<(), ExecuteError> {
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
                    let mut noted = self.noted();
                    noted.failed = true;
                    // A connection that was lost here may have kept everything: the same again would do it twice.
                    noted.conflict |= error.is_serialization_failure();
                }
                outcome
            }
        }
    }

    /// Undoes what was written. A connection that cannot do so any more is closed, which undoes it as well.
    pub(super) async fn roll_back(&self) {
        let state = std::mem::replace(&mut *self.0.state.lock().await, State::Ended);
        if let State::Open(transaction) = state
            && let Err(error) = transaction.roll_back().await
        {
            tracing::debug!(cause = error.cause(), "a transaction ended with its connection");
        }
    }
}

/// What the fields of one mutation operation share.
#[derive(Debug)]
pub(super) struct OperationTransaction {
    pub(super) tx: Tx,
    /// The keys of the fields that failed.
    failed: Mutex<Vec<String>>,
    pub(super) row_by_row: bool,
    pub(super) insistent: bool,
}

impl OperationTransaction {
    pub(super) fn new(database: &Database, viewer: Viewer, row_by_row: bool, insistent: bool) -> Self {
        Self {
            tx: Tx::new(database, viewer),
            failed: Mutex::default(),
            row_by_row,
            insistent,
        }
    }

    pub(super) fn fail(&self, key: &str) {
        self.failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(key.to_owned());
    }

    /// The keys of the fields that failed.
    pub(super) fn failed(&self) -> Vec<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Runs code in a transaction of its own, outside of GraphQL; it is tried again while others are in the way.
///
/// # Errors
///
/// The code's own error; a transaction that could not be kept.
pub async fn transact<T, E, F>(database: &Database, run: impl Fn(Tx) -> F) -> Result<T, E>
where
    E: From<ExecuteError>,
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        let tx = Tx::new(database, Viewer::anonymous());
        let outcome = match run(tx.clone()).await {
            Ok(value) => tx.commit().await.map(|()| value).map_err(E::from),
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        };
        if outcome.is_ok() || !tx.is_conflict() || attempt >= super::mutate::ATTEMPTS {
            return outcome;
        }
        super::mutate::pause(attempt).await;
        attempt += 1;
    }
}

/// Runs code in a transaction: what it writes is kept if it succeeds, and undone if it fails, panics, or the client is
/// gone. All fields of one mutation operation share one transaction, so a failure of one undoes them all; and if another
/// transaction was in the way, the whole operation runs again, this code with it.
///
/// ```ignore
/// async fn rename(&self, ctx: &Context<'_>, id: i64, name: String) -> Result<bool> {
///     transaction(ctx, async |tx| {
///         let changed = Product::update().set(product::name, name).filter(product::id.eq(id)).run(&tx).await?;
///         Ok::<_, Error>(changed == 1)
///     }).await
/// }
/// ```
///
/// Code that catches the error of a statement may answer in its own way, with a payload that says so: nothing of the
/// operation is kept all the same.
///
/// # Errors
///
/// The code's own error; a transaction that could not be kept.
pub async fn transaction<T, E, F>(ctx: &Context<'_>, run: impl FnOnce(Tx) -> F) -> async_graphql::Result<T>
where
    E: Into<Error>,
    F: Future<Output = Result<T, E>>,
{
    if let Some(operation) = ctx.data_opt::<Arc<OperationTransaction>>() {
        if operation.tx.has_failed() || !operation.failed().is_empty() {
            let undone = Error::new("another field of this operation failed, so nothing is written");
            return Err(undone.extend_with(|_, extensions| extensions.set("code", "ROLLED_BACK")));
        }
        let key = ctx.path_node.map(|node| {
            let path = node.to_string_vec();
            path.into_iter().next().unwrap_or_default()
        });
        let outcome = run(operation.tx.clone()).await.map_err(Into::into);
        if outcome.is_err() || operation.tx.has_failed() {
            operation.fail(&key.unwrap_or_default());
        }
        return outcome;
    }
    let parts = ctx.data::<Arc<EngineParts>>()?;
    let tx = Tx::new(&parts.database, ctx.data_opt::<Viewer>().cloned().unwrap_or_default());
    match run(tx.clone()).await {
        Ok(value) => {
            tx.commit().await.map_err(|error| super::select::failed(&error))?;
            Ok(value)
        }
        Err(error) => {
            tx.roll_back().await;
            Err(error.into())
        }
    }
}

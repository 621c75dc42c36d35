//! The transaction of a mutation operation, which generated and hand-written fields share.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Error, ErrorExtensions as _};
use plan::viewer::Viewer;
use rows::{Attempt, Database, Tx};

use crate::graphql::answer::failure::statement_error;
use crate::graphql::parts::EngineParts;

/// The state that the fields of one mutation operation share.
#[derive(Debug)]
pub(in crate::graphql) struct OperationTransaction {
    pub(in crate::graphql) tx: Tx,
    /// The keys of the fields that failed.
    failed: Mutex<Vec<String>>,
    pub(in crate::graphql) attempt: Attempt,
}

impl OperationTransaction {
    pub(in crate::graphql) fn new(database: &Database, viewer: Viewer, attempt: Attempt) -> Self {
        Self {
            tx: Tx::new(database, viewer),
            failed: Mutex::default(),
            attempt,
        }
    }

    /// Records that the field with this key failed.
    pub(in crate::graphql) fn fail(&self, key: &str) {
        self.failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(key.to_owned());
    }

    /// The keys of the fields that failed.
    pub(in crate::graphql) fn failed(&self) -> Vec<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Runs code in a transaction. It commits if the code succeeds, and rolls back on an error, a panic or a disconnected
/// client. All fields of one mutation operation share one transaction, so one failed field rolls all of them back.
/// After a conflict with another transaction the whole operation runs again, including this code.
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
/// Code that catches the error of a statement may return its own result, such as a payload with the error. The
/// operation is rolled back nevertheless.
///
/// # Errors
///
/// The code's own error, or the error of a failed commit.
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
            tx.commit().await.map_err(|error| statement_error(&error))?;
            Ok(value)
        }
        Err(error) => {
            tx.roll_back().await;
            Err(error.into())
        }
    }
}

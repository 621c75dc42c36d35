//! A connection that is lent to a request.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;

use super::{Connector, Pool};

/// A connection that is lent to a request. It returns to the pool only if it is settled, that is, in the state in which
/// it was lent.
#[derive(Debug)]
pub(in crate::execute) struct Loan<C: Connector> {
    pool: Arc<Pool<C>>,
    lent: Slot<C::Connection>,
    until: Instant,
    /// Whether it served another request before, so that the server may have closed it since.
    pub(in crate::execute) is_reused: bool,
    is_clean: bool,
    _permit: OwnedSemaphorePermit,
}

struct Slot<T>(Option<T>);

impl<T> std::fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lent").finish_non_exhaustive()
    }
}

impl<C: Connector> Loan<C> {
    pub(super) fn new(
        pool: Arc<Pool<C>>,
        connection: C::Connection,
        until: Instant,
        is_reused: bool,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            pool,
            lent: Slot(Some(connection)),
            until,
            is_reused,
            is_clean: true,
            _permit: permit,
        }
    }

    /// The pool that it returns to.
    pub(in crate::execute) fn pool(&self) -> &Arc<Pool<C>> {
        &self.pool
    }

    /// Marks the connection as in use: dropped before [`Self::settle`], it is closed.
    pub(in crate::execute) fn mark_in_use(&mut self) {
        self.is_clean = false;
    }

    /// Marks the connection as back in the state in which it was lent.
    pub(in crate::execute) fn mark_clean(&mut self) {
        self.is_clean = true;
    }
}

impl<C: Connector> Deref for Loan<C> {
    type Target = C::Connection;

    fn deref(&self) -> &Self::Target {
        self.lent
            .0
            .as_ref()
            .expect("invariant: it is taken only when the loan ends")
    }
}

impl<C: Connector> DerefMut for Loan<C> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.lent
            .0
            .as_mut()
            .expect("invariant: it is taken only when the loan ends")
    }
}

impl<C: Connector> Drop for Loan<C> {
    fn drop(&mut self) {
        let Some(connection) = self.lent.0.take() else { return };
        if self.is_clean {
            self.pool.give_back(connection, self.until);
            return;
        }

        // The request was dropped or failed: its running statement is ended, and the connection, whose state is
        // unknown, does not return to the pool.
        self.pool.count_closed();
        Arc::clone(&self.pool.connector).abandon(Arc::downgrade(&self.pool), connection);
    }
}

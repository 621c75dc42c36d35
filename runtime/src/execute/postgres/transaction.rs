//! A transaction of one connection. What begins it travels with its first statement.

use std::sync::{Arc, LazyLock};

use super::connection::{End, Query};
use super::{Counted, Loan, PostgresPool, binds, run_depth};
use crate::execute::level::LevelRows;
use crate::execute::run::Given;
use crate::execute::{BindValue, Database, ExecuteError, RowSink};
use crate::plan::{Plan, Statement};

/// A role to run as, and settings to read.
type SessionSettings = (String, [(&'static str, String); 3]);

static BEGIN: LazyLock<Arc<str>> = LazyLock::new(|| "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE".into());
static SET: LazyLock<Arc<str>> = LazyLock::new(|| "SELECT set_config($1, $2, true)".into());

/// An open transaction; dropped before its end, its connection is closed.
#[derive(Debug)]
pub(in crate::execute) struct PostgresTransaction {
    loan: Loan,
    /// What is to be sent before the first statement.
    before: Vec<(Arc<str>, Vec<BindValue>)>,
}

impl PostgresTransaction {
    pub(in crate::execute) async fn begin(
        pool: &Arc<PostgresPool>,
        session: Option<SessionSettings>,
    ) -> Result<Self, ExecuteError> {
        let mut loan = pool.acquire().await?;
        if loan.reused {
            // The server may have closed it while it was idle: that shows before anything is begun on it.
            let is_alive = loan.connection().is_open();
            if !is_alive {
                loan.settled = false;
                pool.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
                drop(loan);
                loan = pool.acquire().await?;
            }
        }
        let mut before = vec![(Arc::clone(&BEGIN), Vec::new())];
        if let Some((role, settings)) = session {
            for (name, value) in settings {
                before.push((Arc::clone(&SET), vec![BindValue::Text(name.into()), BindValue::Text(value)]));
            }
            // Last: the role need not be allowed anything else.
            before.push((role.into(), Vec::new()));
        }
        Ok(Self { loan, before })
    }

    /// Runs all levels of a plan: those of one depth together.
    pub(in crate::execute) async fn run(
        &mut self,
        database: &Database,
        plan: &Plan,
        given: Given<'_>,
        written: &mut [LevelRows],
    ) -> Result<(), ExecuteError> {
        for depth in 0..=plan.depth {
            let before = std::mem::take(&mut self.before);
            let before: Vec<Query<'_>> =
                before.iter().map(|(sql, binds)| Query { sql, binds: binds.clone() }).collect();
            self.loan.settled = false;
            let connection = self.loan.connection();
            run_depth(database, connection, (&before, End::Sync), plan, depth, given, written).await?;
        }
        Ok(())
    }

    /// Runs one statement and hands its rows over.
    pub(in crate::execute) async fn rows(
        &mut self,
        database: &Database,
        statement: &Statement,
        given: Given<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<(), ExecuteError> {
        let before = std::mem::take(&mut self.before);
        let mut queries: Vec<Query<'_>> =
            before.iter().map(|(sql, binds)| Query { sql, binds: binds.clone() }).collect();
        let own = queries.len();
        queries.push(Query { sql: &statement.sql, binds: binds(statement, given) });
        database.count_statement();
        self.loan.settled = false;
        let mut counted = Counted { rows: 0, own, sink };
        self.loan.connection().batch(&queries, End::Sync, &mut counted).await
    }

    /// `COMMIT` or `ROLLBACK`.
    pub(in crate::execute) async fn end(mut self, command: &'static str) -> Result<(), ExecuteError> {
        if !self.before.is_empty() {
            // Nothing was sent.
            self.loan.settled = true;
            return Ok(());
        }
        if self.loan.connection().is_broken() {
            return Err(super::error::broken("it was lost in the middle of a transaction").into());
        }
        self.loan.settled = false;
        let done = self.loan.connection().command(command).await;
        self.loan.settled = matches!(done, Ok(()) | Err(super::PostgresError::Server(_)));
        Ok(done?)
    }
}

//! A transaction of one connection. The commands that begin it are sent together with its first statement.

use std::sync::{Arc, LazyLock};

use super::postgres::{End, ParameterValue, PostgresConnector, Query};
use super::postgres_run::{Counted, Depth, binds, note, run_depth};
use crate::execute::levels::{ByteBudget, Given};
use crate::execute::pool::{Loan, Pool};
use crate::execute::{Database, ExecuteError, RowSink};
use plan::answer::LevelRows;
use plan::sql::{CompiledPlan, Statement};
use plan::value::BindValue;

/// The command that sets the role to run as, and the settings that SQL can read.
pub(in crate::execute) type SessionSettings = (String, [(&'static str, String); 3]);

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::execute) enum TransactionMode {
    /// Each statement sees what others committed before it. The database's owner decides whether it may write.
    Write,
    /// All statements see the same state, and nothing is written, so that a standby is enough.
    Snapshot,
}

static BEGIN_WRITE: LazyLock<Arc<str>> = LazyLock::new(|| "BEGIN ISOLATION LEVEL READ COMMITTED".into());
static BEGIN_SNAPSHOT: LazyLock<Arc<str>> = LazyLock::new(|| "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into());
static SET: LazyLock<Arc<str>> = LazyLock::new(|| "SELECT set_config($1, $2, true)".into());

/// An open transaction. If it is dropped before its end, its connection is closed.
#[derive(Debug)]
pub(in crate::execute) struct PostgresTransaction {
    loan: Loan<PostgresConnector>,
    /// The commands to send before the first statement.
    before: Vec<(Arc<str>, Vec<BindValue>)>,
}

impl PostgresTransaction {
    pub(in crate::execute) async fn begin(
        pool: &Arc<Pool<PostgresConnector>>,
        beginning: TransactionMode,
        session: Option<SessionSettings>,
    ) -> Result<Self, ExecuteError> {
        let loan = pool.acquire().await?;
        let begin = match beginning {
            TransactionMode::Write => &BEGIN_WRITE,
            TransactionMode::Snapshot => &BEGIN_SNAPSHOT,
        };

        let mut before = vec![(Arc::clone(begin), Vec::new())];
        if let Some((role, settings)) = session {
            for (name, value) in settings {
                before.push((
                    Arc::clone(&SET),
                    vec![BindValue::Text(name.into()), BindValue::Text(value)],
                ));
            }
            // The role comes last, so that it needs no privilege for the settings.
            before.push((role.into(), Vec::new()));
        }

        Ok(Self { loan, before })
    }

    /// Runs all levels of a plan; the statements of one depth are sent together.
    pub(in crate::execute) async fn run(
        &mut self,
        database: &Database,
        compiled: &CompiledPlan,
        given: Given<'_>,
        written: &mut [LevelRows],
    ) -> Result<(), ExecuteError> {
        let mut room = ByteBudget::new(compiled.plan.max_answer);
        for depth in 0..=compiled.plan.depth {
            let before = std::mem::take(&mut self.before);
            let step = Depth {
                number: depth,
                before: queries(&before),
                after: Vec::new(),
                end: End::Sync,
            };
            self.loan.mark_in_use();
            let outcome = run_depth(database, &mut self.loan, step, compiled, given, written, &mut room).await;
            self.noting(outcome)?;
        }
        Ok(())
    }

    /// Runs one statement and passes its rows to `sink`.
    pub(in crate::execute) async fn rows(
        &mut self,
        database: &Database,
        statement: &Statement,
        given: Given<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<(), ExecuteError> {
        let before = std::mem::take(&mut self.before);
        let mut queries = queries(&before);
        let own = queries.len();
        queries.push(Query {
            sql: &statement.sql,
            binds: binds(statement, given),
        });

        database.count_statement();
        self.loan.mark_in_use();

        let mut counted = Counted {
            rows: 0,
            position: own,
            sink,
        };
        let outcome = self.loan.batch(&queries, End::Sync, &mut counted).await;
        self.noting(outcome)
    }

    /// Ends the transaction with `command`, which is `COMMIT` or `ROLLBACK`.
    pub(in crate::execute) async fn end(mut self, command: &'static str) -> Result<(), ExecuteError> {
        if !self.before.is_empty() {
            // Nothing was sent.
            self.loan.mark_clean();
            return Ok(());
        }
        if self.loan.is_broken() {
            return Err(
                crate::execute::postgres_error::protocol_error("it was lost in the middle of a transaction").into(),
            );
        }

        self.loan.mark_in_use();
        let done = self.loan.command(command).await.map_err(ExecuteError::from);
        if !self.loan.is_broken() {
            self.loan.mark_clean();
        }

        let done = self.noting(done);
        match done {
            // The connection ended between the command and its answer.
            Err(error) if command == "COMMIT" && error.is_lost_connection() => {
                Err(ExecuteError::OutcomeUnknown(Box::new(error)))
            }
            other => other,
        }
    }

    fn noting<T>(&self, outcome: Result<T, ExecuteError>) -> Result<T, ExecuteError> {
        if let Err(error) = &outcome {
            note(error, &self.loan);
        }
        outcome
    }
}

fn queries(before: &[(Arc<str>, Vec<BindValue>)]) -> Vec<Query<'_>> {
    before
        .iter()
        .map(|(sql, binds)| Query {
            sql,
            binds: binds.iter().map(ParameterValue::Value).collect(),
        })
        .collect()
}

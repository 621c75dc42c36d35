//! An open transaction on one connection.

use std::sync::Arc;

use sqlx::{Executor as _, MySql, Sqlite};
use tokio::sync::OwnedSemaphorePermit;

use super::database::Pools;
use super::driver::Driver as _;
use super::levels::{Given, SinkAdapter, bind_value, each_row, run_levels, with_timeout};
use super::mysql::MysqlConnector;
use super::pool::Loan;
use super::postgres_transaction::{PostgresTransaction, TransactionMode};
use super::sqlite::SqliteConnector;
use super::{Database, ExecuteError, RowSink};
use plan::answer::Executed;
use plan::answer::LevelRows;
use plan::bind::Keys;
use plan::sql::{Bind, CompiledPlan, Statement, StatementKind};
use plan::value::BindValue;
use plan::viewer::Viewer;

/// An open transaction: its writes are kept together or not at all. Dropped without [`Transaction::commit`], it rolls
/// back.
#[derive(Debug)]
pub struct Transaction {
    database: Database,
    connection: Backend,
    /// Whether a statement is running; it stays set if the statement was abandoned.
    statement_running: bool,
    /// Whether the database rolled it back: any further statement would be committed at once.
    ended: bool,
    /// The permit for one of the transactions that may run at once; `None` if it only reads.
    _permit: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
enum Backend {
    Postgres(Box<PostgresTransaction>),
    Mysql(Loan<MysqlConnector>),
    Sqlite(Loan<SqliteConnector>),
}

impl Transaction {
    /// Begins a transaction that may write. Each statement sees what others committed before it, and what the
    /// transaction itself wrote. With row-level security it runs as the viewer's role. Returns
    /// [`ExecuteError::NoConnection`] if no permit was free in time.
    pub async fn begin_for(database: &Database, viewer: &Viewer) -> Result<Self, ExecuteError> {
        let turn = Arc::clone(&database.transaction_permits).acquire_owned();
        let turn = tokio::time::timeout(super::PATIENCE, turn).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(ExecuteError::NoConnection)?;

        Self::begin(database, viewer, TransactionMode::Write, Some(turn)).await
    }

    /// Begins a transaction that only reads; all its statements see the same state of the database.
    pub(super) async fn snapshot_for(database: &Database, viewer: &Viewer) -> Result<Self, ExecuteError> {
        Self::begin(database, viewer, TransactionMode::Snapshot, None).await
    }

    async fn begin(
        database: &Database,
        viewer: &Viewer,
        beginning: TransactionMode,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, ExecuteError> {
        let is_write = beginning == TransactionMode::Write;

        let held = match &database.pools {
            Pools::Postgres(pool) => {
                let session = database.row_security.as_ref().map(|security| security.session(viewer));
                Backend::Postgres(Box::new(PostgresTransaction::begin(pool, beginning, session).await?))
            }
            Pools::Mysql(pool) => loop {
                let mut loan = pool.acquire().await?;
                loan.mark_in_use();
                let begin = if is_write { loan.begin } else { MySql::SNAPSHOT };
                let outcome = with_timeout::<MySql, _>(database, loan.inner.execute(sqlx::raw_sql(begin))).await;
                match outcome {
                    Ok(_) => break Backend::Mysql(loan),
                    // The server closed it while it was idle, and the other idle connections with it.
                    Err(error) if loan.is_reused && error.is_lost_connection() => pool.clear(),
                    Err(error) => {
                        if error.is_silent() {
                            pool.mark_down();
                        }
                        return Err(error);
                    }
                }
            },
            Pools::Sqlite(pool) => {
                let mut loan = pool.acquire().await?;
                loan.mark_in_use();
                loan.inner.lock_handle().await?.remove_progress_handler();
                loan.inner
                    .execute(if is_write { "BEGIN IMMEDIATE" } else { Sqlite::SNAPSHOT })
                    .await?;
                loan.begin();
                Backend::Sqlite(loan)
            }
        };

        Ok(Self {
            database: database.clone(),
            connection: held,
            statement_running: false,
            ended: false,
            _permit: turn,
        })
    }

    /// The database that it writes to.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether a statement was abandoned while it ran: its effect is unknown, and the transaction cannot be committed.
    pub fn is_abandoned(&self) -> bool {
        self.statement_running
    }

    /// Runs a plan; `keys` are for a root level that has a link.
    pub async fn execute(
        &mut self,
        compiled: &CompiledPlan,
        values: &[BindValue],
        keys: Option<&Keys>,
    ) -> Result<Executed, ExecuteError> {
        self.check()?;
        let mut written: Vec<LevelRows> = compiled
            .plan
            .levels
            .iter()
            .map(|level| LevelRows::new(level, self.database.dialect()))
            .collect();
        let given = Given { values, keys };
        self.statement_running = true;
        let outcome = match &mut self.connection {
            Backend::Postgres(transaction) => transaction.run(&self.database, compiled, given, &mut written).await,
            Backend::Mysql(loan) => {
                run_levels::<MySql>(&self.database, &mut loan.inner, compiled, given, &mut written).await
            }
            Backend::Sqlite(loan) => {
                let _running = Sqlite::limit(&mut loan.inner, self.database.statement_timeout).await?;
                run_levels::<Sqlite>(&self.database, &mut loan.inner, compiled, given, &mut written).await
            }
        };

        self.statement_running = false;
        self.observe(outcome).map(|()| Executed::new(written))
    }

    /// Runs one statement and passes its rows to `sink`.
    pub async fn rows(
        &mut self,
        statement: &Statement,
        values: &[BindValue],
        keys: Option<&Keys>,
        sink: &mut dyn RowSink,
    ) -> Result<(), ExecuteError> {
        self.check()?;

        let given = Given { values, keys };
        self.statement_running = true;
        let outcome = match &mut self.connection {
            Backend::Postgres(transaction) => transaction.rows(&self.database, statement, given, sink).await,
            Backend::Mysql(loan) => {
                each_row::<MySql>(
                    &self.database,
                    &mut loan.inner,
                    statement,
                    given,
                    &mut SinkAdapter(sink),
                )
                .await
            }
            Backend::Sqlite(loan) if statement.kind == StatementKind::Read => {
                let _running = Sqlite::limit(&mut loan.inner, self.database.statement_timeout).await?;
                each_row::<Sqlite>(
                    &self.database,
                    &mut loan.inner,
                    statement,
                    given,
                    &mut SinkAdapter(sink),
                )
                .await
            }
            // SQLite rolls the whole transaction back if a write is interrupted, so a write has no time limit.
            Backend::Sqlite(loan) => {
                loan.inner.lock_handle().await?.remove_progress_handler();
                each_row::<Sqlite>(
                    &self.database,
                    &mut loan.inner,
                    statement,
                    given,
                    &mut SinkAdapter(sink),
                )
                .await
            }
        };

        self.statement_running = false;
        self.observe(outcome)
    }

    /// Runs one statement and ignores its rows. On MySQL it returns the first auto-increment number that the
    /// statement generated; other databases return numbers with `RETURNING`.
    pub async fn run(
        &mut self,
        statement: &Statement,
        values: &[BindValue],
        keys: Option<&Keys>,
    ) -> Result<Option<u64>, ExecuteError> {
        self.check()?;

        if let Backend::Mysql(loan) = &mut self.connection {
            let binds = statement
                .binds
                .iter()
                .map(|bind| bind_value(*bind, values, keys))
                .collect();
            let query =
                sqlx::query_with::<MySql, _>(sqlx::AssertSqlSafe(statement.sql.clone()), MySql::arguments(binds)?);

            self.database.count_statement();
            self.statement_running = true;
            let done = with_timeout::<MySql, _>(&self.database, query.execute(&mut loan.inner)).await;
            self.statement_running = false;
            return self.observe(done).map(|done| Some(done.last_insert_id()));
        }
        self.rows(statement, values, keys, &mut |_: &dyn plan::value::Row| Ok(()))
            .await?;
        Ok(None)
    }

    /// Runs the program's own SQL, with the placeholders of the database (`$1` or `?`), and passes its rows to `sink`.
    pub async fn sql(&mut self, sql: &str, values: &[BindValue], sink: &mut dyn RowSink) -> Result<(), ExecuteError> {
        let is_read = sql
            .trim_start()
            .get(..6)
            .is_some_and(|word| word.eq_ignore_ascii_case("select"));
        let statement = Statement {
            sql: sql.into(),
            kind: if is_read {
                StatementKind::Read
            } else {
                StatementKind::Write
            },
            binds: (0..values.len()).map(Bind::Parameter).collect(),
        };
        self.rows(&statement, values, None, sink).await
    }

    /// Commits the transaction. Returns [`ExecuteError::OutcomeUnknown`] if the connection was lost meanwhile.
    pub async fn commit(self) -> Result<(), ExecuteError> {
        self.check()?;
        if self.statement_running {
            return Err(ExecuteError::Ended);
        }

        match self.connection {
            Backend::Postgres(transaction) => transaction.end("COMMIT").await,
            Backend::Mysql(mut loan) => {
                let kept = with_timeout::<MySql, _>(&self.database, loan.inner.execute(sqlx::raw_sql("COMMIT"))).await;
                match kept {
                    Ok(_) => {
                        loan.mark_clean();
                        Ok(())
                    }
                    // The connection ended between the command and its answer.
                    Err(error) if error.is_lost_connection() => {
                        loan.pool().clear();
                        Err(ExecuteError::OutcomeUnknown(Box::new(error)))
                    }
                    Err(error) => Err(error),
                }
            }
            Backend::Sqlite(mut loan) => {
                loan.inner.lock_handle().await?.remove_progress_handler();
                loan.inner.execute("COMMIT").await?;
                loan.mark_clean();
                Ok(())
            }
        }
    }

    /// Rolls the transaction back.
    pub async fn roll_back(self) -> Result<(), ExecuteError> {
        if self.statement_running {
            // The connection is closed, which ends the transaction.
            return Ok(());
        }

        match self.connection {
            Backend::Postgres(transaction) => transaction.end("ROLLBACK").await,
            Backend::Mysql(mut loan) => {
                with_timeout::<MySql, _>(&self.database, loan.inner.execute(sqlx::raw_sql("ROLLBACK"))).await?;
                loan.mark_clean();
                Ok(())
            }
            // SQLite has already rolled it back; the connection is not used for another one.
            Backend::Sqlite(loan) if loan.was_rolled_back() => Ok(()),
            Backend::Sqlite(mut loan) => {
                loan.inner.lock_handle().await?.remove_progress_handler();
                loan.inner.execute("ROLLBACK").await?;
                loan.mark_clean();
                Ok(())
            }
        }
    }

    fn check(&self) -> Result<(), ExecuteError> {
        if self.ended { Err(ExecuteError::Ended) } else { Ok(()) }
    }

    /// Records what a statement's failure means for the transaction and the pool.
    fn observe<T>(&mut self, outcome: Result<T, ExecuteError>) -> Result<T, ExecuteError> {
        let Err(error) = &outcome else { return outcome };

        match &self.connection {
            Backend::Postgres(_) => {}
            Backend::Mysql(loan) => {
                self.ended |= error.is_serialization_failure() || error.is_lost_connection();
                if error.is_silent() {
                    loan.pool().mark_down();
                } else if error.is_lost_connection() {
                    loan.pool().clear();
                }
            }
            Backend::Sqlite(loan) => self.ended |= loan.was_rolled_back(),
        }

        outcome
    }
}

//! Runs the levels of a plan and writes the rows of each as text.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::{MySql, Sqlite};
use tokio::sync::SemaphorePermit;

use super::database::Pools;
use super::driver::Driver;
use super::levels::{DriverSink, Given, each_row, run_levels, with_timeout};
use super::pool::{Connector, Loan, Pool};
use super::{Database, ExecuteError, RowSink, Transaction, postgres_run};
use plan::Plan;
use plan::answer::Executed;
use plan::answer::LevelRows;
use plan::is_heavy;
use plan::sql::CompiledPlan;
use plan::value::{BindValue, Row};
use plan::viewer::Viewer;

/// Runs a plan with the values of its parameters. All levels see the same state of the database.
pub async fn execute(
    database: &Database,
    compiled: &CompiledPlan,
    values: &[BindValue],
) -> Result<Executed, ExecuteError> {
    let plan = &compiled.plan;
    let mut written: Vec<LevelRows> = plan
        .levels
        .iter()
        .map(|level| LevelRows::new(level, database.dialect()))
        .collect();

    let given = Given { values, keys: None };
    let _turn = heavy_permit(database, plan, values).await?;
    match &database.pools {
        Pools::Postgres(pool) => postgres_run::run(pool, database, compiled, given, &mut written).await?,
        // Their drivers' futures are large; a box for each keeps the request small.
        Pools::Mysql(pool) => Box::pin(run::<MySql>(database, pool, compiled, given, &mut written)).await?,
        Pools::Sqlite(pool) => Box::pin(run::<Sqlite>(database, pool, compiled, given, &mut written)).await?,
    }

    Ok(Executed::new(written))
}

/// Waits for a permit for heavy requests if the plan is heavy, at most as long as a statement may run. Returns `None`
/// for other plans, and [`ExecuteError::NoConnection`] if no permit was free in time.
async fn heavy_permit<'d>(
    database: &'d Database,
    plan: &Plan,
    values: &[BindValue],
) -> Result<Option<SemaphorePermit<'d>>, ExecuteError> {
    if !is_heavy(plan, values) {
        return Ok(None);
    }

    let turn = tokio::time::timeout(database.statement_timeout, database.heavy.acquire()).await;

    turn.ok()
        .and_then(Result::ok)
        .map(Some)
        .ok_or(ExecuteError::NoConnection)
}

/// Like [`execute`]; a database with row-level security runs the plan as the viewer's role.
pub async fn execute_for(
    database: &Database,
    compiled: &CompiledPlan,
    values: &[BindValue],
    viewer: &Viewer,
) -> Result<Executed, ExecuteError> {
    if database.row_security.is_none() || compiled.plan.levels.is_empty() {
        return execute(database, compiled, values).await;
    }
    // In a box, so that the usual request does not carry its size.
    Box::pin(async {
        let _turn = heavy_permit(database, &compiled.plan, values).await?;
        let mut attempt = 1;
        loop {
            let mut transaction = Transaction::snapshot_for(database, viewer).await?;
            let executed = transaction.execute(compiled, values, None).await;
            match executed {
                Err(error) if attempt < ATTEMPTS && (error.is_transient() || error.is_lost_connection()) => {
                    drop(transaction);
                    attempt += 1;
                }
                executed => {
                    transaction.roll_back().await?;
                    return executed;
                }
            }
        }
    })
    .await
}

/// Runs a plan of one level and passes each row to `sink`.
pub async fn rows(
    database: &Database,
    compiled: &CompiledPlan,
    values: &[BindValue],
    sink: &mut dyn RowSink,
) -> Result<(), ExecuteError> {
    let given = Given { values, keys: None };
    match &database.pools {
        Pools::Postgres(pool) => postgres_run::each_row(pool, database, compiled, given, sink).await,
        Pools::Mysql(pool) => rows_of::<MySql>(database, pool, compiled, given, sink).await,
        Pools::Sqlite(pool) => rows_of::<Sqlite>(database, pool, compiled, given, sink).await,
    }
}

async fn rows_of<D: Driver>(
    database: &Database,
    pool: &Arc<Pool<D::Connector>>,
    compiled: &CompiledPlan,
    given: Given<'_>,
    sink: &mut dyn RowSink,
) -> Result<(), ExecuteError> {
    let mut attempt = 1;
    loop {
        let mut loan = pool.acquire().await?;
        loan.mark_in_use();

        let mut counted = CountingSink { rows: 0, sink };
        let outcome = async {
            let connection = D::inner(&mut loan);
            let _running = D::limit(connection, database.statement_timeout).await?;
            each_row::<D>(database, connection, &compiled.statements[0], given, &mut counted).await
        };
        let outcome = outcome.await;

        let rows = counted.rows;
        match conclude(outcome, &mut loan, attempt) {
            RunOutcome::Done(outcome) => {
                return outcome.map_err(|error| error.in_table(compiled.plan.levels[0].select.table()));
            }
            RunOutcome::Again if rows > 0 => return Err(ExecuteError::NoConnection),
            RunOutcome::Again => attempt += 1,
        }
    }
}

/// How often a request that changes nothing is run at most: once, and again after transient errors.
const ATTEMPTS: u32 = 3;

/// Whether a run is finished or is to be repeated.
enum RunOutcome {
    Done(Result<(), ExecuteError>),
    Again,
}

/// Tells the pool what a run's outcome means for its connections, and returns whether to run the plan again. A failed
/// run can be repeated: nobody has seen any of its rows.
fn conclude<C: Connector>(outcome: Result<(), ExecuteError>, loan: &mut Loan<C>, attempt: u32) -> RunOutcome {
    let Err(error) = outcome else {
        loan.mark_clean();
        return RunOutcome::Done(Ok(()));
    };

    if error.is_silent() {
        loan.pool().mark_down();
    } else if error.is_lost_connection() {
        loan.pool().clear();
    } else if error.keeps_connection_usable() {
        loan.mark_clean();
    }

    let passes = error.is_transient() || (loan.is_reused && error.is_lost_connection());
    if passes && attempt < ATTEMPTS {
        RunOutcome::Again
    } else {
        RunOutcome::Done(Err(error))
    }
}

/// Passes the rows of one statement on and counts them.
struct CountingSink<'s> {
    rows: usize,
    sink: &'s mut dyn RowSink,
}

impl<R: Row> DriverSink<R> for CountingSink<'_> {
    fn row(&mut self, row: &R) -> Result<(), ExecuteError> {
        self.rows += 1;
        Ok(self.sink.row(row)?)
    }

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        self.sink.pause()
    }
}

async fn run<D: Driver>(
    database: &Database,
    pool: &Arc<Pool<D::Connector>>,
    compiled: &CompiledPlan,
    given: Given<'_>,
    written: &mut [LevelRows],
) -> Result<(), ExecuteError> {
    let plan = &compiled.plan;
    if plan.levels.is_empty() {
        return Ok(());
    }

    let mut attempt = 1;
    loop {
        let mut loan = pool.acquire().await?;
        loan.mark_in_use();
        let outcome = run_once::<D>(database, D::inner(&mut loan), compiled, given, written).await;
        let is_snapshot_open = outcome.is_err() && plan.levels.len() > 1;
        match conclude(outcome, &mut loan, attempt) {
            RunOutcome::Done(outcome) => {
                if is_snapshot_open {
                    // The open transaction ends with the connection.
                    loan.mark_in_use();
                }
                return outcome;
            }
            RunOutcome::Again => {
                loan.mark_in_use();
                attempt += 1;
            }
        }

        for (rows, level) in written.iter_mut().zip(&plan.levels) {
            *rows = LevelRows::new(level, database.dialect());
        }
    }
}

async fn run_once<D: Driver>(
    database: &Database,
    connection: &mut D::Connection,
    compiled: &CompiledPlan,
    given: Given<'_>,
    written: &mut [LevelRows],
) -> Result<(), ExecuteError> {
    let is_snapshot = compiled.plan.levels.len() > 1;
    if is_snapshot {
        with_timeout::<D, _>(database, D::command(connection, D::SNAPSHOT)).await?;
    }
    let _running = D::limit(connection, database.statement_timeout).await?;
    run_levels::<D>(database, connection, compiled, given, written).await?;
    if is_snapshot {
        with_timeout::<D, _>(database, D::command(connection, "COMMIT")).await?;
    }
    Ok(())
}

//! Runs the levels of a plan and writes the rows of each as text.

use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use sqlx::{MySql, Sqlite};
use tokio::sync::SemaphorePermit;

use super::database::Pools;
use super::driver::{Driver, DriverRow};
use super::pool::{Connector, Loan, Pool};
use super::{Database, ExecuteError, RowSink, Transaction, postgres};
use plan::answer::Executed;
use plan::answer::LevelRows;
use plan::bind::{KeyColumn, Keys};
use plan::is_heavy;
use plan::sql::{Bind, CompiledPlan, Statement};
use plan::value::{BindValue, Row};
use plan::viewer::Viewer;
use plan::{Level, Plan};

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
        Pools::Postgres(pool) => postgres::run(pool, database, compiled, given, &mut written).await?,
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

/// The values that a plan's statements bind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'g> {
    /// The values of the plan's parameters.
    pub(super) values: &'g [BindValue],
    /// The keys for a root level that has a link.
    pub(super) keys: Option<&'g Keys>,
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
        Pools::Postgres(pool) => postgres::each_row(pool, database, compiled, given, sink).await,
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

/// Awaits a driver's answer, for as long as the database may be silent; after that [`ExecuteError::Silent`].
pub(super) async fn with_timeout<D: Driver, T>(
    database: &Database,
    future: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, ExecuteError> {
    match D::silence_limit(database.statement_timeout) {
        None => Ok(future.await?),
        Some(patience) => Ok(tokio::time::timeout(patience, future)
            .await
            .map_err(|_| ExecuteError::Silent)??),
    }
}

/// Runs all levels of a plan on one connection.
pub(super) async fn run_levels<D: Driver>(
    database: &Database,
    connection: &mut D::Connection,
    compiled: &CompiledPlan,
    given: Given<'_>,
    written: &mut [LevelRows],
) -> Result<(), ExecuteError> {
    let plan = &compiled.plan;
    let mut room = ByteBudget::new(plan.max_answer);
    for (at, level) in plan.levels.iter().enumerate() {
        let (above, from_here) = written.split_at_mut(at);
        let keys = level
            .parent
            .map_or(given.keys, |parent| Some(&above[parent.level].keys[parent.child]));
        if level.select.link.is_some() && keys.is_none_or(Keys::is_empty) {
            continue;
        }

        let mut sink = LevelSink {
            level,
            rows: &mut from_here[0],
            room: &mut room,
        };
        let outcome = each_row::<D>(
            database,
            connection,
            &compiled.statements[at],
            Given { keys, ..given },
            &mut sink,
        )
        .await;
        outcome.map_err(|error| error.in_table(level.select.table()))?;
    }

    Ok(())
}

/// Receives the rows of one driver, in the driver's own type.
pub(super) trait DriverSink<R>: Send {
    fn row(&mut self, row: &R) -> Result<(), ExecuteError>;

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        None
    }
}

/// Writes rows into a level's text.
struct LevelSink<'w> {
    level: &'w Level,
    rows: &'w mut LevelRows,
    room: &'w mut ByteBudget,
}

/// How many bytes an answer may still grow by.
#[derive(Debug)]
pub(super) struct ByteBudget {
    left: usize,
    most: usize,
}

impl ByteBudget {
    pub(super) fn new(most: usize) -> Self {
        Self { left: most, most }
    }

    /// Takes `bytes` from what is left; [`ExecuteError::TooLarge`] if too few are left.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), ExecuteError> {
        self.left = self.left.checked_sub(bytes).ok_or(ExecuteError::TooLarge(self.most))?;
        Ok(())
    }
}

impl<R: Row> DriverSink<R> for LevelSink<'_> {
    fn row(&mut self, row: &R) -> Result<(), ExecuteError> {
        let before = self.rows.bytes();
        self.rows.push(self.level, row)?;
        self.room.take(self.rows.bytes() - before)
    }
}

/// Passes rows on to a [`RowSink`], which takes rows of any driver.
pub(super) struct SinkAdapter<'s>(pub(super) &'s mut dyn RowSink);

impl<R: Row> DriverSink<R> for SinkAdapter<'_> {
    fn row(&mut self, row: &R) -> Result<(), ExecuteError> {
        Ok(self.0.row(row)?)
    }

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        self.0.pause()
    }
}

pub(super) async fn each_row<D: Driver>(
    database: &Database,
    connection: &mut D::Connection,
    statement: &Statement,
    given: Given<'_>,
    sink: &mut dyn for<'r> DriverSink<DriverRow<'r, D>>,
) -> Result<(), ExecuteError> {
    let binds = statement
        .binds
        .iter()
        .map(|bind| bind_value(*bind, given.values, given.keys))
        .collect();
    let arguments = D::arguments(binds)?;
    database.count_statement();
    let mut stream = D::fetch(connection, &statement.sql, arguments);
    while let Some(row) = with_timeout::<D, _>(database, stream.try_next()).await? {
        sink.row(&DriverRow(&row))?;
        if let Some(pause) = sink.pause() {
            pause.await;
        }
    }

    Ok(())
}

pub(super) fn bind_value(bind: Bind, values: &[BindValue], keys: Option<&Keys>) -> BindValue {
    let keys = || keys.expect("invariant: a statement that takes keys has a level above it");
    match bind {
        Bind::Parameter(at) => values[at].clone(),
        Bind::Keys(at) => match keys().column(at) {
            KeyColumn::Ints(list) => BindValue::Ints(list.clone()),
            KeyColumn::Texts(list) | KeyColumn::Stored(list) => BindValue::Texts(list.clone()),
        },
        Bind::KeysJson => BindValue::Text(keys().to_json()),
    }
}

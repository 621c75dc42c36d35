//! Plans and statements outside a transaction.

use std::sync::{Arc, LazyLock};

use futures_util::future::BoxFuture;

use super::postgres::{BatchSink, Connection, End, ParameterValue, PostgresConnector, Query, WireRow};
use crate::execute::levels::{ByteBudget, Given};
use crate::execute::pool::{Loan, Pool};
use crate::execute::{Database, ExecuteError, RowSink};
use plan::Plan;
use plan::answer::LevelRows;
use plan::bind::{KeyColumn, Keys};
use plan::sql::{Bind, CompiledPlan, Statement};

/// How often a request that changes nothing is run at most: once, and again after transient errors.
const ATTEMPTS: u32 = 3;

static BEGIN_SNAPSHOT: LazyLock<Arc<str>> = LazyLock::new(|| "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into());
static COMMIT: LazyLock<Arc<str>> = LazyLock::new(|| "COMMIT".into());

type PostgresPool = Arc<Pool<PostgresConnector>>;

/// Runs all levels of a plan in one transaction; the statements of one depth are sent together. After a transient error
/// the plan is run again, since nobody has seen any of its rows.
pub(in crate::execute) async fn run(
    pool: &PostgresPool,
    database: &Database,
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
        match run_once(&mut loan, database, compiled, given, written).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                let again = attempt < ATTEMPTS && is_passing(&error, &loan);
                note(&error, &loan);
                if !again {
                    return Err(error);
                }
            }
        }

        attempt += 1;
        for (rows, level) in written.iter_mut().zip(&plan.levels) {
            *rows = LevelRows::new(level, database.dialect());
        }
    }
}

async fn run_once(
    loan: &mut Loan<PostgresConnector>,
    database: &Database,
    compiled: &CompiledPlan,
    given: Given<'_>,
    written: &mut [LevelRows],
) -> Result<(), ExecuteError> {
    let plan = &compiled.plan;
    let begins = loan.is_pooled() && plan.depth > 0;
    let mut room = ByteBudget::new(plan.max_answer);
    for depth in 0..=plan.depth {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        if begins && depth == 0 {
            before.push(Query {
                sql: &BEGIN_SNAPSHOT,
                binds: Vec::new(),
            });
        }
        if begins && depth == plan.depth {
            after.push(Query {
                sql: &COMMIT,
                binds: Vec::new(),
            });
        }

        let end = if depth == plan.depth { End::Sync } else { End::Open };
        loan.mark_in_use();
        let step = Depth {
            number: depth,
            before,
            after,
            end,
        };
        let outcome = run_depth(database, loan, step, compiled, given, written, &mut room).await;

        let is_done = outcome.is_ok() && end == End::Sync;
        let has_failed_cleanly = outcome.is_err() && !begins && !loan.is_broken();
        if is_done || has_failed_cleanly {
            loan.mark_clean();
        }
        outcome?;
    }
    Ok(())
}

/// Runs one level and passes each row to `sink`. It is run again only if no row has arrived.
pub(in crate::execute) async fn each_row(
    pool: &PostgresPool,
    database: &Database,
    compiled: &CompiledPlan,
    given: Given<'_>,
    sink: &mut dyn RowSink,
) -> Result<(), ExecuteError> {
    let statement = &compiled.statements[0];
    let mut attempt = 1;
    loop {
        let mut loan = pool.acquire().await?;
        loan.mark_in_use();
        let query = Query {
            sql: &statement.sql,
            binds: binds(statement, given),
        };
        database.count_statement();

        let mut counted = Counted {
            rows: 0,
            position: 0,
            sink,
        };
        let outcome = loan.batch(std::slice::from_ref(&query), End::Sync, &mut counted).await;
        let rows = counted.rows;
        if !loan.is_broken() {
            loan.mark_clean();
        }

        let Err(error) = outcome else { return Ok(()) };
        let again = attempt < ATTEMPTS && rows == 0 && is_passing(&error, &loan);
        note(&error, &loan);
        if !again {
            return Err(error.in_table(compiled.plan.levels[0].select.table()));
        }
        attempt += 1;
    }
}

/// Whether the same may succeed if it is run again at once: after a connection that the server had closed, a statement
/// that must be prepared again, or a conflict with the recovery of a standby.
fn is_passing(error: &ExecuteError, loan: &Loan<PostgresConnector>) -> bool {
    error.is_transient() || (loan.is_reused && error.is_lost_connection())
}

/// Tells the pool what a failure means for its connections.
pub(super) fn note(error: &ExecuteError, loan: &Loan<PostgresConnector>) {
    let pool = loan.pool();
    if error.is_silent() {
        pool.mark_down();
    } else if error.is_lost_connection() {
        pool.clear();
    }
}

/// One depth of a plan, and what is sent with its statements.
pub(super) struct Depth<'d> {
    pub(super) number: usize,
    pub(super) before: Vec<Query<'d>>,
    pub(super) after: Vec<Query<'d>>,
    pub(super) end: End,
}

/// Sends the statements of one depth together, between the commands of `step` that come before and after them.
pub(super) async fn run_depth(
    database: &Database,
    connection: &mut Connection,
    step: Depth<'_>,
    compiled: &CompiledPlan,
    given: Given<'_>,
    written: &mut [LevelRows],
    room: &mut ByteBudget,
) -> Result<(), ExecuteError> {
    let plan = &compiled.plan;
    // The keys of the levels above are lent to the statements while the rows of these levels are written.
    let mut taken: Vec<(usize, usize, Keys)> = Vec::new();
    for level in plan.levels.iter().filter(|level| level.depth == step.number) {
        if let Some(parent) = level.parent {
            let keys = std::mem::replace(
                &mut written[parent.level].keys[parent.child],
                Keys::new(&[], database.dialect()),
            );
            taken.push((parent.level, parent.child, keys));
        }
    }

    let mut queries = step.before;
    let first = queries.len();
    let mut places = Vec::new();
    for (at, level) in plan
        .levels
        .iter()
        .enumerate()
        .filter(|(_, level)| level.depth == step.number)
    {
        let above = |parent: plan::Parent| {
            taken
                .iter()
                .find(|(level, child, _)| (*level, *child) == (parent.level, parent.child))
        };
        let keys = level
            .parent
            .map_or(given.keys, |parent| above(parent).map(|(_, _, keys)| keys));
        if level.select.link.is_some() && keys.is_none_or(Keys::is_empty) {
            continue;
        }

        places.push(at);
        queries.push(Query {
            sql: &compiled.statements[at].sql,
            binds: binds(&compiled.statements[at], Given { keys, ..given }),
        });
        database.count_statement();
    }
    queries.extend(step.after);

    if queries.is_empty() && step.end == End::Open {
        return Ok(());
    }

    let mut sink = Levels {
        plan,
        places: &places,
        before: first,
        written,
        room,
    };
    let outcome = connection.batch(&queries, step.end, &mut sink).await;
    let failed = connection.failed_at().checked_sub(first).and_then(|at| places.get(at));
    let outcome = outcome.map_err(|error| match failed {
        Some(&at) => error.in_table(plan.levels[at].select.table()),
        None => error,
    });

    drop(queries);
    for (level, child, keys) in taken {
        written[level].keys[child] = keys;
    }

    outcome
}

/// Writes the rows of several statements into their levels.
struct Levels<'l> {
    plan: &'l Plan,
    /// The level of each statement.
    places: &'l [usize],
    /// The number of commands before them.
    before: usize,
    written: &'l mut [LevelRows],
    room: &'l mut ByteBudget,
}

impl BatchSink for Levels<'_> {
    fn row(&mut self, query: usize, row: &WireRow<'_>) -> Result<(), ExecuteError> {
        let Some(&at) = query.checked_sub(self.before).and_then(|query| self.places.get(query)) else {
            return Ok(());
        };
        let rows = &mut self.written[at];
        let before = rows.bytes();
        rows.push(&self.plan.levels[at], row)?;
        self.room.take(rows.bytes() - before)
    }
}

/// Passes the rows of one statement on and counts them.
pub(super) struct Counted<'s> {
    pub(super) rows: usize,
    /// The position of the statement in the batch.
    pub(super) position: usize,
    pub(super) sink: &'s mut dyn RowSink,
}

impl BatchSink for Counted<'_> {
    fn row(&mut self, query: usize, row: &WireRow<'_>) -> Result<(), ExecuteError> {
        if query != self.position {
            return Ok(());
        }
        self.rows += 1;
        Ok(self.sink.row(row)?)
    }

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        self.sink.pause()
    }
}

/// The values that a statement binds, borrowed.
pub(super) fn binds<'g>(statement: &Statement, given: Given<'g>) -> Vec<ParameterValue<'g>> {
    let keys = || {
        given
            .keys
            .expect("invariant: a statement that takes keys has a level above it")
    };
    let bound = |bind: &Bind| match *bind {
        Bind::Parameter(at) => ParameterValue::Value(&given.values[at]),
        Bind::Keys(at) => match keys().column(at) {
            KeyColumn::Ints(list) => ParameterValue::Ints(list),
            KeyColumn::Texts(list) | KeyColumn::Stored(list) => ParameterValue::Texts(list),
        },
        Bind::KeysJson => unreachable!("invariant: this database takes keys as lists"),
    };

    statement.binds.iter().map(bound).collect()
}

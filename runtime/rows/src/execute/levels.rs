//! Runs the levels of a plan on one connection of a driver, and single statements.

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;

use super::driver::{Driver, DriverRow};
use super::{Database, ExecuteError, RowSink};
use plan::Level;
use plan::answer::LevelRows;
use plan::bind::{KeyColumn, Keys};
use plan::sql::{Bind, CompiledPlan, Statement};
use plan::value::{BindValue, Row};

/// The values that a plan's statements bind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'g> {
    /// The values of the plan's parameters.
    pub(super) values: &'g [BindValue],
    /// The keys for a root level that has a link.
    pub(super) keys: Option<&'g Keys>,
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

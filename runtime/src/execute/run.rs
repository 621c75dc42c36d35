//! Runs the levels of a plan and joins their texts.

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use sqlx::{AssertSqlSafe, Executor, IntoArguments};

use super::database::{Driver, Pool};
use super::join::{Filled, Joiner};
use super::keys::{KeyColumn, Keys};
use super::level::{LevelRows, PathSegment, Projection};
use super::transaction::begun;
use super::{BindValue, Database, ExecuteError, FieldError, Row, RowError, RowSink, Transaction};
use crate::plan::{Bind, Level, Plan, RootSource, Statement};
use crate::viewer::Viewer;

/// The answer of a plan.
#[derive(Debug)]
pub struct Answer {
    /// For each root field its value as JSON; `None` for a list that lacks a value which the schema promises.
    pub values: Vec<Option<Vec<u8>>>,
    /// Fields whose values could not be written.
    pub errors: Vec<FieldError>,
}

/// What a plan's statements brought, before it is joined.
#[derive(Debug, Default)]
pub struct Executed {
    levels: Vec<LevelRows>,
}

/// Runs a plan with its values. Several levels see one moment of the database.
pub async fn execute(database: &Database, plan: &Plan, values: &[BindValue]) -> Result<Executed, ExecuteError> {
    let mut written: Vec<LevelRows> = plan.levels.iter().map(LevelRows::new).collect();
    let given = Given { values, keys: None };
    match &database.pool {
        Pool::Postgres(pool) => pool.run(database, plan, given, &mut written).await?,
        Pool::Mysql(pool) => run(database, pool, plan, given, &mut written).await?,
        Pool::Sqlite(pool) => run(database, pool, plan, given, &mut written).await?,
    }
    Ok(Executed { levels: written })
}

/// The same for a viewer, as whom a database with row-level security is asked.
pub async fn execute_for(
    database: &Database,
    plan: &Plan,
    values: &[BindValue],
    viewer: &Viewer,
) -> Result<Executed, ExecuteError> {
    if database.row_security.is_none() || plan.levels.is_empty() {
        return execute(database, plan, values).await;
    }
    // In a box, so that the usual request does not carry its size.
    Box::pin(async {
        let mut transaction = Transaction::begin_for(database, viewer).await?;
        let executed = transaction.execute(plan, values, None).await;
        transaction.roll_back().await?;
        executed
    })
    .await
}

/// What a plan's statements bind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'g> {
    /// The values of its parameters.
    pub(super) values: &'g [BindValue],
    /// What a root level with a link is asked for.
    pub(super) keys: Option<&'g Keys>,
}

impl Executed {
    pub(super) fn new(levels: Vec<LevelRows>) -> Self {
        Self { levels }
    }

    /// The columns that Rust code asked for: for each level, its fields of rows, each with the extension that computes
    /// it.
    pub fn projections(&self) -> impl Iterator<Item = &[(usize, Projection)]> {
        self.levels.iter().map(|level| level.extended.as_slice())
    }

    /// The path of a projection's field in the answer.
    pub fn projection_path(&self, plan: &Plan, values: &[BindValue], level: usize, at: usize) -> Vec<PathSegment> {
        let extension = self.levels[level].extended[at].0;
        Joiner::new(plan, &self.levels, values, &[]).extension_path(level, at, extension)
    }

    /// Joins the levels, holes of [`Self::projections`] filled with what the same places of `filled` hold.
    pub fn join(&self, plan: &Plan, values: &[BindValue], filled: &[Vec<Filled>]) -> Answer {
        let joiner = Joiner::new(plan, &self.levels, values, filled);
        Answer { values: joiner.roots(), errors: self.errors(&joiner) }
    }

    /// Appends the answer's data to what `begin` makes of the fields whose values could not be written.
    pub fn write(mut self, plan: &Plan, values: &[BindValue], begin: impl FnOnce(&[FieldError]) -> Vec<u8>) -> Vec<u8> {
        if let ([root], [_]) = (plan.roots.as_slice(), self.levels.as_slice())
            && matches!(root.source, RootSource::Rows(_))
            && plan.levels[0].extensions.is_empty()
            && self.levels[0].errors.is_empty()
        {
            // A list without others below it is the answer as it is: it is not copied, however long.
            let mut body = begin(&[]);
            body.push(b'{');
            crate::json::escape::write(&root.key, &mut body);
            body.extend_from_slice(b":[");
            let mut text = std::mem::take(&mut self.levels[0].text);
            text.splice(0..0, body);
            text.extend_from_slice(b"]}");
            return text;
        }
        let joiner = Joiner::new(plan, &self.levels, values, &[]);
        let mut body = begin(&self.errors(&joiner));
        joiner.data(&mut body);
        body
    }

    fn errors(&self, joiner: &Joiner<'_>) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (at, level) in self.levels.iter().enumerate() {
            for error in &level.errors {
                let path = joiner.path(at, error.row, error.operation);
                errors.push(FieldError { path, error: error.error });
            }
        }
        errors
    }
}

/// Runs a plan of one level and hands each row over.
pub async fn rows(
    database: &Database,
    plan: &Plan,
    values: &[BindValue],
    sink: &mut dyn RowSink,
) -> Result<(), ExecuteError> {
    let level = &plan.levels[0];
    let given = Given { values, keys: None };
    match &database.pool {
        Pool::Postgres(pool) => pool.each_row(database, level, given, sink).await,
        Pool::Mysql(pool) => {
            let mut connection = pool.acquire().await?;
            each_row::<sqlx::MySql>(database, &mut connection, &level.statement, given, &mut Any(sink)).await
        }
        Pool::Sqlite(pool) => {
            let mut connection = pool.acquire().await?;
            let _running = sqlx::Sqlite::limit(&mut connection, database.statement_timeout).await?;
            each_row::<sqlx::Sqlite>(database, &mut connection, &level.statement, given, &mut Any(sink)).await
        }
    }
}

async fn run<D>(
    database: &Database,
    pool: &sqlx::Pool<D>,
    plan: &Plan,
    given: Given<'_>,
    written: &mut [LevelRows],
) -> Result<(), ExecuteError>
where
    D: Driver,
    D::Row: Row,
    D::Arguments: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    match plan.levels.len() {
        0 => {}
        1 => {
            let mut connection = pool.acquire().await?;
            let _running = D::limit(&mut connection, database.statement_timeout).await?;
            run_levels::<D>(database, &mut connection, plan, given, written).await?;
        }
        _ => {
            let mut snapshot = begun(pool, D::SNAPSHOT).await?;
            let _running = D::limit(&mut snapshot, database.statement_timeout).await?;
            run_levels::<D>(database, &mut snapshot, plan, given, written).await?;
            snapshot.commit().await?;
        }
    }
    Ok(())
}

/// Runs all levels of a plan on one connection.
pub(super) async fn run_levels<D>(
    database: &Database,
    connection: &mut D::Connection,
    plan: &Plan,
    given: Given<'_>,
    written: &mut [LevelRows],
) -> Result<(), ExecuteError>
where
    D: Driver,
    D::Row: Row,
    D::Arguments: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    for (at, level) in plan.levels.iter().enumerate() {
        let (above, from_here) = written.split_at_mut(at);
        let keys = level.parent.map_or(given.keys, |parent| Some(&above[parent.level].keys[parent.child]));
        if level.select.link.is_some() && keys.is_none_or(Keys::is_empty) {
            continue;
        }
        let mut sink = Writing { level, rows: &mut from_here[0] };
        each_row::<D>(database, connection, &level.statement, Given { keys, ..given }, &mut sink).await?;
    }
    Ok(())
}

/// Where the rows of one driver go, their type known.
pub(super) trait DriverSink<R>: Send {
    fn row(&mut self, row: &R) -> Result<(), RowError>;

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        None
    }
}

/// Into a level's text.
struct Writing<'w> {
    level: &'w Level,
    rows: &'w mut LevelRows,
}

impl<R: Row> DriverSink<R> for Writing<'_> {
    fn row(&mut self, row: &R) -> Result<(), RowError> {
        self.rows.push(self.level, row)
    }
}

/// To whoever asked.
pub(super) struct Any<'s>(pub(super) &'s mut dyn RowSink);

impl<R: Row> DriverSink<R> for Any<'_> {
    fn row(&mut self, row: &R) -> Result<(), RowError> {
        self.0.row(row)
    }

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        self.0.pause()
    }
}

pub(super) async fn each_row<D>(
    database: &Database,
    connection: &mut D::Connection,
    statement: &Statement,
    given: Given<'_>,
    sink: &mut dyn DriverSink<D::Row>,
) -> Result<(), ExecuteError>
where
    D: Driver,
    D::Row: Row,
    D::Arguments: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    let binds = statement.binds.iter().map(|bind| bind_value(*bind, given.values, given.keys)).collect();
    let arguments = D::arguments(binds)?;
    let query = sqlx::query_with::<D, _>(AssertSqlSafe(statement.sql.clone()), arguments);
    database.count_statement();
    let mut stream = query.fetch(connection);
    while let Some(row) = stream.try_next().await? {
        sink.row(&row)?;
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
            KeyColumn::Texts(list) => BindValue::Texts(list.clone()),
        },
        Bind::KeysJson => BindValue::Text(keys().to_json()),
    }
}

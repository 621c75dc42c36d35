//! Runs the levels of a plan and joins their texts.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor, IntoArguments};

use super::database::{Driver, Pool};
use super::level::{KeyColumn, LevelRows};
use super::{BindValue, Database, ExecuteError, FieldError, Row, RowError, join};
use crate::plan::{Bind, Level, Plan};

/// The answer of a plan.
#[derive(Debug)]
pub struct Answer {
    /// For each root field its value as JSON.
    pub values: Vec<Vec<u8>>,
    /// Fields whose values could not be written.
    pub errors: Vec<FieldError>,
}

/// Runs a plan with its values. Several levels see one moment of the database.
pub async fn execute(database: &Database, plan: &Plan, values: &[BindValue]) -> Result<Answer, ExecuteError> {
    let mut written: Vec<LevelRows> = plan.levels.iter().map(LevelRows::new).collect();
    match &database.pool {
        Pool::Postgres(pool) => pool.run(database, plan, values, &mut written).await?,
        Pool::Mysql(pool) => run(database, pool, plan, values, &mut written).await?,
        Pool::Sqlite(pool) => run(database, pool, plan, values, &mut written).await?,
    }
    let errors = written.iter().flat_map(|level| level.errors.iter().cloned()).collect();
    Ok(Answer { values: join::roots(plan, &written), errors })
}

/// Runs a plan of one level and hands each row over.
pub async fn rows(
    database: &Database,
    plan: &Plan,
    values: &[BindValue],
    take: &mut (dyn FnMut(&dyn Row) -> Result<(), RowError> + Send),
) -> Result<(), ExecuteError> {
    let level = &plan.levels[0];
    match &database.pool {
        Pool::Postgres(pool) => pool.each_row(database, level, values, take).await,
        Pool::Mysql(pool) => {
            let mut connection = pool.acquire().await?;
            each_row::<sqlx::MySql>(database, &mut connection, level, values, None, &mut |row| take(row)).await
        }
        Pool::Sqlite(pool) => {
            let mut connection = pool.acquire().await?;
            each_row::<sqlx::Sqlite>(database, &mut connection, level, values, None, &mut |row| take(row)).await
        }
    }
}

async fn run<D>(
    database: &Database,
    pool: &sqlx::Pool<D>,
    plan: &Plan,
    values: &[BindValue],
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
            let level = &plan.levels[0];
            each_row::<D>(database, &mut connection, level, values, None, &mut |row| written[0].push(level, row))
                .await?;
        }
        _ => {
            let mut snapshot = pool.begin_with(D::SNAPSHOT).await?;
            for (at, level) in plan.levels.iter().enumerate() {
                let (above, from_here) = written.split_at_mut(at);
                let keys = parent_of(plan, at).map(|(parent, child)| &above[parent].keys[child]);
                if keys.is_some_and(super::level::Keys::is_empty) {
                    continue;
                }
                let rows = &mut from_here[0];
                each_row::<D>(database, &mut snapshot, level, values, keys, &mut |row| rows.push(level, row)).await?;
            }
            snapshot.commit().await?;
        }
    }
    Ok(())
}

/// The level above, and which of its children this one is.
pub(super) fn parent_of(plan: &Plan, at: usize) -> Option<(usize, usize)> {
    plan.levels[..at].iter().enumerate().find_map(|(parent, level)| {
        let child = level.children.iter().position(|child| child.level == at)?;
        Some((parent, child))
    })
}

async fn each_row<D>(
    database: &Database,
    connection: &mut D::Connection,
    level: &Level,
    values: &[BindValue],
    keys: Option<&super::level::Keys>,
    take: &mut (dyn FnMut(&D::Row) -> Result<(), RowError> + Send),
) -> Result<(), ExecuteError>
where
    D: Driver,
    D::Row: Row,
    D::Arguments: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    let binds = level.statement.binds.iter().map(|bind| bind_value(*bind, values, keys)).collect();
    let arguments = D::arguments(binds)?;
    let query = sqlx::query_with::<D, _>(AssertSqlSafe(level.statement.sql.clone()), arguments);
    database.count_statement();
    let mut stream = query.fetch(connection);
    while let Some(row) = stream.try_next().await? {
        take(&row)?;
    }
    Ok(())
}

pub(super) fn bind_value(bind: Bind, values: &[BindValue], keys: Option<&super::level::Keys>) -> BindValue {
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

//! One connection's open transaction.

use std::fmt::Write as _;
use std::sync::Arc;

use sqlx::{MySql, Sqlite};
use tokio::sync::OwnedSemaphorePermit;

use super::database::{Driver as _, Pool};
use super::level::LevelRows;
use super::postgres::PostgresTransaction;
use super::run::{Any, Given, each_row, run_levels};
use super::{BindValue, Database, ExecuteError, Executed, Keys, RowSink};
use crate::plan::{Bind, Plan, Statement};
use crate::viewer::Viewer;

/// Writes, and the reads between them: all or none. Dropped without [`Transaction::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Transaction {
    database: Database,
    held: Held,
    /// Whether a statement is under way; it stays so if that was given up.
    busy: bool,
    /// One of the transactions that there may be at once.
    _turn: OwnedSemaphorePermit,
}

#[derive(Debug)]
enum Held {
    Postgres(Box<PostgresTransaction>),
    Mysql(sqlx::Transaction<'static, MySql>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

/// Both in one text: the first holds for the transaction that follows it only.
const MYSQL_BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION READ WRITE";

impl Transaction {
    /// Begins one in which each statement sees what others committed before it, and what this one wrote. A database
    /// with row-level security is told of the viewer.
    pub async fn begin_for(database: &Database, viewer: &Viewer) -> Result<Self, ExecuteError> {
        let turn = Arc::clone(&database.turns).acquire_owned();
        let turn = tokio::time::timeout(super::PATIENCE, turn).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(ExecuteError::NoConnection)?;
        let held = match &database.pool {
            Pool::Postgres(pool) => {
                let session = database.row_security.as_ref().map(|security| security.session(viewer));
                Held::Postgres(Box::new(PostgresTransaction::begin(pool, session).await?))
            }
            Pool::Mysql(pool) => Held::Mysql(begun(pool, MYSQL_BEGIN).await?),
            Pool::Sqlite(pool) => Held::Sqlite(begun(pool, "BEGIN IMMEDIATE").await?),
        };
        Ok(Self { database: database.clone(), held, busy: false, _turn: turn })
    }

    /// The database that it writes to.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether a statement of it was given up in the middle: what it did is not known, and nothing can be kept.
    pub fn is_abandoned(&self) -> bool {
        self.busy
    }

    /// Runs a plan; `keys` are what a root level with a link is asked for.
    pub async fn execute(
        &mut self,
        plan: &Plan,
        values: &[BindValue],
        keys: Option<&Keys>,
    ) -> Result<Executed, ExecuteError> {
        let mut written: Vec<LevelRows> = plan.levels.iter().map(LevelRows::new).collect();
        let given = Given { values, keys };
        self.busy = true;
        let outcome = match &mut self.held {
            Held::Postgres(transaction) => transaction.run(&self.database, plan, given, &mut written).await,
            Held::Mysql(transaction) => {
                run_levels::<MySql>(&self.database, transaction, plan, given, &mut written).await
            }
            Held::Sqlite(transaction) => {
                let _running = Sqlite::limit(transaction, self.database.statement_timeout).await?;
                run_levels::<Sqlite>(&self.database, transaction, plan, given, &mut written).await
            }
        };
        self.busy = false;
        outcome.map(|()| Executed::new(written))
    }

    /// Runs one statement and hands its rows over.
    pub async fn rows(
        &mut self,
        statement: &Statement,
        values: &[BindValue],
        keys: Option<&Keys>,
        sink: &mut dyn RowSink,
    ) -> Result<(), ExecuteError> {
        let given = Given { values, keys };
        self.busy = true;
        let outcome = match &mut self.held {
            Held::Postgres(transaction) => transaction.rows(&self.database, statement, given, sink).await,
            Held::Mysql(transaction) => {
                each_row::<MySql>(&self.database, transaction, statement, given, &mut Any(sink)).await
            }
            Held::Sqlite(transaction) if statement.sql.starts_with("SELECT") => {
                let _running = Sqlite::limit(transaction, self.database.statement_timeout).await?;
                each_row::<Sqlite>(&self.database, transaction, statement, given, &mut Any(sink)).await
            }
            // SQLite undoes the whole transaction if it is interrupted in a write: it ends in its own time.
            Held::Sqlite(transaction) => {
                transaction.lock_handle().await?.remove_progress_handler();
                each_row::<Sqlite>(&self.database, transaction, statement, given, &mut Any(sink)).await
            }
        };
        self.busy = false;
        outcome
    }

    /// Runs one statement whose rows do not matter. Where the database counts rows up, the first number of those that
    /// it made comes back (`MySQL`; others return it with `RETURNING`).
    pub async fn run(
        &mut self,
        statement: &Statement,
        values: &[BindValue],
        keys: Option<&Keys>,
    ) -> Result<Option<u64>, ExecuteError> {
        if let Held::Mysql(transaction) = &mut self.held {
            let binds = statement.binds.iter().map(|bind| super::run::bind_value(*bind, values, keys)).collect();
            let query =
                sqlx::query_with::<MySql, _>(sqlx::AssertSqlSafe(statement.sql.clone()), MySql::arguments(binds)?);
            self.database.count_statement();
            self.busy = true;
            let done = query.execute(&mut **transaction).await;
            self.busy = false;
            return Ok(Some(done?.last_insert_id()));
        }
        self.rows(statement, values, keys, &mut |_: &dyn super::Row| Ok(())).await?;
        Ok(None)
    }

    /// Runs SQL of the program's own, whose placeholders are those of the database (`$1`, or `?`), and hands its rows
    /// over.
    pub async fn sql(&mut self, sql: &str, values: &[BindValue], sink: &mut dyn RowSink) -> Result<(), ExecuteError> {
        let statement = Statement { sql: sql.into(), binds: (0..values.len()).map(Bind::Parameter).collect() };
        self.rows(&statement, values, None, sink).await
    }

    /// Keeps what was written.
    pub async fn commit(self) -> Result<(), ExecuteError> {
        if self.busy {
            return Err(ExecuteError::Ended);
        }
        match self.held {
            Held::Postgres(transaction) => transaction.end("COMMIT").await,
            Held::Mysql(transaction) => Ok(transaction.commit().await?),
            Held::Sqlite(mut transaction) => {
                transaction.lock_handle().await?.remove_progress_handler();
                Ok(transaction.commit().await?)
            }
        }
    }

    /// Undoes what was written.
    pub async fn roll_back(self) -> Result<(), ExecuteError> {
        if self.busy {
            // The connection's end is the transaction's.
            return Ok(());
        }
        match self.held {
            Held::Postgres(transaction) => transaction.end("ROLLBACK").await,
            Held::Mysql(transaction) => Ok(transaction.rollback().await?),
            Held::Sqlite(mut transaction) => {
                transaction.lock_handle().await?.remove_progress_handler();
                Ok(transaction.rollback().await?)
            }
        }
    }
}

/// Begins a transaction in a task of its own: if nobody waits for it any more, it begins all the same, and ends at once.
/// Given up in the middle, the connection would go back to the others with a transaction that nobody knows of.
pub(super) async fn begun<D: sqlx::Database>(
    pool: &sqlx::Pool<D>,
    sql: &'static str,
) -> Result<sqlx::Transaction<'static, D>, ExecuteError> {
    let pool = pool.clone();
    let task = tokio::spawn(async move { pool.begin_with(sql).await });
    match task.await {
        Ok(begun) => Ok(begun?),
        // The task was ended, or panicked.
        Err(_) => Err(ExecuteError::Database(sqlx::Error::WorkerCrashed)),
    }
}

/// Row-level security of `PostgreSQL` in place of policies: each request runs as a role of the database, and finds its
/// viewer in settings of the session.
#[derive(Debug, Clone)]
pub struct RowSecurity {
    /// The role of the anonymous.
    pub anonymous: String,
    /// The role of those who are signed in.
    pub authenticated: String,
    /// The role of staff.
    pub staff: String,
}

impl RowSecurity {
    /// The role that a viewer's transactions run as, and the settings that they can read with `current_setting`:
    /// `viewer.id`, `viewer.roles` (a JSON list) and `viewer.claims` (a JSON object).
    pub(super) fn session(&self, viewer: &Viewer) -> (String, [(&'static str, String); 3]) {
        let role = match (viewer.is_authenticated(), viewer.is_staff) {
            (false, _) => &self.anonymous,
            (true, false) => &self.authenticated,
            (true, true) => &self.staff,
        };
        let mut command = String::from("SET LOCAL ROLE \"");
        let _ = write!(command, "{}\"", role.replace('"', "\"\""));
        let settings = [
            ("viewer.id", viewer.id.clone().unwrap_or_default()),
            ("viewer.roles", serde_json::json!(viewer.roles).to_string()),
            ("viewer.claims", serde_json::Value::Object(viewer.claims.clone()).to_string()),
        ];
        (command, settings)
    }
}

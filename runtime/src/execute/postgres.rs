//! `PostgreSQL` over a driver that pipelines: what can be sent together is, and a snapshot costs no round trip of its
//! own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{try_join, try_join_all};
use futures_util::{TryStreamExt, pin_mut};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::level::LevelRows;
use super::run::{bind_value, parent_of};
use super::{BindValue, Cell, Database, ExecuteError, Row, RowError, postgres_wire};
use crate::meta::Kind;
use crate::plan::{Level, Plan};

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Prepared statements kept on each connection; beyond them all are dropped and prepared anew.
const STATEMENTS: usize = 256;

/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections, each with one request at a time.
#[derive(Debug)]
pub(super) struct PostgresPool {
    config: Config,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Connection {
    client: Client,
    statements: HashMap<(Arc<str>, Vec<Type>), Statement>,
}

/// A connection on loan. It goes back unless it was left in the middle of something.
struct Loan<'p> {
    pool: &'p PostgresPool,
    connection: Option<Connection>,
    settled: bool,
    _permit: OwnedSemaphorePermit,
}

impl PostgresPool {
    /// A pool with one connection made, so that a mistake shows here.
    pub(super) async fn connect(mut config: Config, size: usize) -> Result<Self, tokio_postgres::Error> {
        config.application_name("graphql").connect_timeout(PATIENCE);
        let pool = Self { config, idle: Mutex::default(), permits: Arc::new(Semaphore::new(size)) };
        let first = pool.open().await?;
        pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(first);
        Ok(pool)
    }

    async fn open(&self) -> Result<Connection, tokio_postgres::Error> {
        // Without `sslmode=require` there is no certificate that a connection could insist on.
        let client = if self.config.get_ssl_mode() == SslMode::Require {
            let (client, connection) = self.config.connect(encrypted()).await?;
            spawn(connection);
            client
        } else {
            let (client, connection) = self.config.connect(NoTls).await?;
            spawn(connection);
            client
        };
        Ok(Connection { client, statements: HashMap::new() })
    }

    async fn acquire(&self) -> Result<Loan<'_>, ExecuteError> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
        let permit = permit.await.ok().and_then(Result::ok).ok_or(ExecuteError::NoConnection)?;
        let idle = loop {
            let candidate = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match candidate {
                Some(connection) if connection.client.is_closed() => {}
                other => break other,
            }
        };
        let connection = match idle {
            Some(connection) => connection,
            None => self.open().await?,
        };
        Ok(Loan { pool: self, connection: Some(connection), settled: true, _permit: permit })
    }

    /// Asks the database for nothing.
    pub(super) async fn ping(&self) -> Result<(), ExecuteError> {
        let mut loan = self.acquire().await?;
        loan.connection().client.batch_execute("").await?;
        Ok(())
    }

    /// Takes no more requests, and lets the idle connections go.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs all levels of a plan: those of one depth together, several depths in one snapshot.
    pub(super) async fn run(
        &self,
        database: &Database,
        plan: &Plan,
        values: &[BindValue],
        written: &mut [LevelRows],
    ) -> Result<(), ExecuteError> {
        let depths = depths(plan);
        let mut loan = self.acquire().await?;
        loan.settled = false;
        let snapshot = plan.levels.len() > 1;
        for (depth, levels) in depths.iter().enumerate() {
            let mut ready = Vec::new();
            for &at in levels {
                let keys = parent_of(plan, at).map(|(parent, child)| &written[parent].keys[child]);
                if keys.is_some_and(super::level::Keys::is_empty) {
                    continue;
                }
                let level = &plan.levels[at];
                let binds =
                    level.statement.binds.iter().map(|bind| bind_value(*bind, values, keys)).collect::<Vec<_>>();
                let statement = loan.connection().prepare(&level.statement.sql, &binds).await?;
                ready.push((at, level, statement, binds));
            }
            let client = &loan.connection().client;
            let queries = ready.into_iter().map(|(at, level, statement, binds)| {
                let rows = std::mem::take(&mut written[at]);
                database.count_statement();
                async move { Ok::<_, ExecuteError>((at, read(client, level, &statement, binds, rows).await?)) }
            });
            // What is polled first is sent first: the snapshot begins before the first statements and ends behind
            // the last, without waiting for either.
            let first = snapshot && depth == 0;
            let last = snapshot && depth + 1 == depths.len();
            let begin = async { if first { client.batch_execute(SNAPSHOT).await } else { Ok(()) } };
            let commit = async { if last { client.batch_execute("COMMIT").await } else { Ok(()) } };
            let begin = async { begin.await.map_err(ExecuteError::from) };
            let commit = async { commit.await.map_err(ExecuteError::from) };
            let ((), (done, ())) = try_join(begin, try_join(try_join_all(queries), commit)).await?;
            for (at, rows) in done {
                written[at] = rows;
            }
        }
        loan.settled = true;
        Ok(())
    }

    /// Runs one level and hands each row over.
    pub(super) async fn each_row(
        &self,
        database: &Database,
        level: &Level,
        values: &[BindValue],
        take: &mut (dyn FnMut(&dyn Row) -> Result<(), RowError> + Send),
    ) -> Result<(), ExecuteError> {
        let mut loan = self.acquire().await?;
        loan.settled = false;
        let binds: Vec<BindValue> = level.statement.binds.iter().map(|bind| bind_value(*bind, values, None)).collect();
        let statement = loan.connection().prepare(&level.statement.sql, &binds).await?;
        database.count_statement();
        let rows = loan.connection().client.query_raw(&statement, binds).await?;
        pin_mut!(rows);
        while let Some(row) = rows.try_next().await? {
            take(&row)?;
        }
        loan.settled = true;
        Ok(())
    }
}

/// Drives a connection until it ends.
fn spawn(connection: impl Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(cause) = connection.await {
            tracing::warn!(%cause, "a database connection ended");
        }
    });
}

/// TLS that trusts what browsers trust.
fn encrypted() -> MakeRustlsConnect {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("invariant: the provider has the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    MakeRustlsConnect::new(config)
}

async fn read(
    client: &Client,
    level: &Level,
    statement: &Statement,
    binds: Vec<BindValue>,
    mut written: LevelRows,
) -> Result<LevelRows, ExecuteError> {
    let rows = client.query_raw(statement, binds).await?;
    pin_mut!(rows);
    while let Some(row) = rows.try_next().await? {
        written.push(level, &row)?;
    }
    Ok(written)
}

/// The levels by their distance from the root.
fn depths(plan: &Plan) -> Vec<Vec<usize>> {
    let mut depth_of = vec![0; plan.levels.len()];
    let mut depths: Vec<Vec<usize>> = Vec::new();
    for at in 0..plan.levels.len() {
        if let Some((parent, _)) = parent_of(plan, at) {
            depth_of[at] = depth_of[parent] + 1;
        }
        let depth = depth_of[at];
        if depths.len() <= depth {
            depths.resize_with(depth + 1, Vec::new);
        }
        depths[depth].push(at);
    }
    depths
}

impl Loan<'_> {
    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("invariant: it is taken only when the loan ends")
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.settled {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            return;
        }
        // The request is gone or failed: what the server still does for it is cancelled, and the connection, whose
        // state is not known, is closed.
        let cancel = connection.client.cancel_token();
        if let Ok(handle) = tokio::runtime::Handle::try_current() {
            let requires_tls = self.pool.config.get_ssl_mode() == SslMode::Require;
            handle.spawn(async move {
                // If it cannot be cancelled, closing the connection ends it all the same, only later.
                let _ = if requires_tls {
                    cancel.cancel_query(encrypted()).await
                } else {
                    cancel.cancel_query(NoTls).await
                };
                drop(connection);
            });
        }
    }
}

impl Connection {
    async fn prepare(&mut self, sql: &Arc<str>, binds: &[BindValue]) -> Result<Statement, tokio_postgres::Error> {
        let types: Vec<Type> = binds.iter().map(type_of).collect();
        let key = (Arc::clone(sql), types);
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client.prepare_typed(sql, &key.1).await?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }
}

fn type_of(value: &BindValue) -> Type {
    match value {
        BindValue::Null | BindValue::Text(_) => Type::TEXT,
        BindValue::Bool(_) => Type::BOOL,
        BindValue::Int(_) => Type::INT8,
        BindValue::Float(_) => Type::FLOAT8,
        BindValue::Bytes(_) => Type::BYTEA,
        BindValue::Ints(_) => Type::INT8_ARRAY,
        BindValue::Texts(_) => Type::TEXT_ARRAY,
    }
}

impl ToSql for BindValue {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(value) => value.to_sql(ty, out),
            Self::Int(value) => value.to_sql(ty, out),
            Self::Float(value) => value.to_sql(ty, out),
            Self::Text(value) => value.to_sql(ty, out),
            Self::Bytes(value) => value.to_sql(ty, out),
            Self::Ints(value) => value.to_sql(ty, out),
            Self::Texts(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value's bytes, whatever its type.
struct Raw<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, bytes: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(bytes))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl Row for tokio_postgres::Row {
    fn cell(&self, at: usize, kind: Kind) -> Result<Cell<'_>, RowError> {
        match self.try_get::<_, Option<Raw<'_>>>(at) {
            Ok(None) => Ok(Cell::Null),
            Ok(Some(raw)) => postgres_wire::binary(raw.0, kind).ok_or(RowError { slot: at }),
            Err(_) => Err(RowError { slot: at }),
        }
    }
}

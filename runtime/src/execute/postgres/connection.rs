//! One connection: statements are sent in batches, rows are read where they lie in the buffer.
//!
//! Everything up to the next `Sync` is one transaction to the server, and each session begins its transactions with
//! one snapshot: the levels of an operation see one moment without a `BEGIN` or a `COMMIT`. See "Extended Query" and
//! "Pipelining" in the protocol's documentation.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use futures_util::future::BoxFuture;
use postgres_protocol::message::backend::{Header, Message};
use postgres_protocol::message::frontend;
use tokio_postgres::Config;

use super::error::broken;
use super::parameters::{self, ParameterType};
use super::startup::{Session, sign_in};
use super::stream::Stream;
use super::{PostgresError, values};
use crate::execute::{BindValue, Cell, ExecuteError, Row, RowError};
use crate::meta::Kind;

/// Prepared statements kept on each connection; beyond them the one that was not used for longest is dropped.
const STATEMENTS: usize = 256;

/// A statement of a batch with its values.
#[derive(Debug, Clone)]
pub(super) struct Query<'q> {
    pub(super) sql: &'q Arc<str>,
    pub(super) binds: Vec<BindValue>,
}

/// What follows a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// More of the same transaction.
    Open,
    /// The end of the transaction.
    Sync,
}

/// Where the rows of a batch go, with the place of their statement in it.
pub(super) trait BatchSink: Send {
    fn row(&mut self, query: usize, row: &WireRow<'_>) -> Result<(), RowError>;

    /// What is to be waited for before more is read, if anything.
    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        None
    }
}

/// A connection that is signed in.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    read: BytesMut,
    write: BytesMut,
    session: Session,
    statements: HashMap<Arc<str>, Vec<Prepared>>,
    prepared: usize,
    /// The statements that are new in the batch under way.
    fresh: Vec<(Arc<str>, String)>,
    clock: u64,
    broken: bool,
}

#[derive(Debug)]
struct Prepared {
    types: Vec<ParameterType>,
    name: String,
    used: u64,
}

/// A row in the connection's buffer.
#[derive(Debug)]
pub(super) struct WireRow<'r> {
    body: &'r [u8],
    /// For each value its start and end; an end before the start for `NULL`.
    places: &'r [(u32, u32)],
}

impl Row for WireRow<'_> {
    fn cell(&self, at: usize, kind: Kind) -> Result<Cell<'_>, RowError> {
        let &(start, end) = self.places.get(at).ok_or(RowError { slot: at })?;
        if end < start {
            return Ok(Cell::Null);
        }
        values::binary(&self.body[start as usize..end as usize], kind).ok_or(RowError { slot: at })
    }
}

impl Connection {
    /// Connects and signs in.
    pub(super) async fn open(config: &Config, statement_timeout: Duration) -> Result<Self, PostgresError> {
        let mut stream = Stream::open(config).await?;
        let mut read = BytesMut::with_capacity(32 * 1024);
        let session = sign_in(&mut stream, &mut read, config, statement_timeout).await?;
        Ok(Self {
            stream,
            read,
            write: BytesMut::with_capacity(4096),
            session,
            statements: HashMap::new(),
            prepared: 0,
            fresh: Vec::new(),
            clock: 0,
            broken: false,
        })
    }

    /// Whether it cannot be used any more.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether the server has not closed it while it was idle. What it says instead is lost, so one that is not open
    /// is of no use.
    pub(super) fn is_open(&self) -> bool {
        self.stream.is_quiet()
    }

    /// What ends a running statement of this connection from another one.
    pub(super) fn session(&self) -> Session {
        self.session
    }

    /// Sends statements together and hands their rows over with the statement's place in the batch. On an error the
    /// transaction has ended.
    pub(super) async fn batch(
        &mut self,
        queries: &[Query<'_>],
        end: End,
        sink: &mut impl BatchSink,
    ) -> Result<(), ExecuteError> {
        self.fresh.clear();
        // Until its answers are read to the end.
        self.broken = true;
        for query in queries {
            self.queue(query).map_err(PostgresError::from)?;
        }
        match end {
            End::Open => frontend::flush(&mut self.write),
            End::Sync => frontend::sync(&mut self.write),
        }
        if let Err(error) = self.answers(queries.len(), end, sink).await {
            if let ExecuteError::Postgres(PostgresError::Server(_)) = error {
                self.recover(end).await?;
                self.broken = false;
            }
            return Err(error);
        }
        self.broken = false;
        Ok(())
    }

    /// Runs a command without parameters or rows, such as `BEGIN`, outside a batch.
    pub(super) async fn command(&mut self, sql: &str) -> Result<(), PostgresError> {
        frontend::query(sql, &mut self.write)?;
        let mut failure = None;
        self.flush().await?;
        loop {
            match self.message().await? {
                Message::ReadyForQuery(_) => return failure.map_or(Ok(()), Err),
                Message::ErrorResponse(body) => failure = Some(PostgresError::of(&body)),
                _ => {}
            }
        }
    }

    /// Writes what a statement needs: its text, if this connection does not know it yet, its values, and the word to
    /// run it. Values travel in binary form, both ways, but for those
    /// whose type is not known here.
    fn queue(&mut self, query: &Query<'_>) -> std::io::Result<()> {
        self.clock += 1;
        let types = || query.binds.iter().map(parameters::type_of);
        let known = self.statements.get_mut(query.sql).and_then(|list| {
            list.iter_mut().find(|prepared| {
                prepared.types.len() == query.binds.len() && types().eq(prepared.types.iter().copied())
            })
        });
        let name = if let Some(known) = known {
            known.used = self.clock;
            known.name.clone()
        } else {
            self.make_room()?;
            let name = format!("s{}", self.clock);
            frontend::parse(&name, query.sql, types().map(|ty| ty as u32), &mut self.write)?;
            let prepared = Prepared { types: types().collect(), name: name.clone(), used: self.clock };
            self.statements.entry(Arc::clone(query.sql)).or_default().push(prepared);
            self.prepared += 1;
            self.fresh.push((Arc::clone(query.sql), name.clone()));
            name
        };
        let formats = query.binds.iter().map(parameters::format_of);
        let bound = frontend::bind("", &name, formats, &query.binds, parameters::write, [1], &mut self.write);
        bound.map_err(|error| match error {
            frontend::BindError::Conversion(error) => std::io::Error::other(error),
            frontend::BindError::Serialization(error) => error,
        })?;
        frontend::execute("", 0, &mut self.write)
    }

    /// Drops the statement that was not used for longest, if there is no room for another.
    fn make_room(&mut self) -> std::io::Result<()> {
        if self.prepared < STATEMENTS {
            return Ok(());
        }
        #[expect(clippy::iter_over_hash_type, reason = "the smallest is the same in any order")]
        let oldest = {
            let mut oldest: Option<(u64, Arc<str>)> = None;
            for (sql, list) in &self.statements {
                for prepared in list {
                    if oldest.as_ref().is_none_or(|(used, _)| prepared.used < *used) {
                        oldest = Some((prepared.used, Arc::clone(sql)));
                    }
                }
            }
            oldest
        };
        let Some((used, sql)) = oldest else { return Ok(()) };
        if let Some(list) = self.statements.get_mut(&sql) {
            for dropped in list.extract_if(.., |prepared| prepared.used == used) {
                frontend::close(b'S', &dropped.name, &mut self.write)?;
                self.prepared -= 1;
            }
            if list.is_empty() {
                self.statements.remove(&sql);
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> std::io::Result<()> {
        self.stream.send(&mut self.write).await
    }

    async fn answers(&mut self, count: usize, end: End, sink: &mut impl BatchSink) -> Result<(), ExecuteError> {
        self.flush().await.map_err(PostgresError::from)?;
        let mut places = Vec::new();
        let mut at = 0;
        loop {
            if at == count && end == End::Open {
                return Ok(());
            }
            let header = Header::parse(&self.read).map_err(PostgresError::from)?;
            let length = header.map_or(0, |header| header.len() as usize + 1);
            match header {
                Some(header) if header.tag() == b'D' && self.read.len() >= length => {
                    let body = &self.read[5..length];
                    read_places(body, &mut places)?;
                    sink.row(at, &WireRow { body, places: &places })?;
                    self.read.advance(length);
                }
                Some(_) if self.read.len() >= length => {
                    match Message::parse(&mut self.read).map_err(PostgresError::from)? {
                        Some(Message::CommandComplete(_) | Message::EmptyQueryResponse) => at += 1,
                        Some(Message::ReadyForQuery(_)) => return Ok(()),
                        Some(Message::ErrorResponse(body)) => return Err(PostgresError::of(&body).into()),
                        _ => {}
                    }
                }
                _ => {
                    if let Some(pause) = sink.pause() {
                        pause.await;
                    }
                    self.stream.receive(&mut self.read).await.map_err(PostgresError::from)?;
                }
            }
        }
    }

    /// After an error the server waits for the end of the transaction, and says when it is ready again. Statements
    /// that were new in the batch may not be known to it.
    async fn recover(&mut self, end: End) -> Result<(), PostgresError> {
        for (sql, name) in std::mem::take(&mut self.fresh) {
            frontend::close(b'S', &name, &mut self.write)?;
            if let Some(list) = self.statements.get_mut(&sql) {
                list.retain(|prepared| prepared.name != name);
                self.prepared -= 1;
            }
        }
        if end == End::Open {
            frontend::sync(&mut self.write);
            self.flush().await?;
        }
        loop {
            if let Message::ReadyForQuery(_) = self.message().await? {
                return Ok(());
            }
        }
    }

    async fn message(&mut self) -> Result<Message, PostgresError> {
        loop {
            if let Some(message) = Message::parse(&mut self.read)? {
                return Ok(message);
            }
            self.stream.receive(&mut self.read).await?;
        }
    }
}

/// `DataRow`: the number of values, then for each its length, -1 for `NULL`, and its bytes.
fn read_places(body: &[u8], places: &mut Vec<(u32, u32)>) -> Result<(), PostgresError> {
    places.clear();
    let mut at = 2;
    let count = body.first_chunk::<2>().map(|bytes| u16::from_be_bytes(*bytes)).ok_or_else(|| broken("a short row"))?;
    for _ in 0..count {
        let length = body.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or_else(|| broken("a short row"))?;
        at += 4;
        match usize::try_from(i32::from_be_bytes(*length)) {
            Err(_) => places.push((1, 0)),
            Ok(length) => {
                if at + length > body.len() {
                    return Err(broken("a short row"));
                }
                places.push((at as u32, (at + length) as u32));
                at += length;
            }
        }
    }
    Ok(())
}

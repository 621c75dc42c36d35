//! One connection: statements are sent in batches, and rows are read directly from the buffer.
//!
//! The server treats everything up to the next `Sync` as one transaction, and the session's default isolation is
//! `repeatable read`: the levels of an operation see the same state without a `BEGIN` or a `COMMIT`. Behind a pooler,
//! where sessions are shared, both are sent. See "Extended Query" and "Pipelining" in the protocol's documentation.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use futures_util::future::BoxFuture;
use postgres_protocol::message::backend::{Header, Message};
use postgres_protocol::message::frontend;
use tokio::time::{Instant, Sleep};

use super::cancel::Canceller;
use super::opening::Opened;
use super::parameters::{self, ParameterValue};
use super::statements::Statements;
use super::stream::Stream;
use super::values;
use crate::execute::PostgresError;
use crate::execute::postgres_error::protocol_error;
use crate::execute::{ExecuteError, GRACE};
use meta::Kind;
use plan::value::{Cell, Row, RowError};

/// A statement is queued only while fewer bytes than this wait to be written. However many statements and values a
/// batch has, no more than this and the values of one statement are held.
const CHUNK: usize = 64 * 1024;

/// How many bytes of rows are read before the task yields to others.
const YIELD_AFTER: usize = 128 * 1024;

/// A buffer with more bytes than this is not kept for the next request.
const MAX_IDLE_BUFFER: usize = 256 * 1024;

/// A statement of a batch with its values.
#[derive(Debug, Clone)]
pub(in crate::execute) struct Query<'q> {
    pub(in crate::execute) sql: &'q Arc<str>,
    pub(in crate::execute) binds: Vec<ParameterValue<'q>>,
}

/// How a batch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::execute) enum End {
    /// More statements of the same transaction follow.
    Open,
    /// The transaction ends.
    Sync,
}

/// The state of waiting for a silent server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitState {
    /// The program does not wait yet.
    New,
    /// The program waits for at most the time that a statement may run.
    Awaited,
    /// The statement was cancelled, and the server should answer at once.
    Cancelled,
}

/// How much of a batch is queued for writing.
#[derive(Debug, Default)]
struct QueuedBatch {
    statements: usize,
    has_end: bool,
}

/// Receives the rows of a batch, each with its statement's position in the batch.
pub(in crate::execute) trait BatchSink: Send {
    fn row(&mut self, query: usize, row: &WireRow<'_>) -> Result<(), ExecuteError>;

    /// A future to await before more is read, if the receiver needs time.
    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        None
    }
}

/// A connection that is signed in.
#[derive(Debug)]
pub(in crate::execute) struct Connection {
    stream: Stream,
    read: BytesMut,
    write: BytesMut,
    canceller: Canceller,
    is_pooled: bool,
    statements: Statements,
    /// How long a statement may run. The server enforces it unless the session is shared behind a pooler.
    statement_timeout: Duration,
    alarm: Pin<Box<Sleep>>,
    /// The position of the statement at which the last batch failed.
    failed_at: usize,
    broken: bool,
}

/// A row in the connection's buffer.
#[derive(Debug)]
pub(in crate::execute) struct WireRow<'r> {
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
    /// Wraps an opened connection. With `named`, prepared statements have names and are kept. A server that is silent
    /// for longer than a statement may run is asked to cancel it, and after [`GRACE`] is taken to be unreachable.
    pub(super) fn new(opened: Opened, named: bool, canceller: Canceller, statement_timeout: Duration) -> Self {
        Self {
            stream: opened.stream,
            read: opened.read,
            write: BytesMut::with_capacity(4096),
            canceller,
            is_pooled: opened.is_pooled,
            statements: Statements::new(named),
            statement_timeout,
            alarm: Box::pin(tokio::time::sleep(statement_timeout)),
            failed_at: 0,
            broken: false,
        }
    }

    /// Whether the connection can no longer be used.
    pub(in crate::execute) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether nothing has arrived while the connection was idle, such as its end. The check discards a byte of what
    /// has arrived, so a connection that is not open cannot be used.
    pub(in crate::execute) fn is_open(&self) -> bool {
        self.stream.is_quiet()
    }

    /// Whether there is a pooler before the server, so that a session lasts only for a transaction.
    pub(in crate::execute) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// Cancels the running statement from another connection.
    pub(super) fn canceller(&self) -> &Canceller {
        &self.canceller
    }

    /// The position of the statement at which the last failed batch failed.
    pub(in crate::execute) fn failed_at(&self) -> usize {
        self.failed_at
    }

    /// Sends statements together and passes their rows to `sink`, each with its statement's position in the batch.
    /// After an error the transaction has ended.
    pub(in crate::execute) async fn batch(
        &mut self,
        queries: &[Query<'_>],
        end: End,
        sink: &mut impl BatchSink,
    ) -> Result<(), ExecuteError> {
        self.statements.begin();
        // It stays so until all answers are read.
        self.broken = true;
        let mut sent = QueuedBatch::default();

        if let Err(error) = self.read_answers(queries, &mut sent, end, sink).await {
            if let ExecuteError::Postgres(PostgresError::Server(message)) = &error {
                // The server no longer knows one of the statements, or knows it with other types.
                if message.is_stale_statement() {
                    let texts = queries.iter().map(|query| query.sql);
                    self.statements
                        .forget(texts, &mut self.write)
                        .map_err(PostgresError::from)?;
                }

                let is_synced = end == End::Sync && sent.has_end;
                self.recover(is_synced).await?;
                self.broken = false;
            }

            return Err(error);
        }

        self.broken = false;
        self.shrink();
        Ok(())
    }

    /// Runs a command without parameters or rows, such as `COMMIT`, outside a batch.
    pub(in crate::execute) async fn command(&mut self, sql: &str) -> Result<(), PostgresError> {
        self.broken = true;
        frontend::query(sql, &mut self.write)?;

        let mut failure = None;
        loop {
            match self.message().await? {
                Message::ReadyForQuery(_) => {
                    self.broken = false;
                    return failure.map_or(Ok(()), Err);
                }
                Message::ErrorResponse(body) => failure = Some(PostgresError::of(&body)),
                _ => {}
            }
        }
    }

    /// Queues statements as long as fewer than [`CHUNK`] bytes wait to be written, and the end after the last one.
    fn queue_statements(&mut self, queries: &[Query<'_>], sent: &mut QueuedBatch, end: End) -> std::io::Result<()> {
        while sent.statements < queries.len() && self.write.len() < CHUNK {
            self.queue_statement(&queries[sent.statements])?;
            sent.statements += 1;
        }

        if sent.statements == queries.len() && !sent.has_end {
            match end {
                End::Open => frontend::flush(&mut self.write),
                End::Sync => frontend::sync(&mut self.write),
            }
            sent.has_end = true;
        }
        Ok(())
    }

    /// Queues the messages of a statement: its text if this connection has not prepared it yet, its values, and the
    /// command to run it. Values are sent and returned in binary form, except those whose type is not known here.
    fn queue_statement(&mut self, query: &Query<'_>) -> std::io::Result<()> {
        let types = query.binds.iter().map(ParameterValue::type_of);
        let name = self.statements.name(query.sql, types, &mut self.write)?;

        let formats = query.binds.iter().map(ParameterValue::format);
        let bound = frontend::bind("", name, formats, &query.binds, parameters::write, [1], &mut self.write);
        bound.map_err(|error| match error {
            frontend::BindError::Conversion(error) => std::io::Error::other(error),
            frontend::BindError::Serialization(error) => error,
        })?;

        frontend::execute("", 0, &mut self.write)
    }

    /// Writes what is queued and reads what arrives. Returns [`PostgresError::Timeout`] if the server is silent for too
    /// long.
    async fn exchange(&mut self) -> Result<(), PostgresError> {
        let Self {
            stream,
            write,
            read,
            alarm,
            canceller,
            is_pooled,
            statement_timeout,
            ..
        } = self;

        // Behind a pooler the session is shared, so its limit cannot be set: the program enforces the time.
        let first = if *is_pooled {
            *statement_timeout
        } else {
            *statement_timeout + GRACE / 2
        };

        let mut silence = WaitState::New;
        std::future::poll_fn(|context| {
            loop {
                if let Poll::Ready(done) = stream.poll_exchange(context, write, read) {
                    return Poll::Ready(done.map_err(PostgresError::from));
                }
                if silence == WaitState::New {
                    alarm.as_mut().reset(Instant::now() + first);
                    silence = WaitState::Awaited;
                }

                ready!(alarm.as_mut().poll(context));
                if silence == WaitState::Cancelled {
                    return Poll::Ready(Err(PostgresError::Timeout));
                }

                let canceller = canceller.clone();
                tokio::spawn(async move { canceller.cancel().await });
                alarm.as_mut().reset(Instant::now() + GRACE);
                silence = WaitState::Cancelled;
            }
        })
        .await
    }

    async fn read_answers(
        &mut self,
        queries: &[Query<'_>],
        sent: &mut QueuedBatch,
        end: End,
        sink: &mut impl BatchSink,
    ) -> Result<(), ExecuteError> {
        self.queue_statements(queries, sent, end).map_err(PostgresError::from)?;
        let mut places = Vec::new();
        let mut at = 0;
        let mut since_break = 0;
        self.failed_at = 0;

        loop {
            if at == queries.len() && end == End::Open && self.write.is_empty() {
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
                    since_break += length;
                }
                Some(_) if self.read.len() >= length => {
                    match Message::parse(&mut self.read).map_err(PostgresError::from)? {
                        Some(Message::CommandComplete(_) | Message::EmptyQueryResponse) => {
                            at += 1;
                            self.failed_at = at;
                        }
                        Some(Message::ReadyForQuery(_)) => return Ok(()),
                        Some(Message::ErrorResponse(body)) => return Err(PostgresError::of(&body).into()),
                        _ => {}
                    }
                }
                _ => {
                    if let Some(pause) = sink.pause() {
                        pause.await;
                    }
                    if since_break > YIELD_AFTER {
                        since_break = 0;
                        tokio::task::yield_now().await;
                    }
                    self.queue_statements(queries, sent, end).map_err(PostgresError::from)?;
                    self.exchange().await?;
                }
            }
        }
    }

    /// Waits until the server is ready again: after an error it skips everything up to the end of the transaction. It
    /// may not know the statements that were new in the batch.
    async fn recover(&mut self, is_synced: bool) -> Result<(), PostgresError> {
        self.statements.forget_new(&mut self.write)?;
        if !is_synced {
            frontend::sync(&mut self.write);
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
            self.exchange().await?;
        }
    }

    /// Frees buffers that a large request has grown.
    fn shrink(&mut self) {
        for buffer in [&mut self.read, &mut self.write] {
            if buffer.is_empty() && buffer.capacity() > MAX_IDLE_BUFFER {
                *buffer = BytesMut::with_capacity(4096);
            }
        }
    }
}

/// Reads the places of a `DataRow`'s values: their number, then for each its length, -1 for `NULL`, and its bytes.
fn read_places(body: &[u8], places: &mut Vec<(u32, u32)>) -> Result<(), PostgresError> {
    places.clear();
    let mut at = 2;
    let count = body
        .first_chunk::<2>()
        .map(|bytes| u16::from_be_bytes(*bytes))
        .ok_or_else(|| protocol_error("a short row"))?;

    for _ in 0..count {
        let length = body
            .get(at..)
            .and_then(|rest| rest.first_chunk::<4>())
            .ok_or_else(|| protocol_error("a short row"))?;
        at += 4;

        match usize::try_from(i32::from_be_bytes(*length)) {
            Err(_) => places.push((1, 0)),
            Ok(length) => {
                if at + length > body.len() {
                    return Err(protocol_error("a short row"));
                }
                places.push((at as u32, (at + length) as u32));
                at += length;
            }
        }
    }
    Ok(())
}

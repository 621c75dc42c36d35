//! Rows one after the other.

use std::task::Poll;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, Stream};
use plan::value::{Row, RowError};
use tokio::sync::mpsc::Sender;

use super::{Entity, Find, ReadError, RowReader};
use crate::execute::{Database, ExecuteError, RowSink};

impl<T: Entity> Find<T> {
    /// Streams the rows while the database sends them, so that few are in memory at once. Dropping the stream ends the
    /// statement.
    pub fn stream(self, database: &Database) -> impl Stream<Item = Result<T, ExecuteError>> + Send + use<T> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let database = database.clone();
        let reader = tokio::spawn(async move {
            let mut sink = Sending {
                rows: Vec::new(),
                failure: None,
                sender,
            };
            let outcome = self.read(&database, &mut sink).await;
            sink.flush().await;

            if let Some(error) = outcome.err().or(sink.failure.map(ExecuteError::Read)) {
                let _ = sink.sender.send(Err(error)).await;
            }
        });

        let guard = AbortOnDrop(reader.abort_handle());
        let mut ready = Vec::new().into_iter();
        futures_util::stream::poll_fn(move |context| {
            let _ = &guard;
            loop {
                if let Some(row) = ready.next() {
                    return Poll::Ready(Some(Ok(row)));
                }
                match receiver.poll_recv(context) {
                    Poll::Ready(Some(Ok(rows))) => ready = Vec::into_iter(rows),
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(None) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
    }
}

/// The number of rows that a stream's reader sends at once.
const ROWS_TOGETHER: usize = 64;

/// Sends a stream's rows in batches; the reader waits until each batch is taken.
struct Sending<T> {
    rows: Vec<T>,
    failure: Option<ReadError>,
    sender: Sender<Result<Vec<T>, ExecuteError>>,
}

impl<T: Entity> Sending<T> {
    async fn flush(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        // If sending fails, the stream was dropped and the reader is about to be aborted.
        let _ = self.sender.send(Ok(rows)).await;
    }
}

impl<T: Entity> RowSink for Sending<T> {
    fn row(&mut self, row: &dyn Row) -> Result<(), RowError> {
        match T::read(&mut RowReader::new(row, T::TABLE)) {
            Ok(row) => self.rows.push(row),
            Err(error) => self.failure = Some(error),
        }
        Ok(())
    }

    fn pause(&mut self) -> Option<BoxFuture<'_, ()>> {
        (self.rows.len() >= ROWS_TOGETHER).then(|| self.flush().boxed())
    }
}

/// Aborts a task when it is dropped.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

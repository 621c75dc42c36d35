//! Cancels a connection's running statement from another connection.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;

use super::startup::Session;
use super::stream::{Encryption, Stream};
use crate::connect::PostgresTarget;
use crate::execute::PostgresError;

/// How long sending a cancellation may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Cancels the running statement of one connection.
#[derive(Debug, Clone)]
pub(super) struct Canceller {
    pub(super) target: Arc<PostgresTarget>,
    pub(super) tls: Option<Arc<rustls::ClientConfig>>,
    pub(super) host: usize,
    pub(super) session: Session,
    pub(super) is_encrypted: bool,
}

impl Canceller {
    /// Cancels the statement that the connection runs, if it runs one. A failure is ignored: the server's own time
    /// limit, or the connection's end, ends the statement later.
    pub(super) async fn cancel(&self) {
        let _ = tokio::time::timeout(PATIENCE, self.send()).await;
    }

    async fn send(&self) -> Result<(), PostgresError> {
        let encryption = if self.is_encrypted {
            Encryption::Always
        } else {
            Encryption::Never
        };
        let host = &self.target.hosts[self.host];
        let mut stream = Stream::open(&self.target, host, encryption, self.tls.as_ref()).await?;

        let (mut write, mut read) = (BytesMut::new(), BytesMut::new());
        frontend::cancel_request(self.session.process, self.session.secret, &mut write);
        // The server closes the connection once it has passed the request on.
        let _ = std::future::poll_fn(|context| stream.poll_exchange(context, &mut write, &mut read)).await;
        Ok(())
    }
}

//! The accept loop: every client is accepted or gets a 503. No failure stops the loop or makes it spin.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};

use super::ConnectionLimits;
use super::connection::Connection;
use super::io::Socket;
use super::registry::{Registry, Slot};
use super::server::Server;
use super::service::Routes;
use super::watch::Watch;

/// The maximum size of a request's head in bytes, including names and values of all headers.
const MAX_HEAD: usize = 64 * 1024;

/// How many requests one HTTP/2 connection may have in flight.
const MAX_STREAMS: u32 = 100;

/// How many HTTP/2 requests a client may reset before the server has accepted them.
const MAX_RESET_STREAMS: usize = 20;

/// The first and the longest pause after a failure to accept.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(500));

const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 37\r\n\
    retry-after: 1\r\nconnection: close\r\n\r\nthe server has too many connections\r\n";

type Http = auto::Builder<TokioExecutor>;

pub(super) struct Acceptor {
    listener: TcpListener,
    router: Router,
    http: Arc<Http>,
    server: Arc<Server>,
    registry: Arc<Registry>,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, router: Router, server: Arc<Server>, registry: Arc<Registry>) -> Self {
        let http = Arc::new(http(&server.limits));

        // Routes are prepared once here rather than at each request.
        Self {
            listener,
            router: router.with_state(()),
            http,
            server,
            registry,
        }
    }

    /// Accepts connections for ever.
    pub(super) async fn run(self) {
        loop {
            let (stream, peer) = self.accept().await;
            if self.registry.make_room(self.server.limits.max_connections) {
                self.open(stream, peer);
            } else {
                self.server.counts.refuse();
                refuse(stream);
            }

            // Connections that were asked to close get a turn to do so.
            tokio::task::yield_now().await;
        }
    }

    async fn accept(&self) -> (TcpStream, SocketAddr) {
        let (mut pause, longest) = PAUSES;
        loop {
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                Err(cause) if is_of_one_client(&cause) => {}
                Err(cause) => {
                    tracing::warn!(%cause, "cannot accept a connection");
                    self.registry.evict();
                    tokio::time::sleep(pause).await;
                    pause = longest.min(pause * 2);
                }
            }
        }
    }

    fn open(&self, stream: TcpStream, peer: SocketAddr) {
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "cannot set TCP_NODELAY on a connection");
        }

        let connection = Arc::new(Connection::new(Arc::clone(&self.server)));
        let slot = self.registry.insert(&connection);
        let routes = Routes::new(self.router.clone(), Arc::clone(&connection), peer);

        let task = tokio::spawn(drive(
            Arc::clone(&self.http),
            stream,
            routes,
            Arc::clone(&connection),
            slot,
        ));
        connection.keep_task(task.abort_handle());
    }
}

async fn drive(http: Arc<Http>, stream: TcpStream, routes: Routes, connection: Arc<Connection>, slot: Slot) {
    // Declared first, so dropped last: the slot becomes free after the socket is closed.
    let _slot = slot;
    let socket = TokioIo::new(Socket::new(stream, Arc::clone(&connection)));
    let mut watch = Watch::new(connection);
    let mut served = pin!(http.serve_connection_with_upgrades(socket, routes));

    std::future::poll_fn(|cx| watch.poll(cx, served.as_mut())).await;
}

/// Hyper's settings. Its own timeout for heads in HTTP/1 is off: that also runs while a connection is idle, does not
/// run before the protocol is known, and costs a timer for each request.
fn http(limits: &ConnectionLimits) -> Http {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().header_read_timeout(None).max_buf_size(MAX_HEAD);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.write)
        .keep_alive_timeout(limits.head)
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX));

    http
}

/// Whether a failure to accept concerns only this client, so that the next one can be accepted at once.
fn is_of_one_client(cause: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    matches!(cause.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers a client with 503 without waiting: bytes that do not fit into the socket's buffer are lost.
fn refuse(stream: TcpStream) {
    let Ok(mut stream) = stream.into_std() else { return };

    // A request that has already arrived is read, since closing the socket with unread bytes would discard the answer.
    let mut request = [0; 4096];
    let _ = stream.read(&mut request);
    let _ = stream.write(NO_ROOM);
}

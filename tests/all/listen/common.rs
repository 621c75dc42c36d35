//! A server with short limits, and what the tests say to it.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use bytes::Bytes;
use hyper::body::Frame;
use runtime::ConnectionLimits;
use runtime::testing::{ConnectionCounts, serve_counted};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(super) const SHORT: Duration = Duration::from_millis(200);
pub(super) const LONG: Duration = Duration::from_mins(1);

/// Limits of which a test shortens one.
pub(super) fn limits() -> ConnectionLimits {
    ConnectionLimits {
        max_connections: 100,
        head: LONG,
        body: LONG,
        body_total: LONG,
        idle: LONG,
        write: LONG,
        shutdown: LONG,
    }
}

pub(super) struct TestServer {
    pub(super) address: SocketAddr,
    pub(super) counts: Arc<ConnectionCounts>,
    /// Lets one handler of `/slow` go on for each permit.
    pub(super) release: Arc<Semaphore>,
    entered: mpsc::UnboundedReceiver<()>,
    dropped: mpsc::UnboundedReceiver<()>,
    shutdown: Option<oneshot::Sender<()>>,
    kill: Option<oneshot::Sender<()>>,
    done: JoinHandle<io::Result<()>>,
}

impl TestServer {
    pub(super) async fn start(limits: ConnectionLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::new(ConnectionCounts::default());
        let release = Arc::new(Semaphore::new(0));
        let (enter, entered) = mpsc::unbounded_channel();
        let (drop, dropped) = mpsc::unbounded_channel();
        let (shutdown, on_shutdown) = oneshot::channel();
        let (kill, on_kill) = oneshot::channel();

        let served = serve_counted(
            listener,
            routes(enter, Arc::clone(&release), drop),
            limits,
            Arc::clone(&counts),
            when(on_shutdown),
            when(on_kill),
        );
        let done = tokio::spawn(served);

        Self {
            address,
            counts,
            release,
            entered,
            dropped,
            shutdown: Some(shutdown),
            kill: Some(kill),
            done,
        }
    }

    pub(super) fn shut_down(&mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
    }

    pub(super) fn kill(&mut self) {
        self.kill.take().unwrap().send(()).unwrap();
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(super) async fn send(&self, bytes: &str) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream
    }

    /// Waits until a handler of `/slow` is at work.
    pub(super) async fn entered(&mut self) {
        soon(self.entered.recv()).await.unwrap();
    }

    /// Waits until the memory of an answer is free.
    pub(super) async fn dropped(&mut self) {
        soon(self.dropped.recv()).await.unwrap();
    }

    pub(super) async fn ended(self) {
        soon(self.done).await.unwrap().unwrap();
    }

    pub(super) async fn livez(&self) -> String {
        let stream = self
            .send("GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await;
        read_to_end(stream).await
    }
}

/// A sender that is dropped without a word is no signal.
async fn when(signal: oneshot::Receiver<()>) {
    if signal.await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn routes(enter: mpsc::UnboundedSender<()>, release: Arc<Semaphore>, dropped: mpsc::UnboundedSender<()>) -> Router {
    let slow = move || async move {
        enter.send(()).unwrap();
        release.acquire().await.unwrap().forget();
        "slow"
    };
    let endless = dropped.clone();

    Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route(
            "/peer",
            get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }),
        )
        .route("/slow", get(slow))
        .route("/echo", post(|body: String| async move { body }))
        .route(
            "/big",
            get(|| async move { Body::from(Bytes::from_owner(Big::new(dropped))) }),
        )
        .route("/endless", get(|| async move { Body::new(Endless(Big::new(endless))) }))
}

/// Memory that tells when it is free.
struct Big(Vec<u8>, mpsc::UnboundedSender<()>);

impl Big {
    fn new(dropped: mpsc::UnboundedSender<()>) -> Self {
        Self(vec![b'x'; 37_000_000], dropped)
    }
}

impl AsRef<[u8]> for Big {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Big {
    fn drop(&mut self) {
        let _ = self.1.send(());
    }
}

struct Endless(Big);

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(&self.0.0[..65_536])))))
    }
}

/// What a future gives, which is not long in coming.
pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), future)
        .await
        .expect("nothing came in 10 seconds")
}

/// Everything up to the connection's end, whether that is in order or a reset.
pub(super) async fn read_to_end(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = soon(stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until a text has come, on a connection that stays.
pub(super) async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        let mut bytes = [0; 4096];
        let count = soon(stream.read(&mut bytes)).await.unwrap();
        assert!(count > 0, "the connection ended after {text:?}");
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    text
}

/// Sends one byte after the other, about fifty a second, until the server ends the connection.
pub(super) async fn drip(mut stream: TcpStream, byte: &[u8]) -> String {
    let mut answer = Vec::new();
    soon(async {
        loop {
            let mut bytes = [0; 4096];
            match timeout(Duration::from_millis(20), stream.read(&mut bytes)).await {
                Ok(Ok(count)) if count > 0 => answer.extend_from_slice(&bytes[..count]),
                Ok(_) => break,
                Err(_) if stream.write_all(byte).await.is_err() => break,
                Err(_) => {}
            }
        }
    })
    .await;
    String::from_utf8_lossy(&answer).into_owned()
}

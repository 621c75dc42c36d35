//! Serves a router on a socket to any number of clients, which may be slow, silent or hostile: each step of a
//! connection has a timeout, and the number of connections is limited.

mod accept;
mod answer;
mod body;
mod connection;
mod counts;
mod io;
mod limits;
mod registry;
mod server;
mod service;
mod signals;
mod watch;

use std::future::Future;
use std::io::Result;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use tokio::net::TcpListener;

use accept::Acceptor;
use registry::Registry;
use server::Server;

pub(crate) use body::BodyTimeout;
pub use counts::{ConnectionCounts, TimedOut};
pub use limits::ConnectionLimits;
pub use signals::signals;

/// Serves a router until `shutdown` or `kill` is ready. After `shutdown` no connection is accepted, those without a
/// request in flight are closed, and requests in flight are finished; a client has [`ConnectionLimits::shutdown`] to
/// take its answer. After `kill` requests in flight are dropped at once. `counts` can be read
/// meanwhile.
pub async fn serve_counted(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    counts: Arc<ConnectionCounts>,
    shutdown: impl Future<Output = ()> + Send + 'static,
    kill: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let server = Arc::new(Server {
        limits,
        counts,
        started: Instant::now(),
    });
    let registry = Arc::new(Registry::default());
    let _rest = AbortRest(Arc::clone(&registry));
    let mut kill = pin!(kill);

    let acceptor = Acceptor::new(listener, router, server, Arc::clone(&registry));
    tokio::select! {
        biased;
        () = &mut kill => return Ok(()),
        () = shutdown => {}
        () = acceptor.run() => {}
    }

    // The acceptor is dropped, and with it the listener.
    tokio::select! {
        biased;
        () = kill => {}
        () = registry.drain() => {}
    }

    Ok(())
}

/// Aborts the connections that are still open when the server's future ends or is dropped.
struct AbortRest(Arc<Registry>);

impl Drop for AbortRest {
    fn drop(&mut self) {
        self.0.abort();
    }
}

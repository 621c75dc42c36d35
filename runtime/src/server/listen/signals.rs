//! The operating system's signals that stop the server.

use std::future::Future;

/// Returns two futures that are ready after the first and the second `Ctrl-C` or `SIGTERM`. The first is for a graceful
/// shutdown, the second for an immediate one. The handlers are installed when this returns, not when a future is first
/// polled: a signal in between is not lost, and does not kill the program.
pub fn signals() -> (
    impl Future<Output = ()> + Send + 'static,
    impl Future<Output = ()> + Send + 'static,
) {
    let mut first = Arrivals::new();
    let mut second = Arrivals::new();

    let shutdown = async move { first.next().await };
    let kill = async move {
        second.next().await;
        second.next().await;
    };

    (shutdown, kill)
}

#[cfg(unix)]
struct Arrivals {
    kinds: [Option<tokio::signal::unix::Signal>; 2],
}

#[cfg(unix)]
impl Arrivals {
    fn new() -> Self {
        use tokio::signal::unix::SignalKind;

        Self {
            kinds: [SignalKind::interrupt(), SignalKind::terminate()].map(Self::install),
        }
    }

    fn install(kind: tokio::signal::unix::SignalKind) -> Option<tokio::signal::unix::Signal> {
        tokio::signal::unix::signal(kind)
            .inspect_err(|cause| tracing::warn!(%cause, "cannot install a signal handler"))
            .ok()
    }

    /// Ready at the next signal of either kind.
    async fn next(&mut self) {
        std::future::poll_fn(|cx| {
            for signal in self.kinds.iter_mut().flatten() {
                if matches!(signal.poll_recv(cx), std::task::Poll::Ready(Some(()))) {
                    return std::task::Poll::Ready(());
                }
            }

            std::task::Poll::Pending
        })
        .await;
    }
}

#[cfg(not(unix))]
struct Arrivals;

#[cfg(not(unix))]
impl Arrivals {
    fn new() -> Self {
        Self
    }

    /// Ready at the next `Ctrl-C`.
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

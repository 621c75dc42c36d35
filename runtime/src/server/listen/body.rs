//! Request bodies with timeouts.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::BoxError;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::connection::Connection;
use super::counts::TimedOut;

/// The error of a request body that did not arrive in time. A handler finds it among the sources of the error that it
/// gets from the body, and answers 408.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyTimeout;

impl fmt::Display for BodyTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request body did not arrive in time")
    }
}

impl Error for BodyTimeout {}

/// A request's body. In HTTP/1 the handler runs in the connection's task, whose watch measures the time. In HTTP/2 each
/// request has a task, and its body a timer, which is made when the handler first waits.
pub(super) struct RequestBody {
    incoming: Incoming,
    connection: Arc<Connection>,
    timer: Option<BodyTimer>,
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, connection: Arc<Connection>, http2: bool) -> Self {
        let timer = http2.then(BodyTimer::default);

        Self {
            incoming,
            connection,
            timer,
        }
    }

    fn is_expired(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(timer) = &mut self.timer else {
            self.connection.body_awaited.store(true, Ordering::Relaxed);
            return false;
        };

        timer.is_expired(cx, &self.connection)
    }

    fn came(&mut self, ended: bool) {
        if let Some(timer) = &mut self.timer {
            timer.waits = false;
            return;
        }

        self.connection.body_awaited.store(false, Ordering::Relaxed);
        self.connection.body_parts.fetch_add(1, Ordering::Relaxed);
        if ended {
            self.connection.body_open.store(false, Ordering::Relaxed);
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.timer.is_none() && self.connection.body_expired.load(Ordering::Relaxed) {
            self.came(true);
            return Poll::Ready(Some(Err(BodyTimeout.into())));
        }

        match Pin::new(&mut self.incoming).poll_frame(cx) {
            Poll::Pending if self.is_expired(cx) => Poll::Ready(Some(Err(BodyTimeout.into()))),
            Poll::Pending => Poll::Pending,
            Poll::Ready(frame) => {
                let ended = !matches!(frame, Some(Ok(_))) || self.incoming.is_end_stream();
                self.came(ended);
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.came(true);
    }
}

#[derive(Default)]
struct BodyTimer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// The deadline of the whole body.
    end: Option<Instant>,
    waits: bool,
}

impl BodyTimer {
    fn is_expired(&mut self, cx: &mut Context<'_>, connection: &Connection) -> bool {
        let server = &connection.server;
        if !self.waits {
            self.waits = true;
            let now = Instant::now();
            let end = *self.end.get_or_insert(now + server.limits.body_total);
            self.set(end.min(now + server.limits.body));
        }

        let expired = self
            .sleep
            .as_mut()
            .is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready());
        if expired {
            server.counts.time_out(TimedOut::Body);
        }

        expired
    }

    fn set(&mut self, deadline: Instant) {
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
        }
    }
}

//! The watch over one connection: it polls the connection, and ends it when a step takes too long. The clock is read
//! only when the connection cannot proceed, and the timer is reset only for an earlier deadline.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::time::Sleep;

use super::connection::Connection;
use super::counts::TimedOut;
use super::io::Socket;
use super::service::Routes;

/// Hyper's side of a connection.
pub(super) type Served<'a> = auto::UpgradeableConnection<'a, TokioIo<Socket>, Routes, TokioExecutor>;

/// How often the answers of an HTTP/2 connection are checked per write timeout.
const LOOKS: u32 = 4;

/// The moment at which a step times out; without a step, the moment of the next check.
type Deadline = (Instant, Option<TimedOut>);

/// A counter's value, and since when it has not changed.
struct Still {
    seen: u32,
    since: Instant,
}

impl Still {
    /// Returns since when the counter has had the value `seen`, and stores it.
    fn since(still: &mut Option<Self>, seen: u32, now: Instant) -> Instant {
        match still {
            Some(still) if still.seen == seen => still.since,
            _ => {
                *still = Some(Self { seen, since: now });
                now
            }
        }
    }
}

enum Verdict {
    Wait,
    /// The connection must be polled once more, so that its handler gets an error.
    Again,
    Close,
}

pub(super) struct Watch {
    connection: Arc<Connection>,
    accepted: Instant,
    /// Whether hyper has been told to close the connection.
    told_to_leave: bool,
    body_expired: bool,
    idle: Option<Still>,
    head: Option<Instant>,
    body: Option<Still>,
    body_began: Option<Still>,
    write: Option<Still>,
    /// Since when a connection that is to close has waited only for its client.
    answered: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    armed: Option<Instant>,
}

impl Watch {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self {
            connection,
            accepted: Instant::now(),
            told_to_leave: false,
            body_expired: false,
            idle: None,
            head: None,
            body: None,
            body_began: None,
            write: None,
            answered: None,
            timer: None,
            armed: None,
        }
    }

    /// Ready when the connection has ended, or must be ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, mut served: Pin<&mut Served<'_>>) -> Poll<()> {
        self.connection.keep_waker(cx.waker());

        loop {
            if !self.told_to_leave && (self.body_expired || self.connection.is_leaving()) {
                self.told_to_leave = true;
                served.as_mut().graceful_shutdown();
            }

            if let Poll::Ready(end) = served.as_mut().poll(cx) {
                if let Err(cause) = end {
                    tracing::debug!(%cause, "a connection failed");
                }
                return Poll::Ready(());
            }

            match self.judge(cx) {
                Verdict::Wait => return Poll::Pending,
                Verdict::Again => {}
                Verdict::Close => return Poll::Ready(()),
            }
        }
    }

    /// Decides whether a pending connection waits, is polled again or is closed.
    fn judge(&mut self, cx: &mut Context<'_>) -> Verdict {
        let quiet = !self.connection.is_busy() && !self.connection.write_blocked.load(Ordering::Relaxed);
        if self.told_to_leave && quiet {
            return Verdict::Close;
        }

        while self.needs_clock() {
            let now = Instant::now();
            let (deadline, step) = self.deadline(now);
            match step {
                Some(step) if deadline <= now => return self.expire(step),
                _ if self.sleeps_until(deadline, now, cx) => return Verdict::Wait,
                _ => {}
            }
        }

        Verdict::Wait
    }

    /// Whether a step with a timeout is in progress. A running handler in HTTP/1 has none, so most waits do not read
    /// the clock.
    fn needs_clock(&mut self) -> bool {
        let connection = &self.connection;
        if !connection.is_busy() {
            return true;
        }

        self.idle = None;
        self.head = None;
        let blocked = connection.write_blocked.load(Ordering::Relaxed);
        if !blocked {
            self.write = None;
        }

        blocked || connection.body_awaited.load(Ordering::Relaxed) || self.told_to_leave || connection.is_http2()
    }

    /// The earliest deadline of all steps in progress.
    fn deadline(&mut self, now: Instant) -> Deadline {
        let busy = self.connection.is_busy();
        let blocked = self.connection.write_blocked.load(Ordering::Relaxed);
        let awaited = self.connection.body_awaited.load(Ordering::Relaxed);
        if !blocked {
            self.write = None;
        }

        let first = if busy {
            self.answers_deadline(now)
        } else {
            self.quiet_deadline(now)
        };
        let write = blocked.then(|| self.write_deadline(now));
        let body = awaited.then(|| self.body_deadline(now));
        let leave = self.leave_deadline(now);

        [write, body, leave]
            .into_iter()
            .flatten()
            .fold(first, |first, next| if next.0 < first.0 { next } else { first })
    }

    /// The deadline of a connection without a request in flight.
    fn quiet_deadline(&mut self, now: Instant) -> Deadline {
        let connection = &self.connection;
        let limits = &connection.server.limits;
        let requests = connection.requests();

        if requests > 0 && self.idle.as_ref().is_none_or(|idle| idle.seen != requests) {
            self.head = None;
            connection.idle_from(now);
        }
        let idle = Still::since(&mut self.idle, requests, now);

        if connection.has_half_head() {
            let began = *self.head.get_or_insert(now);
            (began + limits.head, Some(TimedOut::Head))
        } else if requests == 0 {
            (self.accepted + limits.head, Some(TimedOut::Head))
        } else {
            (idle + limits.idle, Some(TimedOut::Idle))
        }
    }

    /// The deadline of a connection that is to close and waits only for its client.
    fn leave_deadline(&mut self, now: Instant) -> Option<Deadline> {
        if !self.told_to_leave || self.connection.is_running() {
            self.answered = None;
            return None;
        }

        let answered = *self.answered.get_or_insert(now);
        Some((
            answered + self.connection.server.limits.shutdown,
            Some(TimedOut::Shutdown),
        ))
    }

    /// When to check the answers again: in HTTP/2 one can stall while others proceed. In HTTP/1 none is watched here.
    /// They are checked only when the timer has expired.
    fn answers_deadline(&mut self, now: Instant) -> Deadline {
        let write = self.connection.server.limits.write;
        let look = now + (write / LOOKS).max(Duration::from_millis(1));
        if let Some(armed) = self.armed.filter(|armed| *armed > now) {
            return (armed.min(look), None);
        }

        match self.connection.slowest_answer(now) {
            Some(since) if since + write <= now => (now, Some(TimedOut::Write)),
            _ => (look, None),
        }
    }

    fn write_deadline(&mut self, now: Instant) -> Deadline {
        let writes = self.connection.writes.load(Ordering::Relaxed);
        let since = Still::since(&mut self.write, writes, now);

        (since + self.connection.server.limits.write, Some(TimedOut::Write))
    }

    fn body_deadline(&mut self, now: Instant) -> Deadline {
        let limits = &self.connection.server.limits;
        let parts = self.connection.body_parts.load(Ordering::Relaxed);
        let stalled = Still::since(&mut self.body, parts, now) + limits.body;
        let whole = Still::since(&mut self.body_began, self.connection.requests(), now) + limits.body_total;

        (stalled.min(whole), Some(TimedOut::Body))
    }

    fn expire(&mut self, step: TimedOut) -> Verdict {
        if self.body_expired && step == TimedOut::Body {
            return Verdict::Close;
        }

        tracing::debug!(step = step.name(), "a connection timed out");
        self.connection.server.counts.time_out(step);
        if step != TimedOut::Body {
            return Verdict::Close;
        }

        // The handler gets an error and may answer. If it waits for the body again, the connection is closed.
        self.body_expired = true;
        self.connection.body_expired.store(true, Ordering::Relaxed);
        Verdict::Again
    }

    /// Sets the timer so that it wakes the connection at a deadline or before. Returns false if it has passed.
    fn sleeps_until(&mut self, deadline: Instant, now: Instant, cx: &mut Context<'_>) -> bool {
        if self.armed.is_some_and(|armed| armed > now && armed <= deadline) {
            return true;
        }

        self.armed = Some(deadline);
        let timer = match &mut self.timer {
            Some(timer) => {
                timer.as_mut().reset(deadline.into());
                timer
            }
            None => self.timer.insert(Box::pin(tokio::time::sleep_until(deadline.into()))),
        };

        timer.as_mut().poll(cx).is_pending()
    }
}

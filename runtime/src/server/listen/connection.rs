//! What the parts of one connection tell each other: atomics that the socket, the service and the bodies write, and
//! that the connection's watch reads when nothing else can go on.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::time::Instant;

use tokio::task::AbortHandle;

use super::Server;

/// The answers of an HTTP/2 connection after which the list of them is tidied.
const TIDY_AT: usize = 128;

/// The state of one connection. Nothing here is a time except `idle_since`: who writes only counts or raises a flag,
/// and the watch asks the clock, at most once each time that it is polled.
pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    /// The requests whose answer is not wholly written.
    in_flight: AtomicU32,
    /// The requests whose handler has not answered.
    running: AtomicU32,
    /// The requests that ever began, wrapping.
    requests: AtomicU32,
    http2: AtomicBool,
    /// Whether bytes came that belong to a head that is not complete.
    head_began: AtomicBool,
    /// Whether the request in flight has a body of which more is to come.
    pub(super) body_open: AtomicBool,
    /// Whether a handler waits for a byte of the body.
    pub(super) body_awaited: AtomicBool,
    /// The parts of bodies that came, wrapping.
    pub(super) body_parts: AtomicU32,
    /// Whether the body in flight ran out of time, which its handler is to be told.
    pub(super) body_expired: AtomicBool,
    /// Whether the client's side is full.
    pub(super) write_blocked: AtomicBool,
    /// The writes that the client took something of, wrapping.
    pub(super) writes: AtomicU32,
    /// Microseconds after the server's start at which the connection last became idle.
    idle_since: AtomicU64,
    leave: AtomicBool,
    waker: OnceLock<Waker>,
    task: OnceLock<AbortHandle>,
    /// The answers under way in HTTP/2, where each can stall alone.
    answers: Mutex<Vec<WatchedAnswer>>,
}

impl Connection {
    pub(super) fn new(server: Arc<Server>) -> Self {
        let accepted = server.stamp(Instant::now());

        Self {
            server,
            in_flight: AtomicU32::new(0),
            running: AtomicU32::new(0),
            requests: AtomicU32::new(0),
            http2: AtomicBool::new(false),
            head_began: AtomicBool::new(false),
            body_open: AtomicBool::new(false),
            body_awaited: AtomicBool::new(false),
            body_parts: AtomicU32::new(0),
            body_expired: AtomicBool::new(false),
            write_blocked: AtomicBool::new(false),
            writes: AtomicU32::new(0),
            idle_since: AtomicU64::new(accepted),
            leave: AtomicBool::new(false),
            waker: OnceLock::new(),
            task: OnceLock::new(),
            answers: Mutex::new(Vec::new()),
        }
    }

    /// Whether a request is in flight.
    pub(super) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) > 0
    }

    /// Whether a handler has yet to answer.
    pub(super) fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire) > 0
    }

    pub(super) fn is_http2(&self) -> bool {
        self.http2.load(Ordering::Relaxed)
    }

    pub(super) fn has_half_head(&self) -> bool {
        self.head_began.load(Ordering::Relaxed) && !self.is_http2()
    }

    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn idle_since(&self) -> u64 {
        self.idle_since.load(Ordering::Relaxed)
    }

    pub(super) fn idle_from(&self, now: Instant) {
        self.idle_since.store(self.server.stamp(now), Ordering::Relaxed);
    }

    /// Notes that bytes came. Between requests they are the next one's head.
    pub(super) fn received(&self) {
        if !self.body_open.load(Ordering::Relaxed) {
            self.head_began.store(true, Ordering::Relaxed);
        }
    }

    /// Asks the connection to close: at once without a request in flight, after its answer otherwise.
    pub(super) fn ask_to_leave(&self) {
        self.leave.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leave.load(Ordering::Acquire)
    }

    /// Keeps what wakes the connection's task. A task's waker stays the same for all its life.
    pub(super) fn keep_waker(&self, waker: &Waker) {
        self.waker.get_or_init(|| waker.clone());
    }

    pub(super) fn keep_task(&self, task: AbortHandle) {
        // The only caller is the one who made the task.
        let _ = self.task.set(task);
    }

    /// Ends the connection where it stands.
    pub(super) fn abort(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// The time since when the slowest of the answers under way has stood still, as far as that is up to the client.
    pub(super) fn slowest_answer(&self, now: Instant) -> Option<Instant> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|watched| !watched.answer.done.load(Ordering::Relaxed));

        answers.iter_mut().map(|watched| watched.still_since(now)).min()
    }

    fn watch_answer(&self) -> Arc<Answer> {
        let answer = Arc::new(Answer::default());
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= TIDY_AT {
            answers.retain(|watched| !watched.answer.done.load(Ordering::Relaxed));
        }
        answers.push(WatchedAnswer {
            answer: Arc::clone(&answer),
            seen: 0,
            since: Instant::now(),
        });

        answer
    }
}

/// The progress of one answer in HTTP/2.
#[derive(Default)]
pub(super) struct Answer {
    /// The steps forward, wrapping.
    moves: AtomicU32,
    /// Whether the next step is the handler's, not the client's.
    handlers_turn: AtomicBool,
    done: AtomicBool,
}

impl Answer {
    pub(super) fn moved(&self) {
        self.handlers_turn.store(false, Ordering::Relaxed);
        self.moves.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn awaits_handler(&self) {
        self.handlers_turn.store(true, Ordering::Relaxed);
    }
}

struct WatchedAnswer {
    answer: Arc<Answer>,
    seen: u32,
    since: Instant,
}

impl WatchedAnswer {
    fn still_since(&mut self, now: Instant) -> Instant {
        let moves = self.answer.moves.load(Ordering::Relaxed);
        if moves != self.seen || self.answer.handlers_turn.load(Ordering::Relaxed) {
            self.seen = moves;
            self.since = now;
        }

        self.since
    }
}

/// A request in flight, from its complete head until this is dropped with the last of its answer.
pub(super) struct InFlight {
    pub(super) connection: Arc<Connection>,
    running: bool,
    answer: Option<Arc<Answer>>,
}

impl InFlight {
    pub(super) fn begin(connection: &Arc<Connection>, http2: bool, has_body: bool) -> Self {
        connection.in_flight.fetch_add(1, Ordering::AcqRel);
        connection.running.fetch_add(1, Ordering::AcqRel);
        connection.requests.fetch_add(1, Ordering::Relaxed);
        if http2 {
            connection.http2.store(true, Ordering::Relaxed);
        } else {
            connection.head_began.store(false, Ordering::Relaxed);
            connection.body_open.store(has_body, Ordering::Relaxed);
        }

        Self {
            connection: Arc::clone(connection),
            running: true,
            answer: None,
        }
    }

    /// Notes that the handler has answered. In HTTP/2 the answer is watched from now on.
    pub(super) fn answered(&mut self) -> Option<Arc<Answer>> {
        self.stop_running();
        if self.connection.is_http2() {
            self.answer = Some(self.connection.watch_answer());
        }

        self.answer.clone()
    }

    fn stop_running(&mut self) {
        if std::mem::take(&mut self.running) {
            self.connection.running.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.stop_running();
        if let Some(answer) = &self.answer {
            answer.done.store(true, Ordering::Relaxed);
        }
        let last = self.connection.in_flight.fetch_sub(1, Ordering::AcqRel) == 1;

        // In HTTP/2 this can be another task than the connection's.
        if last && self.connection.is_http2() {
            self.connection.wake();
        }
    }
}

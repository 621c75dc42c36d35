//! The shared state of one connection: atomics that the socket, the service and the bodies write, and that the
//! connection's watch reads when nothing else can proceed.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::time::Instant;

use tokio::task::AbortHandle;

use super::server::Server;

/// How many answers an HTTP/2 connection may list before the finished ones are removed.
const TIDY_AT: usize = 128;

/// The state of one connection. Only `idle_since` is a time: writers only increment a counter or set a flag, and the
/// watch reads the clock, at most once per poll.
pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    /// The number of requests whose answer is not completely written.
    in_flight: AtomicU32,
    /// The number of requests whose handler has not answered.
    running: AtomicU32,
    /// The number of requests so far, wrapping.
    requests: AtomicU32,
    http2: AtomicBool,
    /// Whether a part of an incomplete head has arrived.
    head_began: AtomicBool,
    /// Whether more of the body of the request in flight is expected.
    pub(super) body_open: AtomicBool,
    /// Whether a handler waits for more of the body.
    pub(super) body_awaited: AtomicBool,
    /// The number of body parts that arrived, wrapping.
    pub(super) body_parts: AtomicU32,
    /// Whether the body in flight timed out. Its handler then gets an error.
    pub(super) body_expired: AtomicBool,
    /// Whether the last write is blocked, because the client does not read.
    pub(super) write_blocked: AtomicBool,
    /// The number of writes that made progress, wrapping.
    pub(super) writes: AtomicU32,
    /// When the connection last became idle, in microseconds after the server's start.
    idle_since: AtomicU64,
    leave: AtomicBool,
    waker: OnceLock<Waker>,
    task: OnceLock<AbortHandle>,
    /// The answers in progress in HTTP/2, where each can stall by itself.
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

    /// Whether any handler has not answered yet.
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

    /// Records that bytes arrived. Between requests they belong to the next request's head.
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

    /// Stores the waker of the connection's task. It stays the same for the task's whole life.
    pub(super) fn keep_waker(&self, waker: &Waker) {
        self.waker.get_or_init(|| waker.clone());
    }

    pub(super) fn keep_task(&self, task: AbortHandle) {
        // It is set only once: by the code that spawned the task.
        let _ = self.task.set(task);
    }

    /// Aborts the connection at once.
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

    /// Since when the longest stalled answer has made no progress. Only answers that wait for the client stall. `None`
    /// without answers in progress.
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
    /// The number of steps of progress, wrapping.
    moves: AtomicU32,
    /// Whether the answer waits for its handler, not for the client.
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

/// A request in flight: from its complete head until this is dropped with the last part of its answer.
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

    /// Records that the handler has answered. In HTTP/2 the answer is watched from now on, and returned.
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

        // In HTTP/2 this may run in another task, so the connection's task must be woken.
        if last && self.connection.is_http2() {
            self.connection.wake();
        }
    }
}

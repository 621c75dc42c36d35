//! Request ids: one is given to each request that brings none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderValue, Request};
use tower_http::request_id::{MakeRequestId, RequestId};

/// Counts requests; the start of the program tells its ids from those of another run. (A random id would ask the
/// kernel for random bytes on every request.)
#[derive(Debug, Clone)]
pub(super) struct Counter {
    start: u64,
    next: Arc<AtomicU64>,
}

impl Counter {
    pub(super) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            start: since.as_nanos() as u64,
            next: Arc::default(),
        }
    }
}

impl MakeRequestId for Counter {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        HeaderValue::from_str(&format!("{:x}-{number:x}", self.start))
            .ok()
            .map(RequestId::new)
    }
}

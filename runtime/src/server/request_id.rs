//! Request ids: each request that comes without one gets one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderValue, Request};
use tower_http::request_id::{MakeRequestId, RequestId};

/// Makes request ids from a counter. The program's start time distinguishes its ids from those of other runs. (A random
/// id would ask the kernel for random bytes on every request.)
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

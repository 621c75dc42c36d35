//! The id of the current request, available to all code that answers it.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use tokio::task::futures::TaskLocalFuture;
use tower::{Layer, Service};

use super::metrics::{InFlight, InFlightGauge};

tokio::task_local! {
    static CURRENT: Current;
}

/// A request and its place among those in flight.
pub(crate) struct Current {
    id: Arc<str>,
    /// Dropped with the request's future, even if its client is gone.
    _in_flight: InFlight,
}

/// The header of the id, in the request and in the response.
pub(crate) const HEADER: &str = "x-request-id";

/// Returns the id of the request that this task answers; `None` outside a request.
pub(crate) fn current() -> Option<Arc<str>> {
    CURRENT.try_with(|current| Arc::clone(&current.id)).ok()
}

/// Makes the id of each request [`current`] while it is answered, and counts the request as in flight. The request must
/// already have the header.
#[derive(Clone)]
pub(crate) struct RequestIdLayer(pub(crate) InFlightGauge);

impl<S> Layer<S> for RequestIdLayer {
    type Service = KnownService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        KnownService(inner, self.0.clone())
    }
}

/// See [`Known`].
#[derive(Clone)]
pub(crate) struct KnownService<S>(S, InFlightGauge);

impl<S: Service<Request<B>>, B> Service<Request<B>> for KnownService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = TaskLocalFuture<Current, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let id = request
            .headers()
            .get(HEADER)
            .and_then(|id| id.to_str().ok())
            .unwrap_or_default();

        let current = Current {
            id: id.into(),
            _in_flight: self.1.begin(),
        };

        CURRENT.scope(current, self.0.call(request))
    }
}

//! The router as hyper calls it, with every request counted as in flight.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, Version};
use axum::routing::future::RouteFuture;
use hyper::body::{Body as _, Incoming};
use pin_project_lite::pin_project;
use tower::Service as _;

use super::answer::AnswerBody;
use super::body::RequestBody;
use super::connection::{Connection, InFlight};

/// The routes of one connection.
pub(super) struct Routes {
    router: Router,
    connection: Arc<Connection>,
    peer: SocketAddr,
}

impl Routes {
    pub(super) fn new(router: Router, connection: Arc<Connection>, peer: SocketAddr) -> Self {
        Self {
            router,
            connection,
            peer,
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for Routes {
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let http2 = request.version() == Version::HTTP_2;
        let has_body = !request.body().is_end_stream();
        let in_flight = InFlight::begin(&self.connection, http2, has_body);

        let mut request = request.map(|incoming| {
            if has_body {
                Body::new(RequestBody::new(incoming, Arc::clone(&self.connection), http2))
            } else {
                Body::empty()
            }
        });
        request.extensions_mut().insert(ConnectInfo(self.peer));

        Answering {
            routed: self.router.clone().call(request),
            in_flight: Some(in_flight),
        }
    }
}

pin_project! {
    /// The future of an answer that a handler is working on.
    pub(super) struct Answering {
        #[pin]
        routed: RouteFuture<Infallible>,
        in_flight: Option<InFlight>,
    }
}

impl Future for Answering {
    type Output = Result<Response<AnswerBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Ok(mut response) = ready!(this.routed.poll(cx));
        let in_flight = this
            .in_flight
            .take()
            .expect("invariant: a future is not polled after it was ready");

        // An extractor answers every failure to read a body with 400, even a timeout.
        let expired = in_flight.connection.body_expired.load(Ordering::Relaxed);
        if expired && response.status() == StatusCode::BAD_REQUEST {
            *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
        }

        Poll::Ready(Ok(response.map(|body| AnswerBody::new(body, in_flight))))
    }
}

//! Request bodies as the handlers read them: unpacked, whole, and of a bounded size.

use std::error::Error;
use std::io;

use async_compression::tokio::bufread::GzipDecoder;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use bytes::BytesMut;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio_util::io::{ReaderStream, StreamReader};

use super::body_limit;
use super::listen::BodyTimeout;

/// Returns the request with a gzip body unpacked. `limit`, in bytes, applies to the unpacked body.
pub(super) fn prepared(mut request: Request, limit: usize) -> Request {
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    let is_packed = encoding.is_some_and(|encoding| {
        let encoding = encoding.as_bytes();
        encoding.eq_ignore_ascii_case(b"gzip") || encoding.eq_ignore_ascii_case(b"x-gzip")
    });
    if is_packed {
        request.headers_mut().remove(header::CONTENT_ENCODING);
        request.headers_mut().remove(header::CONTENT_LENGTH);
        request = request.map(unpacked);
    }

    body_limit::read_on(request, limit)
}

fn unpacked(body: Body) -> Body {
    let packed = StreamReader::new(body.into_data_stream().map_err(io::Error::other));

    Body::from_stream(ReaderStream::new(GzipDecoder::new(packed)))
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It is larger than the limit.
    TooLarge,
    /// It did not arrive in time.
    TimedOut,
    /// It ended early, or its encoding does not match its headers.
    Broken,
}

impl BodyError {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "PAYLOAD_TOO_LARGE",
            Self::TimedOut => "REQUEST_TIMEOUT",
            Self::Broken => "BAD_REQUEST",
        }
    }

    pub(super) fn message(self, limit: usize) -> String {
        match self {
            Self::TooLarge => format!("The body is larger than {limit} bytes"),
            Self::TimedOut => "The body did not arrive in time".into(),
            Self::Broken => "The body could not be read to its end".into(),
        }
    }
}

/// Reads a whole body of at most `limit` bytes. Most arrive in one part, which is returned without a copy.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut parts = body.into_data_stream();
    let mut whole = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| failure(&error))?;
        if whole.len().max(joined.len()) + part.len() > limit {
            return Err(BodyError::TooLarge);
        }

        if whole.is_empty() && joined.is_empty() {
            whole = part;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut whole));
            joined.extend_from_slice(&part);
        }
    }

    Ok(if joined.is_empty() { whole } else { joined.freeze() })
}

fn failure(error: &(dyn Error + 'static)) -> BodyError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<BodyTimeout>() {
            return BodyError::TimedOut;
        }

        // The `source` of an I/O error skips the error that it wraps; `get_ref` returns it.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = inner
            .map(|inner| inner as &(dyn Error + 'static))
            .or_else(|| error.source());
    }

    BodyError::Broken
}

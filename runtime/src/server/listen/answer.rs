//! Answers that keep their request in flight until the last byte is written, or until they are dropped.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::connection::{Answer, InFlight};

pin_project! {
    /// An answer's body.
    pub(super) struct AnswerBody {
        #[pin]
        body: axum::body::Body,
        in_flight: Option<InFlight>,
        progress: Option<Arc<Answer>>,
        // How many parts were made since the task last yielded.
        parts: u32,
    }
}

/// How many parts of an answer are made before the task yields to other tasks of the thread: compressing a large answer
/// takes long.
const PARTS: u32 = 8;

impl AnswerBody {
    pub(super) fn new(body: axum::body::Body, mut in_flight: InFlight) -> Self {
        let progress = in_flight.answered();

        Self {
            body,
            in_flight: Some(in_flight),
            progress,
            parts: 0,
        }
    }
}

impl Body for AnswerBody {
    type Data = AnswerData;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        if *this.parts == PARTS {
            *this.parts = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        *this.parts += 1;

        let Poll::Ready(frame) = this.body.as_mut().poll_frame(cx) else {
            this.progress.iter().for_each(|answer| answer.awaits_handler());
            return Poll::Pending;
        };

        let Some(Ok(frame)) = frame else {
            *this.in_flight = None;
            return Poll::Ready(frame.map(|failed| failed.map(|frame| frame.map_data(AnswerData::bare))));
        };

        this.progress.iter().for_each(|answer| answer.moved());
        let in_flight = if this.body.is_end_stream() {
            this.in_flight.take()
        } else {
            None
        };
        let progress = this.progress.clone();

        Poll::Ready(Some(Ok(frame.map_data(|bytes| AnswerData {
            bytes,
            progress,
            _in_flight: in_flight,
        }))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A part of an answer. The last part keeps the request in flight until it is written to the socket.
pub(super) struct AnswerData {
    bytes: Bytes,
    progress: Option<Arc<Answer>>,
    _in_flight: Option<InFlight>,
}

impl AnswerData {
    fn bare(bytes: Bytes) -> Self {
        Self {
            bytes,
            progress: None,
            _in_flight: None,
        }
    }
}

impl Buf for AnswerData {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn chunks_vectored<'a>(&'a self, dst: &mut [IoSlice<'a>]) -> usize {
        self.bytes.chunks_vectored(dst)
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        if let Some(answer) = &self.progress {
            answer.moved();
        }
    }

    fn copy_to_bytes(&mut self, len: usize) -> Bytes {
        if let Some(answer) = &self.progress {
            answer.moved();
        }

        self.bytes.copy_to_bytes(len)
    }
}

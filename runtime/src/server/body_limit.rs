//! Reads bodies over the limit to their end before they are refused: if the connection is closed while the client still
//! writes, the client sees a broken pipe instead of the answer (RFC 9112, section 9.6).

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use futures_util::{StreamExt as _, stream};

/// How many times the limit is read at most before the body is refused without its end.
const PATIENCE: usize = 16;

/// Returns the request with a body that is read on, and discarded, once it exceeds `limit` bytes; only then is the part
/// that exceeds the limit handed on. A body that is known to be within the limit is not changed.
pub(super) fn read_on(request: Request, limit: usize) -> Request {
    if request
        .body()
        .size_hint()
        .upper()
        .is_some_and(|most| most <= limit as u64)
    {
        return request;
    }

    request.map(|body| {
        Body::from_stream(stream::unfold(
            (body.into_data_stream(), 0),
            move |(mut body, mut read)| async move {
                let part = body.next().await?;
                read += part.as_ref().map_or(0, Bytes::len);

                while read > limit && read < limit.saturating_mul(PATIENCE) {
                    let Some(Ok(rest)) = body.next().await else { break };
                    read += rest.len();
                }

                Some((part, (body, read)))
            },
        ))
    })
}

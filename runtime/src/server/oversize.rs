//! Bodies over the limit are read to their end before the refusal goes out: a connection closed while the client still
//! writes shows it a broken pipe instead of the answer (RFC 9112, section 9.6).

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use futures_util::{StreamExt as _, stream};

/// How many times the limit is read before the client is cut off after all.
const PATIENCE: usize = 16;

/// The request, whose body, if it may pass `limit` bytes, ends before the part that passes is handed on.
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

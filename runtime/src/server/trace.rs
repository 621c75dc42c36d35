//! Connects log lines to a request: by its id, its trace, its schema and its operation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, Request, Response};
use tracing::Span;
use tracing::field::Empty;

use crate::observe::request_id::HEADER;

/// The maximum length of a request id from a client.
const LONGEST: usize = 128;

/// Removes a client's request id unless it is 1 to 128 letters, digits, `_`, `-` or `.`; the request then gets a
/// new one.
pub(super) fn checked<B>(mut request: Request<B>) -> Request<B> {
    let is_good = |id: &[u8]| {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        (1..=LONGEST).contains(&id.len()) && id.iter().all(is_plain)
    };
    if request.headers().get(HEADER).is_some_and(|id| !is_good(id.as_bytes())) {
        request.headers_mut().remove(HEADER);
    }

    request
}

/// The span of a request. Its level is ERROR, so that it also exists if only errors are logged.
pub(super) fn span<B>(request: &Request<B>) -> Span {
    let id = request
        .headers()
        .get(HEADER)
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();

    let given = trace_id(request.headers());
    let made = given.is_none().then(|| new_trace_id(id));
    let trace = given.or(made.as_deref()).unwrap_or_default();
    let (method, path) = (request.method().as_str(), request.uri().path());

    tracing::error_span!("request", id, trace, method, path, schema = Empty, operation = Empty)
}

/// The access log: one line for each answer.
pub(super) fn answered<B>(response: &Response<B>, latency: Duration, _: &Span) {
    let status = response.status().as_u16();
    let milliseconds = latency.as_micros() as f64 / 1000.0;
    tracing::info!(status, milliseconds, "answered");
}

/// The trace id in `traceparent`, in the format of W3C Trace Context: `00-<32 digits>-<16 digits>-<2 digits>`.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let mut parts = headers.get("traceparent")?.to_str().ok()?.split('-');
    let [version, trace, parent, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];

    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_some = |text: &str| text.bytes().any(|byte| byte != b'0');

    // Later versions may have more parts, version 00 may not.
    let is_version = is_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    let is_known = is_version && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2);

    (is_known && is_some(trace) && is_some(parent)).then_some(trace)
}

/// A new trace id for a request without one: the time, and a hash of the request's id, which is unique.
fn new_trace_id(id: &str) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos() as u64;

    // FNV-1a.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });

    format!("{now:016x}{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_parents_are_followed() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (parent, expected) in [
            (format!("00-{trace}-00f067aa0ba902b7-01"), Some(trace)),
            (format!("01-{trace}-00f067aa0ba902b7-01-more"), Some(trace)),
            (format!("00-{trace}-00f067aa0ba902b7-01-more"), None),
            (format!("ff-{trace}-00f067aa0ba902b7-01"), None),
            (format!("00-{trace}-0000000000000000-01"), None),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            (format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()), None),
            ("nonsense".to_owned(), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", parent.parse().expect("a header"));
            assert_eq!(trace_id(&headers), expected, "{parent}");
        }
    }
}

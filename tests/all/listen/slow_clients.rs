//! Clients that are slow, silent, or do not read.

use std::time::{Duration, Instant};

use super::common::{LONG, SHORT, TestServer, drip, limits, read_to_end, read_until};
use runtime::ConnectionLimits;
use runtime::testing::TimedOut;

#[tokio::test]
async fn half_a_head_is_closed_in_time() {
    let server = TestServer::start(ConnectionLimits {
        head: SHORT,
        ..limits()
    })
    .await;
    let began = Instant::now();

    let stream = server.send("GET /livez HTTP/1.1\r\nhost: a").await;

    assert_eq!(read_to_end(stream).await, "");
    assert!(began.elapsed() >= SHORT);
    assert_eq!(server.counts.timed_out(TimedOut::Head), 1);
}

#[tokio::test]
async fn a_connection_without_a_byte_is_closed_in_time() {
    let server = TestServer::start(ConnectionLimits {
        head: SHORT,
        ..limits()
    })
    .await;

    let stream = server.connect().await;

    assert_eq!(read_to_end(stream).await, "");
    assert_eq!(server.counts.timed_out(TimedOut::Head), 1);
}

#[tokio::test]
async fn a_dripping_head_gets_no_more_time() {
    let server = TestServer::start(ConnectionLimits {
        head: SHORT,
        ..limits()
    })
    .await;
    let first = server.send("GET /livez HTTP/1.1\r\nx: ").await;
    let mut later = server.send("GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await;
    read_until(&mut later, "ok").await;

    let began = Instant::now();
    tokio::join!(drip(first, b"a"), drip(later, b"a"));

    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(server.counts.timed_out(TimedOut::Head), 2);
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_idle_time_and_not_after_the_heads() {
    let idle = Duration::from_millis(700);
    let server = TestServer::start(ConnectionLimits {
        head: Duration::from_millis(100),
        idle,
        ..limits()
    })
    .await;
    let mut stream = server.send("GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await;
    read_until(&mut stream, "ok").await;
    let began = Instant::now();

    assert_eq!(read_to_end(stream).await, "");

    assert!(
        began.elapsed() + Duration::from_millis(50) >= idle,
        "{:?}",
        began.elapsed()
    );
    assert_eq!(server.counts.timed_out(TimedOut::Idle), 1);
    assert_eq!(server.counts.timed_out(TimedOut::Head), 0);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_with_its_answer() {
    let mut server = TestServer::start(ConnectionLimits {
        write: SHORT,
        ..limits()
    })
    .await;

    let big = server.send("GET /big HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.dropped().await;
    let endless = server.send("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.dropped().await;

    assert_eq!(server.counts.timed_out(TimedOut::Write), 2);
    drop((big, endless));
}

#[tokio::test]
async fn a_client_that_reads_gets_all() {
    let server = TestServer::start(ConnectionLimits {
        write: SHORT,
        ..limits()
    })
    .await;

    let stream = server
        .send("GET /big HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;

    assert!(read_to_end(stream).await.len() > 37_000_000);
    assert_eq!(server.counts.timed_out(TimedOut::Write), 0);
}

#[tokio::test]
async fn a_stalled_body_is_answered_and_its_connection_closed() {
    let server = TestServer::start(ConnectionLimits {
        body: SHORT,
        ..limits()
    })
    .await;
    let began = Instant::now();

    let stream = server
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n12345")
        .await;
    let answer = read_to_end(stream).await;

    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(began.elapsed() >= SHORT);
    assert_eq!(server.counts.timed_out(TimedOut::Body), 1);
}

#[tokio::test]
async fn a_dripping_body_has_its_time_as_a_whole() {
    let limits = ConnectionLimits {
        body: LONG,
        body_total: SHORT,
        ..limits()
    };
    let server = TestServer::start(limits).await;

    let stream = server
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10000\r\n\r\n")
        .await;
    let answer = drip(stream, b"1").await;

    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(server.counts.timed_out(TimedOut::Body), 1);
}

#[tokio::test]
async fn a_body_that_comes_is_read_however_it_is_cut() {
    let server = TestServer::start(ConnectionLimits {
        body: SHORT,
        head: SHORT,
        ..limits()
    })
    .await;
    let head = "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut stream = server.send(head).await;

    for part in ["3\r\nabc\r\n", "2\r\n", "de\r\n", "0\r\n\r\n"] {
        tokio::io::AsyncWriteExt::write_all(&mut stream, part.as_bytes())
            .await
            .unwrap();
    }

    assert!(read_to_end(stream).await.ends_with("abcde"));
}

//! HTTP/2 with prior knowledge.

use std::time::Duration;

use super::common::{SHORT, TestServer, limits, read_to_end, soon};
use runtime::ConnectionLimits;
use runtime::testing::TimedOut;
use tokio::io::AsyncWriteExt;

fn client() -> reqwest::Client {
    reqwest::Client::builder().http2_prior_knowledge().build().unwrap()
}

#[tokio::test]
async fn requests_share_a_connection() {
    let server = TestServer::start(limits()).await;
    let client = client();
    let url = format!("http://{}", server.address);

    let answer = client.get(format!("{url}/livez")).send().await.unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(answer.text().await.unwrap(), "ok");
    let (echo, peer) = tokio::join!(
        async {
            client
                .post(format!("{url}/echo"))
                .body("hello")
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
        },
        async {
            client
                .get(format!("{url}/big"))
                .send()
                .await
                .unwrap()
                .bytes()
                .await
                .unwrap()
        },
    );

    assert_eq!(echo, "hello");
    assert_eq!(peer.len(), 37_000_000);
    assert_eq!(server.counts.accepted(), 1);
}

#[tokio::test]
async fn an_answer_that_is_not_read_is_freed_though_others_are() {
    let mut server = TestServer::start(ConnectionLimits {
        write: SHORT,
        ..limits()
    })
    .await;
    let client = client();
    let url = format!("http://{}", server.address);

    let unread = client.get(format!("{url}/big")).send().await.unwrap();
    let busy = async {
        loop {
            let livez = client.get(format!("{url}/livez")).send();
            let _ = tokio::time::timeout(Duration::from_millis(50), livez).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = server.dropped() => {}
        () = busy => {}
    }

    assert_eq!(server.counts.timed_out(TimedOut::Write), 1);
    drop(unread);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = TestServer::start(ConnectionLimits {
        idle: SHORT,
        ..limits()
    })
    .await;
    let stream = server.connect().await;

    read_to_end(with_request(stream, 0x82, b"/livez", true).await).await;

    assert_eq!(server.counts.timed_out(TimedOut::Idle), 1);
}

#[tokio::test]
async fn a_stalled_body_fails_its_request() {
    let server = TestServer::start(ConnectionLimits {
        body: SHORT,
        idle: SHORT,
        ..limits()
    })
    .await;
    let stream = server.connect().await;

    read_to_end(with_request(stream, 0x83, b"/echo", false).await).await;

    assert_eq!(server.counts.timed_out(TimedOut::Body), 1);
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed() {
    let server = TestServer::start(ConnectionLimits {
        head: SHORT,
        ..limits()
    })
    .await;
    let mut stream = server.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();

    read_to_end(stream).await;

    assert_eq!(server.counts.timed_out(TimedOut::Head), 1);
}

#[tokio::test]
async fn a_shutdown_finishes_a_request_in_flight() {
    let mut server = TestServer::start(limits()).await;
    let request = client().get(format!("http://{}/slow", server.address)).send();
    let request = tokio::spawn(request);
    server.entered().await;

    server.shut_down();
    server.release.add_permits(1);

    let answer = soon(request).await.unwrap().unwrap();
    assert_eq!(answer.text().await.unwrap(), "slow");
    server.ended().await;
}

/// Begins a connection with one request, by the method's index in HPACK's static table.
async fn with_request(mut stream: tokio::net::TcpStream, method: u8, path: &[u8], ends: bool) -> tokio::net::TcpStream {
    let mut head = vec![method, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
    head.extend_from_slice(path);
    head.extend_from_slice(b"\x01\x01a");

    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    bytes.extend(frame(1, 4 | u8::from(ends), 1, &head));
    stream.write_all(&bytes).await.unwrap();
    stream
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 0, u8::try_from(payload.len()).unwrap(), kind, flags, 0, 0, 0, stream];
    frame.extend_from_slice(payload);
    frame
}

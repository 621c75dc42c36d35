//! Requests in order, room for new connections, and the two ways to stop.

use std::time::{Duration, Instant};

use super::common::{SHORT, TestServer, limits, read_to_end, read_until, soon};
use runtime::ConnectionLimits;
use runtime::testing::TimedOut;
use tokio::io::AsyncWriteExt;

const SLOW: &str = "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";
const LIVEZ: &str = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let server = TestServer::start(limits()).await;
    let mut stream = server.send(LIVEZ).await;
    read_until(&mut stream, "ok").await;

    let pipelined = format!("{LIVEZ}GET /peer HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    stream.write_all(pipelined.as_bytes()).await.unwrap();
    let local = stream.local_addr().unwrap().to_string();
    let answers = read_to_end(stream).await;

    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(answers.ends_with(&local), "{answers}");
    assert_eq!(server.counts.accepted(), 1);
}

#[tokio::test]
async fn the_longest_idle_connection_makes_room() {
    let server = TestServer::start(ConnectionLimits {
        max_connections: 3,
        ..limits()
    })
    .await;
    let mut oldest = server.send(LIVEZ).await;
    read_until(&mut oldest, "ok").await;
    let silent = server.connect().await;
    let mut third = server.send(LIVEZ).await;
    read_until(&mut third, "ok").await;
    oldest.write_all(LIVEZ.as_bytes()).await.unwrap();
    read_until(&mut oldest, "ok").await;

    assert!(server.livez().await.ends_with("ok"));

    assert_eq!(read_to_end(silent).await, "");
    assert_eq!(server.counts.evicted(), 1);
    oldest.write_all(LIVEZ.as_bytes()).await.unwrap();
    read_until(&mut oldest, "ok").await;
}

#[tokio::test]
async fn the_server_answers_behind_many_silent_connections() {
    let server = TestServer::start(ConnectionLimits {
        max_connections: 10,
        ..limits()
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(server.send("GET / HT").await);
    }

    assert!(server.livez().await.ends_with("ok"));
    assert!(server.counts.evicted() >= 190);
}

#[tokio::test]
async fn a_connection_too_many_is_refused_while_all_others_are_busy() {
    let mut server = TestServer::start(ConnectionLimits {
        max_connections: 2,
        ..limits()
    })
    .await;
    let mut busy = [server.send(SLOW).await, server.send(SLOW).await];
    server.entered().await;
    server.entered().await;

    let refused = read_to_end(server.connect().await).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert_eq!(server.counts.refused(), 1);

    server.release.add_permits(2);
    read_until(&mut busy[0], "slow").await;
    read_until(&mut busy[1], "slow").await;
    assert!(server.livez().await.ends_with("ok"));
}

#[tokio::test]
async fn a_shutdown_finishes_what_is_in_flight_and_nothing_else() {
    let mut server = TestServer::start(limits()).await;
    let mut idle = server.send(LIVEZ).await;
    read_until(&mut idle, "ok").await;
    let silent = server.connect().await;
    let half = server.send("GET /livez HTTP/1.1\r\nho").await;
    let slow = server.send(SLOW).await;
    server.entered().await;

    server.shut_down();
    assert_eq!(read_to_end(idle).await, "");
    assert_eq!(read_to_end(silent).await, "");
    assert_eq!(read_to_end(half).await, "");

    let began = Instant::now();
    server.release.add_permits(1);
    let answer = read_to_end(slow).await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("slow"),
        "{answer}"
    );
    server.ended().await;
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_a_client_that_does_not_read() {
    let mut server = TestServer::start(ConnectionLimits {
        shutdown: SHORT,
        ..limits()
    })
    .await;
    let mut stream = server.send("GET /big HTTP/1.1\r\nhost: a\r\n\r\n").await;
    read_until(&mut stream, "xxx").await;

    server.shut_down();

    let counts = std::sync::Arc::clone(&server.counts);
    server.ended().await;
    assert_eq!(counts.timed_out(TimedOut::Shutdown), 1);
    assert_eq!(counts.open(), 0);
}

#[tokio::test]
async fn a_kill_waits_for_nothing() {
    let mut server = TestServer::start(limits()).await;
    let slow = server.send(SLOW).await;
    server.entered().await;

    server.shut_down();
    server.kill();

    server.ended().await;
    assert_eq!(read_to_end(slow).await, "");
}

#[cfg(unix)]
#[tokio::test]
async fn the_first_signal_shuts_down_and_the_second_kills() {
    let (shutdown, kill) = runtime::testing::signals();
    let (mut shutdown, mut kill) = (Box::pin(shutdown), Box::pin(kill));

    send_signal("INT");
    tokio::select! {
        () = soon(&mut shutdown) => {}
        () = &mut kill => panic!("the first signal killed"),
    }

    send_signal("TERM");
    soon(kill).await;
}

#[cfg(unix)]
fn send_signal(name: &str) {
    let id = std::process::id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-s", name, &id])
        .status()
        .unwrap();
    assert!(sent.success());
}

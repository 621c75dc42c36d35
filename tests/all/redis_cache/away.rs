//! Redis that is not there, does not answer, or refuses.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use super::support::{Log, Server, connect, free_port, given, keep, options, ready, set};
use runtime::cache::{AnswerCache as _, CacheError, RedisCache, RedisOptions, fresh};

#[tokio::test]
async fn a_server_starts_without_redis_and_says_so_once() {
    if tests::redis().await.is_none() {
        return;
    }
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let port = free_port();
    let cache = RedisCache::connect(&format!("redis://me:secret@127.0.0.1:{port}"), &options("db"))
        .await
        .unwrap();
    for _ in 0..100 {
        assert_eq!(fresh(&cache, "k").await, Err(CacheError::Away));
    }
    let warning = format!("the cache at 127.0.0.1:{port} does not answer; requests go on without it");
    assert_eq!(log.count("WARN", &warning), 1);
    assert_eq!(log.count("", "secret"), 0);

    let server = Server::start_on(port, &["--user", "me", "on", ">secret", "~*", "+@all"]);
    ready(&cache).await;
    keep(&cache, "k", "users", "body").await;
    assert_eq!(given(&cache, "k").await.as_deref(), Some("body"));
    assert_eq!(log.count("INFO", "answers again"), 1);
    assert_eq!(log.count("WARN", "does not answer"), 1);
    drop(server);
}

#[tokio::test]
async fn a_wrong_password_is_warned_of() {
    if tests::redis().await.is_none() {
        return;
    }
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = Server::start(&["--requirepass", "right"]);
    for url in [format!("redis://:wrong@127.0.0.1:{}", server.port), server.url()] {
        let cache = RedisCache::connect(&url, &options("db")).await.unwrap();
        assert_eq!(fresh(&cache, "k").await, Err(CacheError::Away));
        assert!(!cache.health().unwrap().is_answering);
    }
    assert_eq!(log.count("WARN", "does not accept the user and the password"), 1);
    assert_eq!(log.count("WARN", "asks for a password"), 1);
    assert_eq!(log.count("", "wrong"), 0);
}

#[tokio::test]
async fn a_url_that_makes_no_sense_stops_the_start() {
    if tests::redis().await.is_none() {
        return;
    }
    let wrong = async |url| RedisCache::connect(url, &options("db")).await.unwrap_err().to_string();
    assert!(wrong("unix:///run/redis.sock").await.contains("redis+unix:"));
    assert!(wrong("http://cache").await.contains("redis://"));
}

#[tokio::test]
async fn a_redis_that_stops_costs_one_wait_and_then_nothing() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let patience = Duration::from_millis(300);
    let cache = RedisCache::connect(&server.url(), &RedisOptions::new("db").patience(patience))
        .await
        .unwrap();
    keep(&cache, "k", "users", "body").await;

    server.signal("-STOP");
    let start = Instant::now();
    let asked: Vec<_> = (0..500)
        .map(|number| {
            let cache = cache.clone();
            tokio::spawn(async move { fresh(&cache, &format!("k{number}")).await })
        })
        .collect();
    for asked in asked {
        assert_eq!(asked.await.unwrap(), Err(CacheError::Away));
    }
    assert!(
        start.elapsed() < patience * 30,
        "calls at the same time wait together: {:?}",
        start.elapsed()
    );
    assert_eq!(cache.health().unwrap().openings, 1);

    let start = Instant::now();
    for _ in 0..10_000 {
        assert_eq!(fresh(&cache, "k").await, Err(CacheError::Away));
    }
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "later calls touch no socket: {:?}",
        start.elapsed()
    );
    assert!(cache.health().unwrap().skipped >= 10_000);

    server.signal("-CONT");
    ready(&cache).await;
    assert_eq!(given(&cache, "k").await.as_deref(), Some("body"));
}

#[tokio::test]
async fn a_write_while_redis_is_away_leaves_nothing_stale() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let short = RedisOptions::new("db").patience(Duration::from_millis(300));
    let cut_off = RedisCache::connect(&server.url(), &short).await.unwrap();
    let other = connect(&server, "db").await;
    keep(&other, "users", "users", "old").await;
    keep(&other, "notes", "notes", "untouched").await;

    server.signal("-STOP");
    assert_eq!(cut_off.raise(&set(&["users"])).await, Err(CacheError::Away));
    assert_eq!(cut_off.health().unwrap().unraised, 1);
    server.signal("-CONT");
    ready(&cut_off).await;

    assert_eq!(cut_off.health().unwrap().unraised, 0);
    assert_eq!(given(&cut_off, "users").await, None);
    assert_eq!(given(&other, "users").await, None);
    assert_eq!(given(&other, "notes").await.as_deref(), Some("untouched"));
}

#[tokio::test]
async fn more_writes_than_can_be_remembered_drop_every_answer() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let short = RedisOptions::new("db").patience(Duration::from_millis(300));
    let cut_off = RedisCache::connect(&server.url(), &short).await.unwrap();
    let other = connect(&server, "db").await;
    keep(&other, "notes", "notes", "body").await;

    server.signal("-STOP");
    for number in 0..2000 {
        assert_eq!(
            cut_off.raise(&set(&[&format!("table{number}")])).await,
            Err(CacheError::Away)
        );
    }
    assert!(cut_off.health().unwrap().unraised <= 1024);
    server.signal("-CONT");
    ready(&cut_off).await;
    assert_eq!(given(&other, "notes").await, None);
}

#[tokio::test]
async fn a_write_whose_client_hung_up_is_made_known_all_the_same() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let (cache, other) = (connect(&server, "db").await, connect(&server, "db").await);
    keep(&cache, "users", "users", "old").await;
    keep(&cache, "notes", "notes", "untouched").await;
    {
        let tables = set(&["users"]);
        let mut raise = pin!(cache.raise(&tables));
        assert!(
            raise
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    assert_eq!(cache.health().unwrap().unraised, 1);
    assert_eq!(given(&cache, "users").await, None);
    assert_eq!(given(&cache, "notes").await.as_deref(), Some("untouched"));
    ready(&cache).await;
    assert_eq!(given(&other, "users").await, None);
}

#[tokio::test]
async fn a_redis_that_lets_nobody_delete_is_not_read_from() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let cache = connect(&server, "db").await;
    keep(&cache, "k", "users", "old").await;
    let _: () = server.ask(&[b"ACL", b"SETUSER", b"default", b"-del"]).await;
    assert_eq!(cache.raise(&set(&["users"])).await, Err(CacheError::Away));
    assert_eq!(fresh(&cache, "k").await, Err(CacheError::Away));
    let _: () = server.ask(&[b"ACL", b"SETUSER", b"default", b"+del"]).await;
    ready(&cache).await;
    assert_eq!(given(&cache, "k").await, None);
}

#[tokio::test]
async fn a_socket_of_the_system_serves_as_well() {
    if tests::redis().await.is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("redis.sock");
    let path = path.to_string_lossy();
    let _server = Server::start(&["--unixsocket", &path]);
    let cache = RedisCache::connect(&format!("redis+unix://{path}"), &options("db"))
        .await
        .unwrap();
    keep(&cache, "k", "users", "body").await;
    assert_eq!(given(&cache, "k").await.as_deref(), Some("body"));
}

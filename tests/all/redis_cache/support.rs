//! What the tests share: a Redis of each test's own, and what is logged.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use runtime::cache::{ALL, AnswerCache as _, Entry, RedisCache, RedisOptions, fresh};

pub(super) const LONG: Duration = Duration::from_mins(5);

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that ends with the test.
pub(super) struct Server {
    pub(super) port: u16,
    child: Child,
}

impl Server {
    /// Starts a server and waits until it listens.
    pub(super) fn start(arguments: &[&str]) -> Self {
        Self::start_on(free_port(), arguments)
    }

    pub(super) fn start_on(port: u16, arguments: &[&str]) -> Self {
        let port_text = port.to_string();
        let default = ["--port", port_text.as_str()];
        let ports: &[&str] = if arguments.contains(&"--tls-port") {
            &["--port", "0"]
        } else {
            &default
        };
        let tls = port_text.as_str();
        let mut child = Command::new("redis-server")
            .args(ports)
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--daemonize",
                "no",
            ])
            .args(
                arguments
                    .iter()
                    .map(|argument| if *argument == "PORT" { tls } else { argument }),
            )
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The log says when connections are accepted; the rest of it is read away.
        let mut log = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("Ready to accept") {
            line.clear();
            assert!(
                std::io::BufRead::read_line(&mut log, &mut line).unwrap() > 0,
                "the server did not start"
            );
        }
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { port, child }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Stops the process, so that it accepts connections and answers none, or lets it go on.
    pub(super) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// A plain connection, for what the cache does not do itself.
    pub(super) async fn raw(&self) -> redis::aio::MultiplexedConnection {
        redis::Client::open(self.url())
            .unwrap()
            .get_multiplexed_async_connection()
            .await
            .unwrap()
    }

    pub(super) async fn keys(&self, pattern: &str) -> Vec<String> {
        redis::cmd("KEYS")
            .arg(pattern)
            .query_async(&mut self.raw().await)
            .await
            .unwrap()
    }

    pub(super) async fn ask<T: redis::FromRedisValue>(&self, parts: &[&[u8]]) -> T {
        let mut command = redis::Cmd::new();
        for part in parts {
            command.arg(*part);
        }
        command.query_async(&mut self.raw().await).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Patience for a machine that is busy with other tests; what is timed sets its own.
pub(super) fn options(identity: &str) -> RedisOptions {
    RedisOptions::new(identity).patience(Duration::from_secs(5))
}

pub(super) async fn connect(server: &Server, identity: &str) -> RedisCache {
    RedisCache::connect(&server.url(), &options(identity)).await.unwrap()
}

pub(super) fn set(tables: &[&str]) -> BTreeSet<String> {
    tables.iter().map(|&table| table.to_owned()).collect()
}

/// Keeps an answer that read one table.
pub(super) async fn keep(cache: &RedisCache, key: &str, table: &str, body: &str) {
    let tables = vec![table.to_owned(), ALL.to_owned()];
    let numbers = cache.numbers(&tables).await.unwrap();
    let entry = Entry {
        body: body.into(),
        tables: tables.into_iter().zip(numbers).collect(),
    };
    cache.keep(key, entry, LONG).await.unwrap();
}

/// The body of an answer that may be given.
pub(super) async fn given(cache: &RedisCache, key: &str) -> Option<String> {
    fresh(cache, key)
        .await
        .unwrap()
        .map(|entry| String::from_utf8(entry.body).unwrap())
}

/// Waits until Redis answers and knows of every write; a test that waits in vain fails.
pub(super) async fn ready(cache: &RedisCache) {
    tokio::time::timeout(Duration::from_secs(20), cache.ready())
        .await
        .unwrap();
}

/// Gathers what is logged on this thread.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn count(&self, level: &str, text: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|line| line.starts_with(level) && line.contains(text))
            .count()
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("runtime")
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                use std::fmt::Write as _;
                let _ = write!(self.0, " {value:?}");
            }
        }
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

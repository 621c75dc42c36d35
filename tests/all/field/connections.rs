//! Connections that servers close, hold up, lose or refuse.
//! Assumed of the product, and not so at fa6e98c: the code `OUTCOME_UNKNOWN`; a time limit on the client's side of the
//! database (the statement's and two seconds); `target_session_attrs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use runtime::Database;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _};
use tests::{Engine, OwnMariadb, OwnPostgres, empty_database, execute, number};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::served::{CONFIG, Served, code, limited, tables, until};

const SECONDS: Duration = Duration::from_secs(1);

async fn mariadb_numbers(url: &str, sql: &str) -> Vec<i64> {
    let mut connection = sqlx::MySqlConnection::connect(url).await.expect("the server");
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(&mut connection)
        .await
        .expect("numbers")
}

/// So many requests at once, the first of them mutations: none fails.
async fn all_answer(api: &Served, times: usize, why: &str) {
    let write = "mutation { updateMaker(id: 1, input: {country: \"NO\"}) { success } }";
    for (request, field) in [
        (write, "updateMaker"),
        ("{ makers { products { name } } }", "makers"),
        ("{ makers { name } }", "makers"),
    ] {
        for answer in api.ask_at_once(times, request).await {
            assert!(
                code(&answer).is_empty() && !answer["data"][field].is_null(),
                "{why}: {request}: {answer}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_mariadb_closed_are_made_anew() {
    let Some(server) = OwnMariadb::start(&[]) else { return };
    let url = server.create("idle").await;
    execute(&url, &tables(Engine::Mariadb)).await;
    execute(&server.server(), "SET GLOBAL wait_timeout = 1").await;
    let api = Served::tables(&url, 8).await;
    api.warm("{ makers { name } }").await;
    let mine = "SELECT CAST(ID AS SIGNED) FROM information_schema.PROCESSLIST WHERE DB = 'idle'";
    until(20 * SECONDS, async || {
        mariadb_numbers(&server.server(), mine).await.is_empty()
    })
    .await;
    all_answer(&api, 32, "wait_timeout").await;
    execute(&server.server(), "SET GLOBAL wait_timeout = 1000").await;
    let api = Served::tables(&url, 8).await;
    api.warm("{ makers { name } }").await;
    for id in mariadb_numbers(&server.server(), mine).await {
        // One of the pool that timed out may be gone already.
        let mut connection = sqlx::MySqlConnection::connect(&server.server())
            .await
            .expect("the server");
        let _ = sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}")))
            .execute(&mut connection)
            .await;
    }
    all_answer(&api, 32, "KILL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_postgres_closed_are_made_anew() {
    let Some(server) = OwnPostgres::start() else { return };
    let url = server.create("idle").await;
    execute(&url, &tables(Engine::Postgres)).await;
    let api = Served::tables(&url, 8).await;
    api.warm("{ makers { name } }").await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'idle'";
    assert!(number(&server.url("postgres"), end).await >= 8);
    all_answer(&api, 32, "pg_terminate_backend").await;
    execute(&url, "ALTER DATABASE idle SET idle_session_timeout = '300ms'").await;
    let api = Served::tables(&url, 8).await;
    api.warm("{ makers { name } }").await;
    let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'idle' AND application_name = 'graphql'";
    number(&server.url("postgres"), end).await;
    until(20 * SECONDS, async || number(&server.url("postgres"), left).await == 0).await;
    all_answer(&api, 32, "idle_session_timeout").await;
    server.kill();
    server.start_again();
    all_answer(&api, 32, "a restart").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_table_is_answered_from_warm_connections() {
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::Mariadb] {
        let Some(url) = empty_database(engine, "altered").await else {
            continue;
        };
        execute(
            &url,
            "CREATE TABLE items (id BIGINT PRIMARY KEY, v INT, w VARCHAR(10)); INSERT INTO items VALUES (1, 7, 'x')",
        )
        .await;
        let api = Served::new(&url, 8, "[tables.items]\nactions = [\"update\"]").await;
        let (read, write) = (
            "{ items { id v w } }",
            "mutation { updateItem(id: 1, input: {v: 7}) { success item { v w } } }",
        );
        let changes: &[(&str, Value)] = match engine {
            Engine::Postgres => &[
                (
                    "ALTER TABLE items ALTER COLUMN w TYPE text",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
                (
                    "ALTER TABLE items ALTER COLUMN v TYPE bigint",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
                (
                    "ALTER TABLE items DROP COLUMN v; ALTER TABLE items ADD COLUMN v int DEFAULT 7",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
                (
                    "ALTER TABLE items ADD COLUMN more int",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
            ],
            Engine::Mariadb => &[
                (
                    "ALTER TABLE items MODIFY w TEXT",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
                (
                    "ALTER TABLE items MODIFY v BIGINT",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
                (
                    "ALTER TABLE items DROP COLUMN v, ADD COLUMN w2 INT FIRST; ALTER TABLE items ADD COLUMN v INT DEFAULT 7",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
            ],
            Engine::Sqlite => &[
                (
                    "ALTER TABLE items DROP COLUMN v; ALTER TABLE items ADD COLUMN v INT DEFAULT 7",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
                (
                    "ALTER TABLE items ADD COLUMN more INT",
                    json!([{"id": "1", "v": 7, "w": "x"}]),
                ),
            ],
        };
        for request in [read, write] {
            api.warm(request).await;
        }
        for (change, expected) in changes {
            execute(&url, change).await;
            for answer in api.ask_at_once(64, write).await {
                assert_eq!(
                    answer["data"]["updateItem"]["item"],
                    json!({"v": 7, "w": "x"}),
                    "{engine}: {change}: {answer}"
                );
            }
            for answer in api.ask_at_once(64, read).await {
                assert_eq!(answer["data"]["items"], *expected, "{engine}: {change}: {answer}");
            }
        }
    }
}

/// A server that stands still is said to be away soon after the time limit; the next who ask hear it sooner than that.
async fn stands_still(engine: Engine, url: &str, pause: impl FnOnce(), resume: impl FnOnce()) {
    let limit = 5 * SECONDS;
    let database = Database::connect_with(url, limited(4, limit))
        .await
        .expect("the database");
    let api = Served::over(url, database, CONFIG).await;
    let request = "{ makers { products { name } } }";
    api.warm(request).await;
    pause();
    let write = "mutation { createMaker(input: {name: \"x\"}) { success } }";
    for (round, most) in [
        (request, limit + 4 * SECONDS),
        (write, limit + 4 * SECONDS),
        (request, 4 * SECONDS),
    ] {
        let began = Instant::now();
        for answer in api.ask_at_once(16, round).await {
            assert_eq!(code(&answer), "DATABASE_UNAVAILABLE", "{engine}: {round}: {answer}");
        }
        assert!(began.elapsed() < most, "{engine}: {round}: {:?}", began.elapsed());
    }
    resume();
    until(10 * SECONDS, async || api.code(request).await.is_empty()).await;
    until(10 * SECONDS, async || {
        api.ask_at_once(16, request)
            .await
            .iter()
            .all(|answer| code(answer).is_empty())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_holds_nobody_up() {
    if let Some(server) = OwnPostgres::start() {
        let url = server.create("still").await;
        execute(&url, &tables(Engine::Postgres)).await;
        stands_still(Engine::Postgres, &url, || server.pause(), || server.resume()).await;
    }
    if let Some(server) = OwnMariadb::start(&[]) {
        let url = server.create("still").await;
        execute(&url, &tables(Engine::Mariadb)).await;
        stands_still(Engine::Mariadb, &url, || server.pause(), || server.resume()).await;
    }
}

/// Passes everything on to a server, until the answer comes that has a word, or that follows a question with it: then
/// the line is cut, and the answer is lost.
struct Line {
    port: u16,
    /// How often it is to be cut still.
    cuts: Arc<AtomicUsize>,
}

impl Line {
    async fn to(server: u16, word: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let cuts = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&cuts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.expect("the server");
                tokio::spawn(pass(client, server, word, Arc::clone(&left)));
            }
        });
        Self { port, cuts }
    }

    fn cut_once(&self) {
        self.cuts.store(1, Ordering::SeqCst);
    }

    fn is_cut(&self) -> bool {
        self.cuts.load(Ordering::SeqCst) == 0
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, word: &'static str, cuts: Arc<AtomicUsize>) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let has = |bytes: &[u8]| {
        bytes
            .windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    let mut is_asked = false;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(length @ 1..) => {
                    is_asked |= has(&asked[..length]);
                    if server.write_all(&asked[..length]).await.is_err() { return }
                }
                _ => return,
            },
            read = server.read(&mut answered) => match read {
                Ok(length @ 1..) => {
                    let is_it = is_asked || has(&answered[..length]);
                    if is_it && cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() { return }
                    is_asked = false;
                    if client.write_all(&answered[..length]).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_commit_is_said_to_be_unknown() {
    let (postgres, mariadb) = (OwnPostgres::start(), OwnMariadb::start(&[]));
    let mut servers = Vec::new();
    if let Some(server) = &postgres {
        servers.push((Engine::Postgres, server.create("lost").await, server.port()));
    }
    if let Some(server) = &mariadb {
        servers.push((Engine::Mariadb, server.create("lost").await, server.port()));
    }
    for (engine, url, port) in servers {
        execute(&url, &tables(engine)).await;
        // PostgreSQL answers with what it did, however it was asked for; MySQL is asked in text, and answers without.
        let words = match engine {
            Engine::Postgres => [("C\0\0\0\x0bCOMMIT\0", true), ("INSERT 0 1\0", false)],
            _ => [("\x03COMMIT", true), ("meanwhile", false)],
        };
        for (word, is_kept) in words {
            let line = Line::to(port, word).await;
            let through = url.replacen(&format!(":{port}/"), &format!(":{}/", line.port), 1);
            let api = Served::over(&url, Database::connect(&through, 3).await.expect("the line"), CONFIG).await;
            api.data("{ makers { name } }").await;
            let create =
                |name: &str| format!("mutation {{ createMaker(input: {{name: \"{name} {is_kept}\"}}) {{ success }} }}");
            api.data(&create("before")).await;
            line.cut_once();
            let answer = api.ask(&create("meanwhile")).await;
            assert!(line.is_cut(), "{engine}: {word:?}: the line held");
            let count =
                format!("{{ makersAggregate(filters: {{name: {{eq: \"meanwhile {is_kept}\"}}}}) {{ count }} }}");
            let kept = api.data(&count).await["makersAggregate"]["count"].clone();
            if is_kept {
                assert_eq!(
                    (code(&answer), &kept),
                    ("OUTCOME_UNKNOWN".into(), &json!(1)),
                    "{engine}: {answer}"
                );
            } else {
                // Nothing was kept yet: it is done again, or was not done.
                let is_done = answer["data"]["createMaker"]["success"] == true;
                assert_eq!(kept, json!(i32::from(is_done)), "{engine}: {answer}");
                assert!(is_done || code(&answer) == "DATABASE_UNAVAILABLE", "{engine}: {answer}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_ends_its_statement_on_mariadb() {
    let Some(server) = OwnMariadb::start(&[]) else { return };
    let url = server.create("gone").await;
    execute(
        &url,
        "CREATE VIEW naps AS SELECT 1 AS id, SLEEP(60) AS word; CREATE TABLE quick (id INT PRIMARY KEY)",
    )
    .await;
    let api = Arc::new(Served::new(&url, 4, "[tables.naps]\nkey = [\"id\"]").await);
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let api = Arc::clone(&api);
            tokio::spawn(async move { api.ask("{ naps { word } }").await })
        })
        .collect();
    let running = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'gone' AND COMMAND <> 'Sleep'";
    until(10 * SECONDS, async || {
        mariadb_numbers(&server.server(), running).await == [4]
    })
    .await;
    for client in clients {
        client.abort();
    }
    // The statements would take a minute, and the server's own limit is 30 s.
    until(15 * SECONDS, async || {
        mariadb_numbers(&server.server(), running).await == [0]
    })
    .await;
    let began = Instant::now();
    for answer in api.ask_at_once(8, "{ quicks { id } }").await {
        assert_eq!(answer["data"]["quicks"], json!([]), "{answer}");
    }
    assert!(began.elapsed() < 15 * SECONDS, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_that_can_be_written_to_is_found() {
    let (Some(first), Some(second)) = (OwnPostgres::start(), OwnPostgres::start()) else {
        return;
    };
    for server in [&first, &second] {
        let url = server.create("hosts").await;
        execute(&url, &tables(Engine::Postgres)).await;
    }
    // It takes no writes, as a standby and as one that its owner closed.
    execute(
        &first.url("postgres"),
        "ALTER DATABASE hosts SET default_transaction_read_only = on",
    )
    .await;
    let hosts = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/hosts?target_session_attrs=read-write&connect_timeout=3",
        first.port(),
        second.port()
    );
    for what in ["read only", "a standby", "gone"] {
        match what {
            "a standby" => {
                execute(&first.url("postgres"), "ALTER DATABASE hosts RESET ALL").await;
                first.stand_by();
            }
            "gone" => first.kill(),
            _ => {}
        }
        let database = Database::connect(&hosts, 3).await.expect("the second");
        let api = Served::over(&second.url("hosts"), database, CONFIG).await;
        let answer = api
            .ask(&format!(
                "mutation {{ createMaker(input: {{name: \"{what}\"}}) {{ success }} }}"
            ))
            .await;
        assert_eq!(answer["data"]["createMaker"]["success"], true, "{what}: {answer}");
        let kept = format!("SELECT count(*) FROM makers WHERE name = '{what}'");
        assert_eq!(number(&second.url("hosts"), &kept).await, 1, "{what}");
    }
    // The other way round: whoever only reads may stay with a standby.
    first.start_again();
    let any = hosts.replace("read-write", "any");
    let api = Served::over(
        &first.url("hosts"),
        Database::connect(&any, 3).await.expect("the first"),
        CONFIG,
    )
    .await;
    assert_eq!(
        api.data("{ makersAggregate { count } }").await["makersAggregate"]["count"],
        3
    );
    assert_eq!(
        api.code("mutation { deletePart(id: 1) { success } }").await,
        "READ_ONLY"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_no_place_left_is_away_and_what_is_there_is_used() {
    let request = "{ makers { products { name } } }";
    let check = async |api: &Served, why: &str| {
        let answers = api.ask_at_once(32, request).await;
        for answer in &answers {
            assert!(
                ["", "DATABASE_UNAVAILABLE"].contains(&&*code(answer)),
                "{why}: {answer}"
            );
        }
        assert!(
            answers.iter().all(|answer| code(answer).is_empty()),
            "{why}: one connection is enough, and is waited for"
        );
    };
    if let Some(server) = OwnPostgres::start_with(&["max_connections = 10", "superuser_reserved_connections = 0"]) {
        let url = server.create("filled").await;
        execute(&url, &tables(Engine::Postgres)).await;
        let api = Served::tables(&url, 16).await;
        api.data(request).await;
        let mut held = Vec::new();
        while let Ok(connection) = sqlx::PgConnection::connect(&server.url("postgres")).await {
            held.push(connection);
        }
        check(&api, "53300").await;
        assert!(Database::connect(&url, 1).await.is_err());
    }
    if let Some(server) = OwnMariadb::start(&[]) {
        let url = server.create("filled").await;
        execute(&url, &tables(Engine::Mariadb)).await;
        execute(
            &url,
            "CREATE USER app@localhost WITH MAX_USER_CONNECTIONS 2; GRANT ALL ON filled.* TO app@localhost",
        )
        .await;
        let own = url.replacen("//root@", "//app@", 1);
        check(&Served::tables(&own, 16).await, "1203 and 1226").await;
        execute(&url, "SET GLOBAL max_connections = 10").await;
        let api = Served::tables(&own.replacen("//app@", "//root@", 1), 16).await;
        check(&api, "1040").await;
    }
}

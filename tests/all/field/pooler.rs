//! PgBouncer with the settings that its package comes with: no answer is another's.

use std::sync::Arc;

use runtime::Database;
use serde_json::{Value, json};
use tests::{Engine, OwnPostgres, PgBouncer, execute, live_registry, number};

use super::served::{CONFIG, Served, limited, tables};

const CLIENTS: usize = 16;
const REQUESTS: usize = 10_000;

/// A request of one of many texts, and its answer.
fn request(at: usize) -> (String, Value) {
    let id = at / 4 % 100 + 1;
    let row = |id: usize| json!({"id": id.to_string(), "word": format!("w{id}")});
    match at % 4 {
        0 => (format!("{{ word(id: {id}) {{ id word }} }}"), json!({"word": row(id)})),
        1 => {
            let rows: Vec<Value> = (id..id + 2).filter(|id| *id <= 100).map(row).collect();
            (
                format!(
                    "{{ words(limit: 2, offset: {}, orderBy: [{{id: ASC}}]) {{ id word }} }}",
                    id - 1
                ),
                json!({ "words": rows }),
            )
        }
        2 => {
            let notes = json!([{"body": format!("n{id}")}]);
            (
                format!("{{ word(id: {id}) {{ word notes {{ body }} }} }}"),
                json!({"word": {"word": format!("w{id}"), "notes": notes}}),
            )
        }
        _ => {
            let payload =
                json!({"success": true, "note": {"body": format!("n{id}"), "word": {"word": format!("w{id}")}}});
            let text = format!(
                "mutation {{ updateNote(id: {id}, input: {{seen: {at}}}) {{ success note {{ body word {{ word }} }} }} }}"
            );
            (text, json!({ "updateNote": payload }))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_anothers_behind_a_pooler() {
    let Some(server) = OwnPostgres::start() else { return };
    for mode in ["session", "transaction"] {
        let Some(pooler) = PgBouncer::start(&server, mode) else {
            return;
        };
        let direct = server.create(mode).await;
        execute(&direct, "CREATE TABLE words (id INT PRIMARY KEY, word TEXT NOT NULL);
            CREATE TABLE notes (id INT PRIMARY KEY, word_id INT NOT NULL REFERENCES words (id), body TEXT NOT NULL, seen INT);
            INSERT INTO words SELECT n, 'w' || n FROM generate_series(1, 100) n;
            INSERT INTO notes SELECT n, n, 'n' || n, 0 FROM generate_series(1, 100) n").await;
        let url = pooler.url(mode);
        // Reading the catalog goes through it as well.
        drop(live_registry(&url).await);
        // In session mode each connection keeps one of the pooler's four.
        let connections = if mode == "session" { 3 } else { CLIENTS as u32 };
        let database = Database::connect(&url, connections).await.expect("the pooler");
        let api = Arc::new(Served::over(&direct, database, "[tables.notes]\nactions = [\"update\"]").await);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let api = Arc::clone(&api);
                tokio::spawn(async move {
                    let mut wrong = Vec::new();
                    for at in (client..REQUESTS).step_by(CLIENTS) {
                        let (text, data) = request(at);
                        let answer = api.ask(&text).await;
                        if answer != json!({ "data": data }) {
                            wrong.push(format!("{text}: {answer}"));
                        }
                    }
                    wrong
                })
            })
            .collect();
        let mut wrong = Vec::new();
        for client in clients {
            wrong.extend(client.await.expect("no panic"));
        }
        assert!(
            wrong.is_empty(),
            "{mode}: {} of {REQUESTS} wrong, such as {}",
            wrong.len(),
            wrong[0]
        );
        assert_eq!(
            number(&direct, "SELECT count(*) FROM notes WHERE seen > 0").await,
            100,
            "{mode}"
        );
        // The pooler is started anew, as for a new version: the next requests answer.
        pooler.kill();
        pooler.start_again();
        for answer in api.ask_at_once(32, "{ word(id: 7) { word } }").await {
            assert_eq!(answer, json!({"data": {"word": {"word": "w7"}}}), "{mode}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_moment_and_the_time_limit_hold_behind_a_pooler() {
    let Some(server) = OwnPostgres::start() else { return };
    let Some(pooler) = PgBouncer::start(&server, "transaction") else {
        return;
    };
    let direct = server.create("pooled").await;
    execute(&direct, &tables(Engine::Postgres)).await;
    execute(
        &direct,
        "CREATE VIEW naps AS SELECT 1::bigint AS id, (SELECT 'slept'::text FROM pg_sleep(20)) AS word",
    )
    .await;
    let limit = std::time::Duration::from_secs(1);
    let database = Database::connect_with(&pooler.url("pooled"), limited(4, limit))
        .await
        .expect("the pooler");
    let api = Served::over(&direct, database, &format!("{CONFIG}\n[tables.naps]\nkey = [\"id\"]")).await;
    let began = std::time::Instant::now();
    assert_eq!(api.code("{ naps { word } }").await, "TIMEOUT");
    assert!(began.elapsed() < 10 * limit, "{:?}", began.elapsed());
    // What the limit was for one is no other's: nothing of it stays with the server's connections.
    let isolation = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'pooled' AND state LIKE 'idle in%'";
    assert_eq!(number(&direct, isolation).await, 0);
}

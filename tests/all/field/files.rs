//! SQLite files that are full, closed to writers, replaced or gone; and errors after which SQLite itself rolls back.
//! Assumed of the product, and not so at fa6e98c: `READ_ONLY`; files that cannot be written to are served.

use std::path::{Path, PathBuf};
use std::process::Command;

use runtime::Database;
use serde_json::json;
use tests::{Engine, empty_database, execute, temporary_folder};

use super::served::{Served, code};

const TABLES: &str = "
    CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT UNIQUE ON CONFLICT ROLLBACK);
    CREATE TABLE counters (id INTEGER PRIMARY KEY, n INT NOT NULL, body TEXT);
    CREATE TABLE marks (id INTEGER PRIMARY KEY, counter_id INTEGER NOT NULL REFERENCES counters (id));
    CREATE TRIGGER thirteen BEFORE UPDATE ON counters WHEN NEW.n = 13 BEGIN SELECT RAISE(ROLLBACK, 'not thirteen'); END;
    INSERT INTO counters VALUES (1, 0, 'x'); INSERT INTO marks VALUES (1, 1);";

const CONFIG: &str = "[tables.members]\nactions = [\"create\"]\n[tables.counters]\nactions = [\"create\", \"update\"]";

/// Every connection reads two levels and writes.
async fn all_is_well(api: &Served, why: &str) {
    for answer in api.ask_at_once(20, "{ counters { id marks { id } } }").await {
        assert_eq!(
            answer["data"]["counters"][0]["marks"],
            json!([{"id": "1"}]),
            "{why}: {answer}"
        );
    }
    for at in 20..40 {
        let answer = api
            .ask(&format!(
                "mutation {{ updateCounter(id: 1, input: {{n: {at}}}) {{ counter {{ n }} }} }}"
            ))
            .await;
        assert_eq!(answer["data"]["updateCounter"]["counter"]["n"], at, "{why}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_ends_the_transaction_ends_no_more() {
    let url = empty_database(Engine::Sqlite, "rolled_back")
        .await
        .expect("SQLite needs no server");
    execute(&url, TABLES).await;
    let api = Served::new(&url, 4, CONFIG).await;
    api.warm("{ counters { id marks { id } } }").await;
    let member = "mutation { createMember(input: {email: \"zz\"}) { success errors { code } } }";
    assert_eq!(api.data(member).await["createMember"]["success"], true);
    for _ in 0..8 {
        let again = api.data(member).await;
        assert_eq!(
            again["createMember"],
            json!({"success": false, "errors": [{"code": "UNIQUE"}]})
        );
    }
    all_is_well(&api, "ON CONFLICT ROLLBACK").await;
    for _ in 0..8 {
        let both = api.ask("mutation { a: createCounter(input: {n: 1}) { success } b: updateCounter(id: 1, input: {n: 13}) { success } }").await;
        assert_ne!(both["data"]["b"]["success"], true, "{both}");
    }
    all_is_well(&api, "RAISE(ROLLBACK)").await;
    assert_eq!(
        api.data("{ countersAggregate { count } }").await["countersAggregate"]["count"],
        1,
        "nothing of `a` is kept"
    );
}

/// A small file system in memory, for root; it goes with this value.
struct Disk(PathBuf);

impl Disk {
    fn new(size: &str) -> Option<Self> {
        let disk = Self(temporary_folder());
        let path = disk.0.to_string_lossy().into_owned();
        if mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", &path]) {
            return Some(disk);
        }
        std::mem::forget(disk);
        eprintln!("SKIPPED: only root makes file systems");
        None
    }

    fn change(&self, options: &str) {
        assert!(
            mount(&["-o", &format!("remount,{options}"), &self.0.to_string_lossy()]),
            "remount {options}"
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(arguments: &[&str]) -> bool {
    let quiet = std::process::Stdio::null;
    Command::new("mount")
        .args(arguments)
        .stdout(quiet())
        .stderr(quiet())
        .status()
        .is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_no_more_trouble_once_there_is_room() {
    let Some(disk) = Disk::new("400k") else { return };
    let file = disk.0.join("full.sqlite");
    std::fs::write(&file, b"").expect("a file");
    let url = format!("sqlite://{}", file.display());
    execute(&url, TABLES).await;
    let api = Served::new(&url, 4, CONFIG).await;
    api.warm("{ counters { id marks { id } } }").await;
    let text = "x".repeat(50_000);
    let mut refused = 0;
    for _ in 0..20 {
        let answer = api
            .ask(&format!(
                "mutation {{ createCounter(input: {{n: 1, body: \"{text}\"}}) {{ success }} }}"
            ))
            .await;
        if answer["data"]["createCounter"]["success"] != true {
            assert_eq!(code(&answer), "DATABASE_FULL", "{answer}");
            refused += 1;
        }
    }
    assert!(refused > 3, "there was room for all");
    // What is there can be read meanwhile.
    for answer in api.ask_at_once(20, "{ counters(limit: 1) { id marks { id } } }").await {
        assert_eq!(answer["data"]["counters"][0]["marks"], json!([{"id": "1"}]), "{answer}");
    }
    disk.change("size=20m");
    all_is_well(&api, "SQLITE_FULL").await;
    let kept = api.data("{ countersAggregate { count } }").await["countersAggregate"]["count"].clone();
    assert_eq!(kept, json!(21 - refused), "what was said to be kept is");
}

/// The two bytes of the header that say how the file is written: 1 with a journal, 2 with a log (WAL).
fn journal(file: &Path) -> u8 {
    std::fs::read(file).expect("the file")[18]
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_a_file_changes_nothing_of_it() {
    for (mode, number) in [("DELETE", 1), ("WAL", 2)] {
        let url = empty_database(Engine::Sqlite, "journal")
            .await
            .expect("SQLite needs no server");
        let file = PathBuf::from(url.trim_start_matches("sqlite://"));
        execute(&url, &format!("PRAGMA journal_mode = {mode}; {TABLES}")).await;
        let before = std::fs::read(&file).expect("the file");
        let api = Served::new(&url, 4, CONFIG).await;
        api.warm("{ counters { id marks { id } } }").await;
        assert!(
            mode == "WAL" || before == std::fs::read(&file).expect("the file"),
            "reading changed the file"
        );
        all_is_well(&api, mode).await;
        api.registry.database().close();
        assert_eq!(journal(&file), number, "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_to_is_served() {
    let check = async |url: &str, why: &str| {
        let api = Served::new(url, 4, CONFIG).await;
        for answer in api.ask_at_once(16, "{ counters { n marks { id } } }").await {
            assert_eq!(
                answer,
                json!({"data": {"counters": [{"n": 0, "marks": [{"id": "1"}]}]}}),
                "{why}"
            );
        }
        for request in [
            "mutation { updateCounter(id: 1, input: {n: 1}) { success } }",
            "mutation { createCounter(input: {n: 1}) { success } }",
        ] {
            assert_eq!(api.code(request).await, "READ_ONLY", "{why}: {request}");
        }
    };
    for mode in ["DELETE", "WAL"] {
        let url = empty_database(Engine::Sqlite, "closed")
            .await
            .expect("SQLite needs no server");
        execute(
            &url,
            &format!("PRAGMA journal_mode = {mode}; {TABLES} PRAGMA wal_checkpoint(TRUNCATE)"),
        )
        .await;
        check(&format!("{url}?mode=ro"), &format!("mode=ro, {mode}")).await;
        check(&format!("{url}?immutable=true"), &format!("immutable, {mode}")).await;
        // A file system that takes no writes, and a folder of it; rights of files do not stop root.
        let Some(disk) = Disk::new("4m") else { continue };
        let file = disk.0.join("closed.sqlite");
        std::fs::copy(url.trim_start_matches("sqlite://"), &file).expect("a copy");
        disk.change("ro");
        check(
            &format!("sqlite://{}", file.display()),
            &format!("a read-only folder, {mode}"),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_never_go_into_a_file_that_is_gone() {
    let url = empty_database(Engine::Sqlite, "replaced")
        .await
        .expect("SQLite needs no server");
    let file = PathBuf::from(url.trim_start_matches("sqlite://"));
    execute(&url, &format!("PRAGMA journal_mode = DELETE; {TABLES}")).await;
    let api = Served::new(&url, 4, CONFIG).await;
    api.warm("{ counters { id marks { id } } }").await;
    // Another takes its place, as a backup that is put back does.
    let other = empty_database(Engine::Sqlite, "replacement")
        .await
        .expect("SQLite needs no server");
    execute(
        &other,
        &format!("PRAGMA journal_mode = DELETE; {TABLES} UPDATE counters SET n = 7"),
    )
    .await;
    std::fs::rename(other.trim_start_matches("sqlite://"), &file).expect("the same file system");
    let write = "mutation { createCounter(input: {n: 5}) { success } }";
    let answer = api.ask(write).await;
    let is_done = answer["data"]["createCounter"]["success"] == true;
    assert!(is_done || code(&answer) == "DATABASE_UNAVAILABLE", "{answer}");
    let now = Database::connect(&url, 1).await.expect("the new file");
    let now = Served::over(&url, now, CONFIG).await;
    let kept = now.data("{ counters(orderBy: [{id: ASC}]) { n } }").await;
    let expected = if is_done {
        json!([{"n": 7}, {"n": 5}])
    } else {
        json!([{"n": 7}])
    };
    assert_eq!(
        kept["counters"], expected,
        "what was said to be kept is in the file that is there"
    );
    for answer in api.ask_at_once(16, "{ counter(id: 1) { n marks { id } } }").await {
        assert!(
            answer["data"]["counter"]["n"] == 7 || code(&answer) == "DATABASE_UNAVAILABLE",
            "{answer}"
        );
    }
    // Nothing takes its place.
    std::fs::remove_file(&file).expect("the file");
    for _ in 0..4 {
        assert_eq!(api.code(write).await, "DATABASE_UNAVAILABLE");
    }
    assert!(!file.exists(), "no empty file is made instead");
}

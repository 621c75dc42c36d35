//! Settings that real servers have: the answers are the same under all of them.
//! Assumed of the product, and not so at fa6e98c: the code `READ_ONLY`; `charset` and `timezone` of a URL are refused.

use std::time::{Duration, Instant};

use runtime::Database;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _};
use tests::{Engine, OwnMariadb, OwnPostgres, execute, number};

use super::served::{CONFIG, Served, tables};

/// Requests in their order, and under each its `data`, which was checked by hand.
const SUITE: &str = include_str!("settings_suite.txt");

fn requests() -> Vec<(&'static str, Value)> {
    let mut requests = Vec::new();
    let mut request = "";
    for line in SUITE.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(data) => requests.push((request, serde_json::from_str(data).expect("JSON"))),
            None => request = line,
        }
    }
    requests
}

/// What is wrong of the suite's answers, of a database as [`tables`] makes it.
async fn wrong_answers(api: &Served, setting: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (request, data) in requests() {
        let answer = api.ask(request).await;
        if answer.get("errors").is_some() || answer["data"] != data {
            wrong.push(format!("{setting}: {request}\n  {answer}"));
        }
    }
    wrong
}

/// The same of the requests that change nothing, which come first.
async fn wrong_reads(api: &Served, setting: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (request, data) in requests()
        .into_iter()
        .take_while(|(request, _)| !request.starts_with("mutation"))
    {
        let answer = api.ask(request).await;
        if answer["data"] != data {
            wrong.push(format!("{setting}: {request}\n  {answer}"));
        }
    }
    wrong
}

/// The number that a query of MariaDB answers, to a connection that has nothing of the server's settings.
pub(super) async fn mariadb_number(url: &str, sql: &str) -> i64 {
    let mut connection = sqlx::MySqlConnection::connect(url).await.expect("the server");
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(&mut connection)
        .await
        .expect("a number")
}

/// What is stored is what was sent, whoever looks: the text by its bytes, the moment by its seconds.
const STORED_MARIADB: &str = "SELECT (SELECT COUNT(*) FROM makers
      WHERE HEX(name) = 'C5BD6C75C5A520C2A9F09F9880205C2027') + (SELECT COUNT(*) FROM products WHERE name = 'New'
      AND UNIX_TIMESTAMP(made_at) = 1730611800 AND HEX(raw) = '00FF5C27' AND CAST(price * 100 AS SIGNED) = 125)";
const STORED_POSTGRES: &str = "SELECT (SELECT COUNT(*) FROM public.makers
      WHERE encode(convert_to(name, 'UTF8'), 'hex') = 'c5bd6c75c5a520c2a9f09f9880205c2027') + (SELECT COUNT(*) FROM public.products
      WHERE name = 'New' AND extract(epoch FROM made_at) = 1730611800 AND encode(raw, 'hex') = '00ff5c27' AND price = 1.25)";

/// What makes a setting global, and what takes it back. They hold for connections that are made afterwards.
const MARIADB: &[(&str, &str)] = &[
    ("sql_mode = ''", "sql_mode = DEFAULT"),
    ("sql_mode = 'ANSI_QUOTES'", "sql_mode = DEFAULT"),
    ("sql_mode = 'ANSI'", "sql_mode = DEFAULT"),
    ("sql_mode = 'ORACLE'", "sql_mode = DEFAULT"),
    ("sql_mode = 'MSSQL'", "sql_mode = DEFAULT"),
    (
        "sql_mode = 'TRADITIONAL,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,IGNORE_SPACE,REAL_AS_FLOAT'",
        "sql_mode = DEFAULT",
    ),
    (
        "sql_mode = 'NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY,NO_UNSIGNED_SUBTRACTION'",
        "sql_mode = DEFAULT",
    ),
    (
        "sql_mode = 'EMPTY_STRING_IS_NULL,TIME_ROUND_FRACTIONAL,NO_AUTO_VALUE_ON_ZERO'",
        "sql_mode = DEFAULT",
    ),
    ("autocommit = 0", "autocommit = 1"),
    (
        "init_connect = 'SET autocommit = 0, sql_mode = ANSI_QUOTES, sql_safe_updates = 1'",
        "init_connect = ''",
    ),
    ("completion_type = 'CHAIN'", "completion_type = 'NO_CHAIN'"),
    ("completion_type = 'RELEASE'", "completion_type = 'NO_CHAIN'"),
    ("sql_safe_updates = 1", "sql_safe_updates = 0"),
    ("tx_isolation = 'READ-COMMITTED'", "tx_isolation = 'REPEATABLE-READ'"),
    ("tx_isolation = 'READ-UNCOMMITTED'", "tx_isolation = 'REPEATABLE-READ'"),
    ("tx_isolation = 'SERIALIZABLE'", "tx_isolation = 'REPEATABLE-READ'"),
    ("innodb_snapshot_isolation = 1", "innodb_snapshot_isolation = 0"),
    ("time_zone = '+05:30'", "time_zone = 'SYSTEM'"),
    ("foreign_key_checks = 0", "foreign_key_checks = 1"),
    ("unique_checks = 0", "unique_checks = 1"),
    ("max_statement_time = 5", "max_statement_time = 0"),
    ("innodb_lock_wait_timeout = 1", "innodb_lock_wait_timeout = 50"),
    ("group_concat_max_len = 4", "group_concat_max_len = DEFAULT"),
    ("sql_auto_is_null = 1", "sql_auto_is_null = 0"),
    ("div_precision_increment = 0", "div_precision_increment = DEFAULT"),
    ("lc_messages = 'de_DE'", "lc_messages = DEFAULT"),
    ("character_set_client = latin1", "character_set_client = DEFAULT"),
    (
        "collation_connection = latin1_swedish_ci",
        "collation_connection = DEFAULT",
    ),
    (
        "optimizer_switch = 'derived_merge=off,derived_with_keys=off,semijoin=off,materialization=off'",
        "optimizer_switch = DEFAULT",
    ),
    // Not in the field's report: lists end after so many rows without a word, and a table is missed at start.
    ("sql_select_limit = 2", "sql_select_limit = DEFAULT"),
    // The same: no start, "the SELECT would examine more than MAX_JOIN_SIZE rows".
    ("max_join_size = 4", "max_join_size = DEFAULT"),
];

/// A user as a program has one, with all rights on a database and none on the server, so that `init_connect` is for him.
pub(super) async fn app(server: &OwnMariadb, database: &str) -> String {
    for host in ["localhost", "127.0.0.1"] {
        let grant = format!("CREATE USER IF NOT EXISTS app@'{host}'; GRANT ALL ON {database}.* TO app@'{host}'");
        execute(&server.server(), &grant).await;
    }
    format!("mysql://app@127.0.0.1:{}/{database}", server.port())
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_answers_the_same_under_every_setting() {
    let Some(server) = OwnMariadb::start(&[]) else { return };
    let mut wrong = Vec::new();
    for (at, (set, unset)) in MARIADB.iter().enumerate() {
        let name = format!("setting{at}");
        let url = server.create(&name).await;
        execute(&url, &tables(Engine::Mariadb)).await;
        let own = app(&server, &name).await;
        execute(&server.server(), &format!("SET GLOBAL {set}")).await;
        let api = Served::tables(&own, 2).await;
        wrong.extend(wrong_answers(&api, set).await);
        execute(&server.server(), &format!("SET GLOBAL {unset}")).await;
        if mariadb_number(&url, STORED_MARIADB).await != 2 {
            wrong.push(format!("{set}: what is stored is not what was sent"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_answers_the_same_however_it_was_started() {
    let mut wrong = Vec::new();
    for options in [
        &["--log-bin=bin", "--server-id=1", "--binlog-format=STATEMENT"][..],
        &[
            "--log-bin=bin",
            "--server-id=1",
            "--binlog-format=MIXED",
            "--innodb-autoinc-lock-mode=2",
        ][..],
        &[
            "--lower-case-table-names=1",
            "--default-time-zone=+05:30",
            "--explicit-defaults-for-timestamp=OFF",
        ][..],
        &[
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_general_ci",
            "--skip-name-resolve",
        ][..],
    ] {
        let Some(server) = OwnMariadb::start(options) else {
            return;
        };
        let url = server.create("started").await;
        execute(&url, &tables(Engine::Mariadb)).await;
        let api = Served::tables(&url, 2).await;
        let differs =
            |line: &String| options[0].contains("character") && (line.contains("orderBy") || line.contains("max {"));
        wrong.extend(
            wrong_answers(&api, &options.join(" "))
                .await
                .into_iter()
                .filter(|line| !differs(line)),
        );
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
}

/// Settings of a database (`ALTER DATABASE .. SET`), each for connections that are made afterwards.
const POSTGRES: &[&str] = &[
    "default_transaction_isolation = 'serializable'",
    "default_transaction_isolation = 'read committed'",
    "default_transaction_deferrable = on",
    "DateStyle = 'SQL, DMY'",
    "IntervalStyle = 'sql_standard'",
    "TimeZone = 'Asia/Kolkata'",
    "bytea_output = 'escape'",
    "extra_float_digits = -5",
    "standard_conforming_strings = off",
    "backslash_quote = off",
    "search_path = other, public",
    "client_encoding = 'LATIN1'",
    "statement_timeout = '1s'",
    "lock_timeout = '300ms'",
    "idle_in_transaction_session_timeout = '1s'",
    "array_nulls = off",
    "transform_null_equals = on",
    "plan_cache_mode = 'force_generic_plan'",
    "jit_above_cost = 0",
    "work_mem = '64kB'",
    "row_security = off",
    "xmloption = 'document'",
];

/// Functions that stand in the way of `public`; made once the catalog is read.
const DECOYS: &str = "CREATE SCHEMA other;
    CREATE FUNCTION other.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'decoy' $$;
    CREATE FUNCTION other.lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'decoy' $$;
    CREATE FUNCTION other.count(bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT 77::bigint $$;
    CREATE FUNCTION other.jsonb_typeof(jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'decoy' $$;";

#[tokio::test(flavor = "multi_thread")]
async fn postgres_answers_the_same_under_every_setting() {
    let Some(server) = OwnPostgres::start() else { return };
    let mut wrong = Vec::new();
    for (at, setting) in POSTGRES.iter().enumerate() {
        let url = server.create(&format!("setting{at}")).await;
        execute(&url, &tables(Engine::Postgres)).await;
        execute(&url, &format!("ALTER DATABASE setting{at} SET {setting}")).await;
        let api = Served::tables(&url, 2).await;
        if setting.starts_with("search_path") {
            execute(&url, DECOYS).await;
        }
        wrong.extend(wrong_answers(&api, setting).await);
        execute(&url, &format!("ALTER DATABASE setting{at} RESET ALL")).await;
        if number(&url, STORED_POSTGRES).await != 2 {
            wrong.push(format!("{setting}: what is stored is not what was sent"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_on_postgres_is_answered_and_writes_nothing() {
    let Some(server) = OwnPostgres::start() else { return };
    let url = server.create("reader").await;
    execute(&url, &tables(Engine::Postgres)).await;
    execute(
        &url,
        "CREATE ROLE reader LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO reader;
        ALTER ROLE reader SET default_transaction_read_only = on",
    )
    .await;
    let own = url.replacen("//postgres@", "//reader@", 1);
    let api = Served::tables(&own, 2).await;
    assert_eq!(wrong_reads(&api, "read only").await, Vec::<String>::new());
    for request in [
        "mutation { createMaker(input: {name: \"x\"}) { success } }",
        "mutation { deletePart(id: 1) { success } }",
    ] {
        assert_eq!(api.code(request).await, "READ_ONLY", "{request}");
    }
    assert_eq!(
        number(
            &url,
            "SELECT (SELECT count(*) FROM makers) + (SELECT count(*) FROM parts)"
        )
        .await,
        9
    );
}

/// A view whose one row takes five seconds to come.
fn naps(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => {
            "CREATE VIEW naps AS SELECT 1::bigint AS id, (SELECT 'slept'::text FROM pg_sleep(25)) AS word"
        }
        _ => "CREATE VIEW naps AS SELECT 1 AS id, SLEEP(25) AS word",
    }
}

const NAPS: &str = "[tables.naps]\nkey = [\"id\"]";

#[tokio::test(flavor = "multi_thread")]
async fn a_time_limit_that_the_owner_set_is_not_loosened() {
    let mut api = Vec::new();
    let postgres = OwnPostgres::start();
    if let Some(server) = &postgres {
        let url = server.create("limited").await;
        execute(&url, naps(Engine::Postgres)).await;
        execute(
            &url,
            "CREATE ROLE hasty LOGIN; GRANT SELECT ON naps TO hasty; ALTER ROLE hasty SET statement_timeout = '1s'",
        )
        .await;
        api.push((
            Engine::Postgres,
            Served::new(&url.replacen("//postgres@", "//hasty@", 1), 2, NAPS).await,
        ));
    }
    let mariadb = OwnMariadb::start(&["--max-statement-time=1"]);
    if let Some(server) = &mariadb {
        let url = server.create("limited").await;
        execute(&url, naps(Engine::Mariadb)).await;
        api.push((Engine::Mariadb, Served::new(&url, 2, NAPS).await));
    }
    for (engine, api) in api {
        let began = Instant::now();
        assert_eq!(api.code("{ naps { word } }").await, "TIMEOUT", "{engine}");
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{engine}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_cannot_take_utc_or_utf8_away() {
    let Some(server) = OwnMariadb::start(&[]) else { return };
    let url = server.create("url").await;
    execute(&url, &tables(Engine::Mariadb)).await;
    for (parameter, is_good) in [
        ("timezone=%2B05:00", false),
        ("time-zone=%2B05:00", false),
        ("charset=latin1", false),
        ("charset=utf8mb3", false),
        ("charset=utf8mb4", true),
        ("timezone=%2B00:00", true),
        ("collation=utf8mb4_bin", true),
        ("statement-cache-capacity=3", true),
    ] {
        match Database::connect(&format!("{url}?{parameter}"), 2).await {
            Ok(database) => {
                let api = Served::over(&url, database, CONFIG).await;
                // One that the driver takes no notice of does no harm either.
                let is_right = wrong_reads(&api, parameter).await.is_empty();
                assert!(
                    is_right && (is_good || parameter.starts_with("time-")),
                    "{parameter} is taken"
                );
            }
            Err(error) => assert!(!is_good, "{parameter}: {error}"),
        }
    }
}

pub(super) const LEVELS: &str = "
    CREATE TABLE customers (id BIGINT PRIMARY KEY, balance INT NOT NULL);
    CREATE TABLE orders (id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, total INT NOT NULL,
      FOREIGN KEY (customer_id) REFERENCES customers (id));
    CREATE TABLE items (id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL, price INT NOT NULL,
      FOREIGN KEY (order_id) REFERENCES orders (id));
    INSERT INTO customers VALUES (1, 0); INSERT INTO orders VALUES (1, 1, 0); INSERT INTO items VALUES (1, 1, 0);";

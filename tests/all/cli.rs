//! The generator's command line, as a user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sqlx::{Connection, Executor};
use tests::{Engine, empty_database, shop, shops, temporary_folder};

/// The program that cargo built beside this one.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("this program");
    path.pop();
    path.pop();
    path.push("codegen");
    assert!(
        path.is_file(),
        "the whole workspace is tested at once: `cargo test --workspace`"
    );
    path
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program())
        .args(arguments)
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .env("NO_COLOR", "1")
        .output()
        .expect("the program")
}

fn errors(output: &Output) -> String {
    // Messages are wrapped to the terminal's width; a test looks for words.
    String::from_utf8_lossy(&output.stderr)
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("text"))
        })
        .collect();
    files.sort();
    files
}

const APPS: [&str; 6] = [
    "--app",
    "users=users",
    "--app",
    "products=products,categories,reviews,tags,product_tags",
    "--app",
    "orders=order*,cart*",
];

#[tokio::test(flavor = "multi_thread")]
async fn generating_twice_gives_the_same_bytes_and_check_says_so() {
    for shop in shops().await {
        let folder = temporary_folder();
        let generate = |out: &str| {
            let arguments: Vec<&str> = ["--db", &shop.url, "--out", out].into_iter().chain(APPS).collect();
            let output = run(&folder, &arguments);
            assert!(output.status.success(), "{}", errors(&output));
            output
        };
        let first = generate("a");
        assert!(
            text(&first).contains("products.rs"),
            "the written files are on standard output"
        );
        generate("b");
        let written = files(&folder.join("a"));
        assert_eq!(written, files(&folder.join("b")), "{}", shop.engine);
        let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "catalog.json",
                "mod.rs",
                "orders.cart.rs",
                "orders.cart_item.rs",
                "orders.graphql",
                "orders.order.rs",
                "orders.order_item.rs",
                "orders.rs",
                "products.category.rs",
                "products.graphql",
                "products.product.rs",
                "products.product_tag.rs",
                "products.review.rs",
                "products.rs",
                "products.tag.rs",
                "users.graphql",
                "users.rs",
                "users.user.rs"
            ]
        );
        assert_eq!(text(&generate("a")), "", "a second run changes nothing");
        let check: Vec<&str> = ["--check", "--out", "a"].into_iter().chain(APPS).collect();
        let output = run(&folder, &check);
        assert!(output.status.success(), "{}", errors(&output));
        assert!(errors(&output).contains("up to date"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_table_fails_the_check_with_a_readable_difference() {
    let url = empty_database(Engine::Sqlite, "changing")
        .await
        .expect("SQLite needs no server");
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the file");
    connection
        .execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL)")
        .await
        .expect("a table");
    let folder = temporary_folder();
    assert!(run(&folder, &["--db", &url]).status.success());
    let before = files(&folder.join("generated"));
    connection
        .execute("ALTER TABLE notes ADD COLUMN stars INT")
        .await
        .expect("a column");
    let output = run(&folder, &["--db", &url, "--check"]);
    assert_eq!(output.status.code(), Some(1));
    let difference = text(&output);
    for line in [
        "+    pub stars: Option<i32>,",
        "+  stars: Int",
        "+++ main.note.rs (generated)",
    ] {
        assert!(difference.contains(line), "{line} in {difference}");
    }
    assert_eq!(files(&folder.join("generated")), before, "--check writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_generated_is_swept_or_overwritten() {
    let url = empty_database(Engine::Sqlite, "sweeping")
        .await
        .expect("SQLite needs no server");
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the file");
    connection
        .execute("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY)")
        .await
        .expect("tables");
    let folder = temporary_folder();
    assert!(
        run(&folder, &["--db", &url, "--app", "x=a", "--app", "y=b"])
            .status
            .success()
    );
    let generated = folder.join("generated");
    std::fs::write(generated.join("mine.rs"), "// my own\n").expect("a file");
    let output = run(&folder, &["--db", &url, "--app", "x=a,b"]);
    assert!(output.status.success(), "{}", errors(&output));
    let names: Vec<String> = files(&generated).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "catalog.json",
            "mine.rs",
            "mod.rs",
            "x.a.rs",
            "x.b.rs",
            "x.graphql",
            "x.rs"
        ]
    );
    std::fs::write(generated.join("x.rs"), "// my own, too\n").expect("a file");
    let output = run(&folder, &["--db", &url, "--app", "x=a,b"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        errors(&output).contains("was not written by this program and would be overwritten"),
        "{}",
        errors(&output)
    );
    assert_eq!(
        std::fs::read_to_string(generated.join("x.rs")).expect("it"),
        "// my own, too\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_and_empty_databases() {
    let url = empty_database(Engine::Sqlite, "odd")
        .await
        .expect("SQLite needs no server");
    let folder = temporary_folder();
    let output = run(&folder, &["--db", &url]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        errors(&output).contains("there is no table to generate from"),
        "{}",
        errors(&output)
    );
    assert!(!folder.join("generated").exists(), "a failed run writes nothing");
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the file");
    connection
        .execute(
            "CREATE TABLE type (id INTEGER PRIMARY KEY, \"1st col\" TEXT, \"größe\" INT, \"a-b\" INT, \"self\" INT, \"q\"\"uote\" TEXT);
             INSERT INTO type VALUES (1, 'one', 2, 3, 4, 'five')",
        )
        .await
        .expect("a table");
    let output = run(&folder, &["--db", &url]);
    assert!(output.status.success(), "{}", errors(&output));
    assert!(
        errors(&output)
            .contains("column `1st col` of `main.type` has a name that is not valid in GraphQL; it becomes `_1stCol`")
    );
    let code = std::fs::read_to_string(folder.join("generated/main.type.rs")).expect("the code");
    for part in [
        "pub struct Type {",
        "pub _1st_col: Option<String>",
        "pub grosse: Option<i32>",
        "pub self_: Option<i32>",
        "columns = r#type",
    ] {
        assert!(code.contains(part), "{part} in {code}");
    }
    let url_only = ["serve", "--db", &url, "--listen", "127.0.0.1:0"];
    let answer = ask_served(&url_only, "main", "{ type(id: 1) { _1stCol grosse aB self qUote } }").await;
    assert_eq!(
        answer["data"]["type"],
        serde_json::json!({"_1stCol": "one", "grosse": 2, "aB": 3, "self": 4, "qUote": "five"})
    );
}

/// Runs `codegen serve`, reads its address, asks one query, and stops it.
async fn ask_served(arguments: &[&str], schema: &str, query: &str) -> serde_json::Value {
    use std::io::{BufRead as _, BufReader};
    let mut child = Command::new(program())
        .args(arguments)
        .env_remove("DATABASE_URL")
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program");
    let messages = BufReader::new(child.stderr.take().expect("invariant: it is piped"));
    let address = messages
        .lines()
        .map_while(Result::ok)
        .find(|line| line.trim_end().ends_with(&format!("/graphql/{schema}/")))
        .expect("the address of the schema");
    let client = reqwest::Client::new();
    let response = client
        .post(address.trim())
        .json(&serde_json::json!({ "query": query }))
        .send()
        .await;
    let answer = response.expect("an answer").json().await.expect("JSON");
    child.kill().expect("it runs");
    child.wait().expect("it ended");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_answers_what_the_generated_code_answers() {
    let query = "{ products(limit: 4, offset: 2) { id price category { name parent { name } } reviews(limit: 2) { rating createdAt user { role } } } }";
    let apps: Vec<&str> = vec!["--app", "everything=*"];
    for shop in shops().await {
        let arguments: Vec<&str> = ["serve", "--db", &shop.url, "--listen", "127.0.0.1:0"]
            .into_iter()
            .chain(apps.clone())
            .collect();
        let served = ask_served(&arguments, "everything", query).await;
        let registry = shop.registry().await;
        let request = runtime::testing::Request {
            query: query.into(),
            ..Default::default()
        };
        let answer = registry
            .find("shop")
            .expect("the schema")
            .engine()
            .execute(request)
            .await;
        let expected: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(served, expected, "{}", shop.engine);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_that_cannot_be_reached() {
    let folder = temporary_folder();
    let failed = |url: &str| {
        let output = run(&folder, &["--db", url]);
        assert_eq!(output.status.code(), Some(2), "{url}");
        errors(&output)
    };
    let closed = failed("postgres://u:secret@127.0.0.1:1/x");
    assert!(
        closed.contains("connection refused") && closed.contains("check that the server is running"),
        "{closed}"
    );
    assert!(!closed.contains("secret"), "{closed}");
    let host = failed("postgres://u@no-such-host.invalid/x");
    assert!(host.contains("check the host's name"), "{host}");
    let scheme = failed("oracle://x");
    assert!(
        scheme.contains("unsupported database scheme `oracle`") && scheme.contains("`postgres`, `mysql`"),
        "{scheme}"
    );
    let file = failed("sqlite://nothing-here.sqlite");
    assert!(file.contains("check the file's path"), "{file}");
    if let Some(shop) = shop(Engine::Mariadb).await {
        let password = failed(&shop.url.replace("root@", "nobody:wrong@"));
        assert!(
            password.contains("check user and password") && !password.contains("wrong@"),
            "{password}"
        );
        let database = failed(&shop.url.replace("/shop", "/nix"));
        assert!(database.contains("check the database's name"), "{database}");
    }
    if let Some(shop) = shop(Engine::Postgres).await {
        let database = failed(&shop.url.replace("/shop", "/nix"));
        assert!(database.contains("check the database's name"), "{database}");
    }
    assert!(!folder.join("generated").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_that_are_wrong() {
    let folder = temporary_folder();
    let output = run(&folder, &[]);
    assert!(
        errors(&output).contains("no database is given, and there is no snapshot"),
        "{}",
        errors(&output)
    );
    std::fs::create_dir(folder.join("generated")).expect("a folder");
    std::fs::write(folder.join("generated/catalog.json"), "{\"format\": 99}").expect("a file");
    let output = run(&folder, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        errors(&output).contains("the snapshot has format 99, this program reads format 3; renew it"),
        "{}",
        errors(&output)
    );
    std::fs::write(folder.join("codegen.toml"), "outptu = \"x\"").expect("a file");
    assert!(errors(&run(&folder, &[])).contains("did you mean `output`?"));
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    std::fs::write(
        folder.join("codegen.toml"),
        "[schemas.one]\napps = [\"usres\"]\nversion = \"x\"\n[tables.product]\nomit = true\n",
    )
    .expect("a file");
    let all = errors(&run(&folder, &["--db", &shop.url]));
    for part in [
        "there is no app `usres`",
        "`x` is not a semantic version",
        "the database has no such table",
        "did you mean `products`?",
    ] {
        assert!(
            all.contains(part),
            "all errors of a run are shown together: {part} in {all}"
        );
    }
    std::fs::remove_file(folder.join("codegen.toml")).expect("it");
    std::fs::write(folder.join("file"), "").expect("a file");
    let unwritable = run(&folder, &["--db", &shop.url, "--out", "file/below"]);
    assert_eq!(unwritable.status.code(), Some(2));
    assert!(
        errors(&unwritable).contains("cannot write `file/below"),
        "{}",
        errors(&unwritable)
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let output = run(&folder, &["serve", "--db", &shop.url, "--listen", &address]);
    assert!(
        errors(&output).contains("another program uses the port"),
        "{}",
        errors(&output)
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_ends_in_good_order_when_it_is_told_to() {
    use std::io::{BufRead as _, BufReader};
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let mut child = Command::new(program())
        .args(["serve", "--db", &shop.url, "--listen", "127.0.0.1:0"])
        .env_remove("DATABASE_URL")
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program");
    let messages = BufReader::new(child.stderr.take().expect("invariant: it is piped"));
    messages
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("/graphql/"))
        .expect("it serves");
    let told = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(told.success());
    assert!(child.wait().expect("it ended").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_left_out_of_the_command_that_serves_it() {
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let folder = temporary_folder();
    let output = run(
        &folder,
        &["--db", &shop.url, "--exclude", "users", "--exclude", "cart*"],
    );
    assert!(output.status.success(), "{}", errors(&output));
    assert!(
        errors(&output).contains("--exclude 'users' --exclude 'cart*'"),
        "{}",
        errors(&output)
    );
    assert!(
        !files(&folder.join("generated"))
            .iter()
            .any(|(_, text)| text.contains("pub struct User "))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_rules_are_named_with_the_next_step() {
    let shop = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let folder = temporary_folder();
    for (rule, words) in [
        ("roles = []\nactions = [\"read\"]", "`roles` is empty"),
        ("roles = [\"a\"]\nactions = [\"write\"]", "read"),
        (
            "roles = [\"a\"]\nactions = [\"read\"]\nrows = \"owner = 1\"",
            "no column `owner`",
        ),
        (
            "roles = [\"a\"]\nactions = [\"read\"]\nrows = \"client.id = 1\"",
            "no relation `client`",
        ),
        (
            "roles = [\"a\"]\nactions = [\"read\"]\nrows = \"user_id = $viewer.name\"",
            "$viewer.name",
        ),
        (
            "roles = [\"a\"]\nactions = [\"read\"]\nhidden = [\"id\"]",
            "primary key",
        ),
        (
            "roles = [\"a\"]\nactions = [\"read\"]\nhiden = [\"note\"]",
            "did you mean `hidden`?",
        ),
        (
            "roles = [\"a\"]\nactions = [\"create\"]\npreset = { total = [1] }",
            "preset.total",
        ),
    ] {
        std::fs::write(
            folder.join("codegen.toml"),
            format!("[[tables.orders.policies]]\n{rule}\n"),
        )
        .expect("the file");
        let output = run(&folder, &["--db", &shop.url]);
        assert_eq!(output.status.code(), Some(2), "{rule}: {}", errors(&output));
        assert!(errors(&output).contains(words), "{rule}: {}", errors(&output));
        assert!(!folder.join("generated").exists(), "{rule}");
    }
}

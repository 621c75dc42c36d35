//! Columns that look like secrets: a warning that says what to write, and a server that leaves them out.

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use support::{codegen, database, errors, run};

const TABLES: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, password TEXT, apiKey TEXT,
        password_changed_at DATETIME);
    CREATE TABLE \"quo\"\"te\" (id INTEGER PRIMARY KEY, access_token TEXT);
    INSERT INTO users (id, name, password, apiKey) VALUES (1, 'ann', 'x', 'k');";

fn generate(folder: &Path, url: &str, config: &str) -> String {
    std::fs::write(folder.join("codegen.toml"), config).expect("the file");
    let output = run(folder, &["--db", url]);
    assert!(output.status.success(), "{}", errors(&output));
    errors(&output)
}

fn warnings(said: &str) -> usize {
    said.matches("looks like a secret").count()
}

#[test]
fn each_secret_that_somebody_may_read_is_named_with_the_lines_to_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = database(folder.path(), "a.sqlite", TABLES);
    let said = generate(folder.path(), &url, "");
    assert_eq!(warnings(&said), 3, "{said}");
    for words in [
        "column `password` of `main.users` looks like a secret, and everybody may read it",
        "below `[tables.users]` in codegen.toml, `columns.password.omit = true` leaves it out",
        "`columns.apiKey.shown = true` says that it is meant to be shown",
        "below `[tables.\"quo\\\"te\"]` in codegen.toml, `columns.access_token.omit = true`",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }

    // The hints, followed literally.
    let answered = "[tables.users]\ncolumns.password.omit = true\ncolumns.apiKey.shown = true\n\
                    [tables.\"quo\\\"te\"]\ncolumns.access_token.omit = true\n";
    assert_eq!(warnings(&generate(folder.path(), &url, answered)), 0);
    let code = std::fs::read_to_string(folder.path().join("generated/main.user.rs")).expect("code");
    assert!(code.contains("pub api_key: ") && !code.contains("pub password: ") && !code.contains("access_token"));
}

#[test]
fn a_policy_covers_a_secret_if_none_of_its_readers_sees_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = database(folder.path(), "a.sqlite", TABLES);
    let rest = "exclude = [\"quo*\"]\n[tables.users]\ncolumns.apiKey.shown = true\n";
    let policy = |roles: &str, hidden: &str| {
        format!("[[tables.users.policies]]\nroles = [{roles}]\nactions = [\"read\"]\nhidden = [{hidden}]\n")
    };
    let said = |policies: &[String]| generate(folder.path(), &url, &format!("{rest}{}", policies.concat()));

    assert_eq!(warnings(&said(&[policy("\"staff\"", "\"password\"")])), 0);
    let shown = said(&[policy("\"staff\"", ""), policy("\"anyone\"", "\"password\"")]);
    assert!(
        shown.contains("looks like a secret, and `staff` may read it"),
        "{shown}"
    );
}

#[test]
fn a_column_cannot_be_left_out_and_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = database(folder.path(), "a.sqlite", TABLES);
    let config = "[tables.users]\ncolumns.password.omit = true\ncolumns.password.shown = true\n";
    std::fs::write(folder.path().join("codegen.toml"), config).expect("the file");
    let output = run(folder.path(), &["--db", &url]);
    assert!(
        errors(&output).contains("`omit` and `shown` exclude each other"),
        "{}",
        errors(&output)
    );
}

/// Runs `codegen serve`; returns its standard error, and the headers and body of the response to a query.
fn serve_and_query(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], query: &str) -> (String, String) {
    let mut child = codegen(folder, &[&["serve"], arguments].concat())
        .envs(variables.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");

    let mut said = String::new();
    let mut lines = BufReader::new(child.stderr.take().expect("invariant: it is piped"))
        .lines()
        .map_while(Result::ok);
    let address = lines.find_map(|line| {
        said.push_str(&line);
        said.push('\n');
        line.trim().starts_with("http://").then(|| line.trim().to_owned())
    });

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let body = format!("{{\"query\": \"{query}\"}}");
    let answer = address.map(|address| {
        runtime.block_on(async {
            let request = reqwest::Client::new()
                .post(address)
                .header("content-type", "application/json");
            request
                .header("origin", "https://shop.example")
                .body(body)
                .send()
                .await
                .expect("an answer")
        })
    });

    let headers = answer
        .as_ref()
        .map(|answer| format!("{:?}", answer.headers()))
        .unwrap_or_default();
    let answer = answer
        .map(|answer| runtime.block_on(answer.text()).expect("text"))
        .unwrap_or_default();

    child.kill().expect("it runs");
    child.wait().expect("its end");
    said.extend(lines.map(|line| line + "\n"));
    (said, headers + &answer)
}

#[test]
fn serve_leaves_secrets_out_and_says_so_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = database(folder.path(), "a.sqlite", TABLES);
    let listen = ["--db", &url, "--listen", "127.0.0.1:0"];
    let (said, answer) = serve_and_query(folder.path(), &listen, &[], "{ users { name password } }");
    assert!(answer.contains("password") && !answer.contains("\\\"x\\\""), "{answer}");
    let line = "not served, because they look like secrets: quo\"te.access_token, users.password, users.apiKey; ";
    assert_eq!(said.matches(line).count(), 1, "{said}");
    assert_eq!(warnings(&said), 0, "{said}");

    let config = "[tables.\"main.users\"]\ncolumns.password.shown = true\n";
    std::fs::write(folder.path().join("codegen.toml"), config).expect("the file");
    let (said, answer) = serve_and_query(folder.path(), &listen, &[], "{ users { name password } }");
    assert!(answer.contains(r#"{"name":"ann","password":"x"}"#), "{answer}");
    assert!(
        said.contains("users.apiKey;") && !said.contains("users.password"),
        "{said}"
    );
}

#[test]
fn serve_obeys_the_environment_and_an_argument_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = database(folder.path(), "a.sqlite", "CREATE TABLE notes (id INTEGER PRIMARY KEY)");
    let variables = [
        ("GRAPHQL_LISTEN", "127.0.0.2:0"),
        ("GRAPHQL_CORS_ORIGINS", "https://shop.example"),
        ("RUST_LOG", "runtime=info"),
    ];
    let (said, answer) = serve_and_query(folder.path(), &["--db", &url], &variables, "{ notes { id } }");
    assert!(said.contains("http://127.0.0.2:") && said.contains("INFO"), "{said}");
    assert!(
        answer.contains("https://shop.example") && answer.contains("{\"notes\":[]}"),
        "{answer}"
    );

    let arguments = ["--db", url.as_str(), "--listen", "127.0.0.1:0"];
    let (said, _) = serve_and_query(folder.path(), &arguments, &variables[..1], "{ notes { id } }");
    assert!(said.contains("http://127.0.0.1:") && !said.contains("INFO"), "{said}");

    for (name, value) in [
        ("GRAPHQL_API_KEYS", "admin:nothing"),
        ("GRAPHQL_LISTEN", "nowhere"),
        ("REDIS_URL", "http://127.0.0.1:1"),
        ("RUST_LOG", "runtime=loud"),
    ] {
        let output = codegen(folder.path(), &["serve", "--db", &url])
            .env(name, value)
            .output()
            .expect("the program");
        assert_eq!(output.status.code(), Some(2), "{name}");
        let said = errors(&output);
        assert!(
            said.contains(name) || said.to_lowercase().contains("redis"),
            "{name}: {said}"
        );
    }
}

//! A running shop, and clients that send requests to it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tests::{Engine, empty_database};

/// The shop's program with its own database; dropping this value stops the program.
pub(super) struct Server {
    pub(super) engine: Engine,
    pub(super) url: String,
    pub(super) base: String,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client, signed in or not.
#[derive(Clone)]
pub(super) struct Client {
    base: String,
    http: reqwest::Client,
    token: Option<String>,
}

/// Starts a shop on every installed database.
pub(super) async fn shops(name: &str) -> Vec<Server> {
    let mut servers = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::Mariadb] {
        servers.extend(shop(engine, name).await);
    }
    servers
}

/// Starts a shop on one database; `None` if the database is not installed.
pub(super) async fn shop(engine: Engine, name: &str) -> Option<Server> {
    let url = empty_database(engine, name).await?;

    // The shop creates the SQLite file itself, as on its first start.
    if engine == Engine::Sqlite {
        std::fs::remove_file(url.trim_start_matches("sqlite://")).expect("the empty file");
    } else {
        let seeded = Command::new(env!("CARGO_BIN_EXE_shop"))
            .args(["--seed", "--db", &url])
            .status();
        assert!(seeded.expect("the shop").success());
    }

    let mut child = Command::new(env!("CARGO_BIN_EXE_shop"))
        .args(["--db", &url, "--listen", "127.0.0.1:0", "--connections", "24"])
        .env("RUST_LOG", "error")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the shop");

    let mut lines = BufReader::new(child.stderr.take().expect("invariant: it is piped"));
    let mut line = String::new();
    let base = loop {
        line.clear();
        assert!(
            lines.read_line(&mut line).expect("the shop's output") > 0,
            "the shop ended"
        );
        if let Some(at) = line.find("http://") {
            break line[at..].split('/').take(3).collect::<Vec<_>>().join("/");
        }
    };

    std::thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            eprintln!("{line}");
        }
    });

    Some(Server {
        engine,
        url,
        base,
        child,
    })
}

impl Server {
    pub(super) fn anonymous(&self) -> Client {
        Client {
            base: self.base.clone(),
            http: reqwest::Client::new(),
            token: None,
        }
    }

    pub(super) async fn sign_in(&self, username: &str) -> Client {
        self.anonymous().sign_in(username, "correct horse").await
    }
}

impl Client {
    pub(super) async fn sign_in(&self, username: &str, password: &str) -> Self {
        let query = "mutation($u: String!, $p: String!) { login(username: $u, password: $p) { token } }";
        let answer = self
            .ask_with("user_schema", query, json!({"u": username, "p": password}))
            .await;
        let token = answer["data"]["login"]["token"].as_str().map(str::to_owned);
        assert!(token.is_some(), "{answer}");
        Self { token, ..self.clone() }
    }

    pub(super) async fn ask(&self, schema: &str, query: &str) -> Value {
        self.ask_with(schema, query, json!({})).await
    }

    pub(super) async fn ask_with(&self, schema: &str, query: &str, variables: Value) -> Value {
        let mut request = self.http.post(format!("{}/graphql/{schema}/", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }

        let body = json!({"query": query, "variables": variables});
        request
            .json(&body)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    /// Sends a request that must succeed; returns its `data`.
    pub(super) async fn data(&self, schema: &str, query: &str) -> Value {
        let mut answer = self.ask(schema, query).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].take()
    }
}

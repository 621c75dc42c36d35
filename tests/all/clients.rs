//! Clients of GraphQL and of the management API, and audits of both, run by the languages' own programs.

use serde_json::{Value, json};

use super::management::{client, keys};

/// A tool of its own, where it is installed: `tests/run` sees to that.
fn python() -> Option<std::path::PathBuf> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    if path.exists() {
        return Some(path);
    }
    let message = "the Python tools are not installed; `tests/run` installs them";
    assert!(!std::env::vars().any(|(name, _)| name == "CI"), "{message}");
    eprintln!("SKIPPED: {message}");
    None
}

async fn run(program: &std::path::Path, arguments: Vec<String>) {
    let program = program.to_owned();
    // What they leave behind is gone with the test.
    let folder = tests::temporary_folder();
    let output = tokio::task::spawn_blocking(move || {
        std::process::Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .output()
    });
    let output = output.await.expect("no panic").expect("the program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
}

/// A script of `tests/clients`, where its packages are installed: `tests/run` sees to that.
async fn web_client(script: &str, urls: &[String]) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let version = std::process::Command::new("node").arg("--version").output();
    let version = version
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    let major: Option<u32> = version
        .strip_prefix('v')
        .and_then(|version| version.split('.').next()?.parse().ok());
    let is_new = major.is_some_and(|major| major >= 20);

    if !is_new || !folder.join("node_modules").exists() {
        let message = "these clients need Node 20 and `npm install` in tests/clients, which `tests/run` does";
        assert!(
            !std::env::vars().any(|(name, _)| name == "CI"),
            "{message}; node says {version:?}"
        );
        eprintln!("SKIPPED: {message}");
        return;
    }

    let mut arguments = vec![folder.join(script).display().to_string()];
    arguments.extend_from_slice(urls);
    run(std::path::Path::new("node"), arguments).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apollo_client_reads_answers_and_refusals_and_persists_queries() {
    let server = client().await;
    let guarded = json!({"name": "guarded", "apps": ["users"], "settings": {"require_authentication": true}});
    let (status, answer) = server.rest("POST", "/schemas/", Some(guarded)).await;
    assert_eq!(status, 201, "{answer}");

    let urls = ["products", "guarded"].map(|name| format!("{}/graphql/{name}/", server.base));
    web_client("apollo.mjs", &urls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urql_keeps_orders_and_persists_queries() {
    let server = client().await;
    web_client("urql.mjs", &[format!("{}/graphql/products/", server.base)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_over_http_passes_the_audit_and_both_forms_of_a_schema_agree() {
    let server = client().await;
    let urls = ["products", "orders", "users", "shop"].map(|name| format!("{}/graphql/{name}/", server.base));
    web_client("audit.mjs", &urls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_typescript_compiles_and_refuses_two_keys_in_one_order() {
    let server = client().await;
    web_client("types.mjs", &[format!("{}/graphql/products/", server.base)]).await;
}

/// Without the phase of sequences: it deletes all schemas in one step, and misses them in the next.
#[tokio::test(flavor = "multi_thread")]
async fn the_management_api_is_what_its_document_says() {
    let Some(python) = python() else { return };
    let server = client().await;
    let document = format!("{}/api/v1/openapi.json", server.base);
    let arguments = [
        "-m",
        "schemathesis.cli",
        "run",
        &document,
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        "30",
        "--seed",
        "1",
    ];
    run(&python, arguments.map(str::to_owned).to_vec()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_is_valid() {
    let Some(python) = python() else { return };
    let client = client().await;
    let document = client
        .http
        .get(format!("{}/api/v1/openapi.json", client.base))
        .send()
        .await
        .expect("it");
    let text = document.text().await.expect("text");
    let parsed: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(parsed["openapi"], "3.1.0");
    assert_eq!(keys(&parsed["paths"]).len(), 8);
    let file = tests::temporary_folder().join("openapi.json");
    std::fs::write(&file, text).expect("the file");
    let script =
        "import json, sys; from openapi_spec_validator import validate; validate(json.load(open(sys.argv[1])))";
    run(&python, vec!["-c".into(), script.into(), file.display().to_string()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_speak_to_a_running_server() {
    let clients = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/clients");
    let server = client().await;
    if let Some(python) = python() {
        let script = clients.join("python/try_it.py").display().to_string();
        run(&python, vec![script, server.base.clone()]).await;
    }
    let node = std::path::Path::new("node");
    if std::process::Command::new(node).arg("--version").output().is_ok() {
        let script = clients.join("javascript/tryIt.mjs").display().to_string();
        run(node, vec![script, server.base.clone()]).await;
    } else {
        assert!(!std::env::vars().any(|(name, _)| name == "CI"), "node is not installed");
        eprintln!("SKIPPED: node is not installed; install it with `apt-get install nodejs`");
    }
}

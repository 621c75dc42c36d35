//! The management API's document and its clients, run by the languages' own programs.

use serde_json::Value;

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
    let output = tokio::task::spawn_blocking(move || std::process::Command::new(program).args(arguments).output());
    let output = output.await.expect("no panic").expect("the program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_is_valid() {
    let Some(python) = python() else { return };
    let client = client().await;
    let document = client.http.get(format!("{}/api/v1/openapi.json", client.base)).send().await.expect("it");
    let text = document.text().await.expect("text");
    let parsed: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(parsed["openapi"], "3.1.0");
    assert_eq!(keys(&parsed["paths"]).len(), 7);
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

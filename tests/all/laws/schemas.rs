//! What is generated is valid: the schemas by graphql-js, the Rust code by the compiler with warnings denied.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use codegen::config::ConfigFile;
use codegen::{emit, schema, verify};

/// How many databases' code is compiled.
const COMPILED: usize = 12;

/// Schemas and code of several databases.
pub(super) struct Schemas {
    folder: tempfile::TempDir,
    code: String,
    compiled: usize,
}

impl Schemas {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            code: String::new(),
            compiled: 0,
        }
    }

    /// Keeps a database's schema, and of the first ones their code.
    pub(super) async fn add(&mut self, seed: u64, url: &str, config: &str) {
        let Ok(sdl) = sweep::sdl(url, config).await else { return };
        std::fs::write(self.folder.path().join(format!("{seed}.graphql")), sdl).expect("a file");
        if self.compiled == COMPILED {
            return;
        }
        self.compiled += 1;

        let catalog = crate::databases::catalog(url).await;
        let settings = ConfigFile::parse(config)
            .and_then(|file| file.settings())
            .expect("settings");
        let model = verify::verify(schema::build(&catalog, &settings)).expect("a model");
        let text = emit::single_file(&model).text;
        let _ = writeln!(self.code, "mod seed_{seed} {{\n{text}\n}}");
    }

    /// What is wrong with them.
    pub(super) fn invalid(self) -> Option<String> {
        let file = self.folder.path().join("code.rs");
        let allowed = "#![deny(warnings)]\n#![allow(dead_code)]\nfn main() {}\n";
        std::fs::write(&file, format!("{allowed}{}", self.code)).expect("a file");
        let cases = trybuild::TestCases::new();
        cases.pass(&file);
        // It fails by a panic, and prints what the compiler said.
        drop(cases);
        std::fs::remove_file(&file).expect("the file");

        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        if !clients.join("node_modules").exists() {
            assert!(
                std::env::var_os("CI").is_none(),
                "graphql-js is not installed; run tests/run"
            );
            eprintln!("SKIPPED: graphql-js is not installed; run tests/run");
            return None;
        }
        let said = Command::new("node")
            .arg(clients.join("schemas.mjs"))
            .arg(self.folder.path())
            .output();
        let said = said.expect("node");
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
        (!said.is_empty()).then(|| format!("graphql-js says:\n{said}"))
    }
}

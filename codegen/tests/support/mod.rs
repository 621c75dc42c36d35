//! Helpers for the program's tests: running it, creating databases, and pseudo-random numbers.

#![allow(dead_code, reason = "each test program uses a part")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

/// The program, without the variables of the caller's environment that it reads.
pub(crate) fn codegen(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codegen"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    for name in [
        "DATABASE_URL",
        "GRAPHQL_LISTEN",
        "GRAPHQL_API_KEYS",
        "GRAPHQL_CORS_ORIGINS",
        "REDIS_URL",
        "RUST_LOG",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    codegen(folder, arguments).output().expect("the program")
}

/// The program's standard error, without the wrapping to a terminal's width.
pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr)
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

/// Creates a database of SQLite in a folder and returns its URL.
pub(crate) fn database(folder: &Path, name: &str, statements: &str) -> String {
    let url = format!("sqlite://{}", folder.join(name).display());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");

    runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc"))
            .await
            .expect("a file");
        connection
            .execute(AssertSqlSafe(statements.to_owned()))
            .await
            .expect("tables");
        connection.close().await.expect("a closed file");
    });

    url
}

/// The files of a folder with their texts; the text of a subfolder is empty.
pub(crate) fn content(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).expect("the folder");
    entries
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap_or_default())
        })
        .collect()
}

/// `SplitMix64`: the same numbers in each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    /// One of several.
    pub(crate) fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

//! The program's own help. (As an integration test of this package it also makes cargo build the program, which the
//! tests on databases run.)

use std::process::Command;

#[test]
fn help_shows_examples_and_exit_codes() {
    let output = Command::new(env!("CARGO_BIN_EXE_codegen"))
        .arg("--help")
        .output()
        .expect("the program");
    let help = String::from_utf8(output.stdout).expect("text");

    for part in [
        "--check",
        "Examples:",
        "codegen serve --db",
        "Exit codes:",
        "DATABASE_URL",
    ] {
        assert!(help.contains(part), "{part} in {help}");
    }
}

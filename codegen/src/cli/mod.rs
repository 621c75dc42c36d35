//! The command line: arguments in, messages and files out.

mod args;
mod generate;
mod problem;
mod resolve;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
use problem::{Problem, report};

/// `--check` found that something would change.
const DIFFERS: u8 = 1;
/// The run failed; nothing was written.
const FAILED: u8 = 2;

/// Runs the program: 0 done, 1 `--check` found differences, 2 failed.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            return failed(&[Problem::new(
                format!("cannot start: {error}"),
                "are threads left for this user?",
            )]);
        }
    };
    let result = runtime.block_on(async {
        match &arguments.command {
            None => generate::run(&arguments.generate).await,
            Some(Command::Serve(serve)) => serve::run(&arguments.generate, serve).await,
        }
    });
    match result {
        Ok(code) => code,
        Err(problems) => failed(&problems),
    }
}

fn failed(problems: &[Problem]) -> ExitCode {
    report(problems);
    ExitCode::from(FAILED)
}

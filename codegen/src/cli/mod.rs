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

/// Exit code: `--check` found differences.
const DIFFERS: u8 = 1;
/// Exit code: the run failed and wrote nothing.
const FAILED: u8 = 2;

/// Runs the program. Exit codes: 0 done, 1 `--check` found differences, 2 failed.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            return report_failure(&[Problem::new(
                format!("cannot start the async runtime: {error}"),
                "check the user's thread limit",
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
        Err(problems) => report_failure(&problems),
    }
}

fn report_failure(problems: &[Problem]) -> ExitCode {
    report(problems);
    ExitCode::from(FAILED)
}

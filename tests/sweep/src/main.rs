//! `cargo run -p sweep -- --db URL`: checks the laws on a database, without writing to it, and prints the faults.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Check the laws of the generated API on a database and print a table of faults. Nothing is written.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Database URL: `postgres://`, `mysql://` or `sqlite://`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    db: String,

    /// Configuration file, a `codegen.toml` that says what is served.
    #[arg(long)]
    config: Option<PathBuf>,

    /// Print the schema as SDL instead of the faults.
    #[arg(long)]
    sdl: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the report is the result")]
async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let config = match &arguments.config {
        Some(file) => std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?,
        None => String::new(),
    };
    if arguments.sdl {
        println!("{}", sweep::sdl(&arguments.db, &config).await?);
        return Ok(ExitCode::SUCCESS);
    }

    let report = sweep::read(&arguments.db, &config).await?;
    println!("{report}");
    Ok(if report.faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

//! `cargo run -p sweep -- --db URL`: applies the laws to a database, without writing to it, and prints the faults.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Applies the laws of the generated API to a database and prints a table of faults. Nothing is written.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The database: `postgres://`, `mysql://` or `sqlite://`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    db: String,

    /// A `codegen.toml` that says what is served.
    #[arg(long)]
    config: Option<PathBuf>,

    /// Prints the schema instead of the faults.
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

#[expect(clippy::print_stdout, reason = "what the program is for")]
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

//! The arguments, as they are typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  codegen --db sqlite://shop.sqlite
      reads the database and writes Rust into the folder `generated`
  codegen --db postgres://me@localhost/shop --app users='user*' --app orders='order*,carts'
      sorts the tables into the apps `users` and `orders`
  codegen --check
      compares the files with what the snapshot generates; exit code 1 if they differ
  codegen serve --db sqlite://shop.sqlite
      serves the database at http://127.0.0.1:8000/graphql/ at once, nothing is written

Exit codes: 0 done, 1 `--check` found differences, 2 failed (nothing was written).";

/// Read a database and write a typed GraphQL API for it in Rust.
///
/// This writes a row type, its metadata and typed columns for each table, a module for each app (a group of tables),
/// and a registered type and its SDL for each schema. It also writes the snapshot `catalog.json`, from which everything
/// can be generated again without the database.
#[derive(Debug, Parser)]
#[command(name = "codegen", version, after_help = EXAMPLES, args_conflicts_with_subcommands = false)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) generate: Generate,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the database without generating code; the responses are the same.
    ///
    /// Columns that look like secrets are left out. `GRAPHQL_LISTEN`, `GRAPHQL_API_KEYS`, `GRAPHQL_CORS_ORIGINS` and
    /// `REDIS_URL` have the same meaning as for a program with generated code; `RUST_LOG` sets the log filter (default:
    /// warn).
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(super) struct Generate {
    /// Database URL: postgres://, mysql:// or sqlite://. Without it, the snapshot is read.
    #[arg(
        long,
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub(super) db: Option<String>,
    /// Configuration file [default: codegen.toml, if present].
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Output folder [default: `generated`, or `output` in the configuration].
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Assign tables to an app: NAME=PATTERN[,PATTERN...] (repeatable).
    #[arg(long, value_name = "NAME=PATTERN,...", value_parser = app, global = true)]
    pub(super) app: Vec<(String, Vec<String>)>,
    /// Include only tables matching PATTERN (repeatable).
    #[arg(long, value_name = "PATTERN", global = true)]
    pub(super) include: Vec<String>,
    /// Exclude tables matching PATTERN (repeatable).
    #[arg(long, value_name = "PATTERN", global = true)]
    pub(super) exclude: Vec<String>,
    /// Include only tables of this namespace, a schema in PostgreSQL (repeatable).
    #[arg(long, value_name = "NAME", global = true)]
    pub(super) namespace: Vec<String>,
    /// Write nothing, except to finish or undo an interrupted run; print a diff and exit with 1 if any file would
    /// change.
    #[arg(long)]
    pub(super) check: bool,
    /// Use the snapshot even if `DATABASE_URL` is set.
    #[arg(long)]
    pub(super) offline: bool,
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address to listen on; port 0 picks a free port [default: `GRAPHQL_LISTEN`, or 127.0.0.1:8000].
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<SocketAddr>,
    /// Let programs on this machine change schemas over REST without a key; only while listening on a loopback address.
    #[arg(long)]
    pub(super) open_management: bool,
}

fn app(text: &str) -> Result<(String, Vec<String>), String> {
    let (name, patterns) = text
        .split_once('=')
        .ok_or("missing `=`; use NAME=PATTERN[,PATTERN...], such as users=users,auth_*")?;
    let patterns: Vec<String> = patterns
        .split(',')
        .map(str::trim)
        .filter(|pattern| !pattern.is_empty())
        .map(str::to_owned)
        .collect();

    if name.trim().is_empty() || patterns.is_empty() {
        return Err("expected a name before `=` and a pattern after it, such as users=users,auth_*".into());
    }
    Ok((name.trim().to_owned(), patterns))
}

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
      compares what is there with what the snapshot gives; exit code 1 if it differs
  codegen serve --db sqlite://shop.sqlite
      serves the database at http://127.0.0.1:8000/graphql/ at once, nothing is written

Exit codes: 0 done, 1 `--check` found differences, 2 failed (nothing was written).";

/// Reads a database and writes a typed GraphQL API for it in Rust.
///
/// For each table: a row type, its metadata and typed columns; for each app (a group of tables) a module; for each
/// schema a registered type and its SDL. Beside them `catalog.json`, the snapshot, from which everything can be
/// generated again without the database.
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
    /// Serves the database at once: nothing is generated, the answers are the same.
    ///
    /// Columns that look like secrets are left out. `GRAPHQL_LISTEN`, `GRAPHQL_API_KEYS`, `GRAPHQL_CORS_ORIGINS` and
    /// `REDIS_URL` mean what they mean to a program of your own; `RUST_LOG` says what is logged [default: warn].
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(super) struct Generate {
    /// The database: postgres://, mysql:// or sqlite://. Without one the snapshot is the input.
    #[arg(
        long,
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub(super) db: Option<String>,
    /// The settings; `codegen.toml` if it is there.
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// The folder to write into [default: `generated`, or `output` of the settings].
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Puts tables into an app: a name, `=`, and patterns parted by commas. Repeatable.
    #[arg(long, value_name = "NAME=PATTERN,...", value_parser = app, global = true)]
    pub(super) app: Vec<(String, Vec<String>)>,
    /// Takes only tables that match. Repeatable.
    #[arg(long, value_name = "PATTERN", global = true)]
    pub(super) include: Vec<String>,
    /// Leaves out tables that match. Repeatable.
    #[arg(long, value_name = "PATTERN", global = true)]
    pub(super) exclude: Vec<String>,
    /// Takes only tables of this namespace (a schema of PostgreSQL). Repeatable.
    #[arg(long, value_name = "NAME", global = true)]
    pub(super) namespace: Vec<String>,
    /// Writes nothing, but finishes what a killed run began; prints what would change, and exits with 1 if anything
    /// would.
    #[arg(long)]
    pub(super) check: bool,
    /// Works from the snapshot, even if a database is given by `DATABASE_URL`.
    #[arg(long)]
    pub(super) offline: bool,
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one [default: `GRAPHQL_LISTEN`, or 127.0.0.1:8000].
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<SocketAddr>,
    /// Lets programs on this machine change schemas over REST without a key; only while it listens on loopback.
    #[arg(long)]
    pub(super) open_management: bool,
}

fn app(text: &str) -> Result<(String, Vec<String>), String> {
    let (name, patterns) = text
        .split_once('=')
        .ok_or("it has no `=`; write it as users=users,auth_*")?;
    let patterns: Vec<String> = patterns
        .split(',')
        .map(str::trim)
        .filter(|pattern| !pattern.is_empty())
        .map(str::to_owned)
        .collect();
    if name.trim().is_empty() || patterns.is_empty() {
        return Err("a name before `=` and a pattern behind it are needed, as in users=users,auth_*".into());
    }
    Ok((name.trim().to_owned(), patterns))
}

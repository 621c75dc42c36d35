//! Benchmarks the server against a hand-written one and one with `DataLoader`s, on the shop's rows in PostgreSQL. It
//! measures requests per second, latencies, and the processor time of server and database per request.
//!
//! `cargo run --release -p bench` starts everything on loopback, runs for about two minutes, and stops by itself.
//! `cargo bench -p bench` is the same. `... -- growth` shows how time and memory grow. It needs `wrk` (`apt-get install wrk`).

mod data_loader;
mod growth;
mod hand_written;
mod load;
mod queries;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use runtime::{Database, Registry, ServerConfig};

/// Benchmark the server against a hand-written one and one with `DataLoader`s.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Ignored; `cargo bench` passes it to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    /// Duration of each query on each server, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Number of client connections, and of each server's database connections.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Size of the shop: 200 products, 1,000 reviews and 500 orders times this number.
    #[arg(long, default_value_t = 100)]
    scale: u32,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure planning time by the number of tables, and answering time and memory by the number of rows.
    Growth,
    /// Run one of the three servers; the benchmark starts them.
    #[command(hide = true)]
    Serve {
        kind: String,
        url: String,
        address: SocketAddr,
        connections: usize,
    },
}

/// Parses the arguments and runs the chosen benchmark.
#[tokio::main]
pub async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Some(Command::Growth) => growth::run().await,
        None => load::run(arguments.seconds, arguments.connections, arguments.scale).await,
        Some(Command::Serve {
            kind,
            url,
            address,
            connections,
        }) => serve(kind, url, *address, *connections).await,
    };

    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(
    kind: &str,
    url: &str,
    address: SocketAddr,
    connections: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    match kind {
        "hand-written" => return hand_written::serve(url, connections, address).await,
        "data-loader" => return data_loader::serve(url, u32::try_from(connections)?, address).await,
        _ => {}
    }

    let database = Database::connect(url, u32::try_from(connections)?).await?;
    let registry = Registry::discover(database).map_err(|errors| format!("{errors:?}"))?;

    // Naming the crate links the shop's schemas into the program.
    let _ = sample::ShopSchema;

    let config = ServerConfig::new().listen(address);
    runtime::testing::serve_registry(config, registry.into(), std::future::pending()).await?;
    Ok(())
}

//! The server under load beside a hand-written one and one with `DataLoader`s, on the shop's rows in PostgreSQL:
//! requests a second, latencies, and processor time of server and database for each request.
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

/// Measures the server beside a hand-written one.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    /// Seconds for each query and server.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Connections of the client, and of each server to the database.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// The size of the shop: 200 products, 1,000 reviews and 500 orders times this.
    #[arg(long, default_value_t = 100)]
    scale: u32,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Planning time against the number of tables, answering time and memory against that of rows.
    Growth,
    /// One of the three servers; the measuring program starts them.
    #[command(hide = true)]
    Serve {
        kind: String,
        url: String,
        address: SocketAddr,
        connections: usize,
    },
}

/// Runs the program.
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
    // The shop's schemas are linked because this names the crate.
    let _ = sample::ShopSchema;
    let config = ServerConfig::new().listen(address);
    runtime::testing::serve_registry(config, registry.into(), std::future::pending()).await?;
    Ok(())
}

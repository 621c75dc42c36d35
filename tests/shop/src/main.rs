//! Serves the shop; without a database it makes one in `shop.sqlite`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use runtime::ServerConfig;
use shop::data;
use tracing_subscriber::filter::LevelFilter;

/// A shop with a GraphQL API generated from its database.
#[derive(Debug, Parser)]
struct Arguments {
    /// The shop's database; an SQLite file is made if there is none.
    #[arg(
        long,
        value_name = "URL",
        env = "SHOP_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://shop.sqlite"
    )]
    db: String,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// Makes the tables and rows in an empty database, then ends.
    #[arg(long)]
    seed: bool,
    /// How much data is made: 200 products, 1,000 reviews and 500 orders times this.
    #[arg(long, value_name = "N", default_value_t = 1)]
    scale: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(LevelFilter::WARN).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let is_file = arguments.db.starts_with("sqlite:");
    let is_missing = data::is_missing_file(&arguments.db);
    if arguments.seed && is_file && !is_missing {
        eprintln!("the shop's database is there already");
    } else if arguments.seed || is_missing {
        data::create(&arguments.db, arguments.scale).await?;
        eprintln!("made the shop's database");
    }
    if arguments.seed {
        return Ok(());
    }
    let config = ServerConfig::new().database_url(arguments.db).listen(arguments.listen);
    runtime::serve(config.on_listening(|address, registry| {
        eprintln!("serving, Ctrl-C stops:");
        for schema in registry.schemas().iter() {
            eprintln!("  http://{address}/graphql/{}/", schema.info.name);
        }
    }))
    .await?;
    Ok(())
}

//! Serves the shop; without a database it makes one in `shop.sqlite`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use runtime::ServerConfig;
use shop::setup;
use tracing_subscriber::EnvFilter;

/// Gives memory back after large answers, which glibc's keeps.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A shop whose tables became a GraphQL API, and what is written by hand around them.
#[derive(Debug, Parser)]
struct Arguments {
    /// The shop's database; an `SQLite` file is made if there is none.
    #[arg(
        long,
        value_name = "URL",
        env = "SHOP_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://shop.sqlite"
    )]
    db: String,
    /// Where to listen; 127.0.0.1:8000 if neither this nor `GRAPHQL_LISTEN` says so.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Makes the tables and rows in an empty database, then ends.
    #[arg(long)]
    seed: bool,
    /// How much data is made: 200 products, 1,000 reviews and 500 orders times this.
    #[arg(long, value_name = "N", default_value_t = 1)]
    scale: u32,
    /// The most connections to the database.
    #[arg(long, value_name = "N", default_value_t = 16)]
    connections: u32,
    /// What is logged to standard error, such as `info`.
    #[arg(long, value_name = "FILTER", env = "RUST_LOG", default_value = "warn")]
    log: String,
    /// What tokens are signed with, at least 32 bytes. Without one it is made anew: tokens end with the program.
    #[arg(long, value_name = "TEXT", env = "SHOP_SECRET", hide_env_values = true)]
    secret: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match EnvFilter::try_new(&arguments.log) {
        Ok(filter) => {
            tracing_subscriber::fmt()
                .with_writer(std::io::stderr)
                .with_env_filter(filter)
                .init();
            run(arguments).await
        }
        Err(error) => Err(format!(
            "RUST_LOG=`{}`: {error}; write it as info, or as runtime=debug",
            arguments.log
        )
        .into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let is_file = arguments.db.starts_with("sqlite:");
    let is_missing = shop_data::is_missing_file(&arguments.db);
    if arguments.seed && is_file && !is_missing {
        eprintln!("the shop's database is there already");
    } else if arguments.seed || is_missing {
        setup::create(&arguments.db, arguments.scale).await?;
        eprintln!("made the shop's database");
    }
    if arguments.seed {
        return Ok(());
    }
    let secret = arguments.secret.map_or_else(setup::random_secret, String::into_bytes);
    // What the arguments say goes before what the environment says, but for the database, which is the shop's own.
    let mut config = ServerConfig::new().with_environment()?.database_url(arguments.db);
    config.listen = arguments.listen.unwrap_or(config.listen);
    config.connect.pool.max_connections = arguments.connections;
    if config.listen.ip().is_loopback() && config.api_keys.is_empty() {
        // A tutorial: the clients in `templates/clients` manage its schemas without a key.
        config = config.open_management();
    }
    let config = shop::start(config, &secret)?;
    runtime::serve(config.on_listening(|address, registry| {
        eprintln!("the shop is open at http://{address}/ (user1 is staff, user2 to user4 are customers; their password is `{}`)", setup::DEMO_PASSWORD);
        for schema in registry.schemas().iter() {
            eprintln!("  http://{address}/graphql/{}/", schema.info.name);
        }
    }))
    .await?;
    Ok(())
}

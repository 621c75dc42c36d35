//! Serves the shop. If there is no database, it creates one in `shop.sqlite`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use runtime::ServerConfig;
use shop::setup;
use tracing_subscriber::EnvFilter;

/// mimalloc returns memory to the system after large answers; glibc's allocator keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serve a shop as a GraphQL API: generated from its tables, with hand-written fields.
#[derive(Debug, Parser)]
struct Arguments {
    /// URL of the shop's database; a missing SQLite file is created.
    #[arg(
        long,
        value_name = "URL",
        env = "SHOP_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://shop.sqlite"
    )]
    db: String,
    /// Address to listen on; the default is `GRAPHQL_LISTEN`, or 127.0.0.1:8000 without it.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Create the tables and rows in an empty database, then exit.
    #[arg(long)]
    seed: bool,
    /// Amount of data to create: N times 200 products, 1,000 reviews and 500 orders.
    #[arg(long, value_name = "N", default_value_t = 1)]
    scale: u32,
    /// Maximum number of database connections.
    #[arg(long, value_name = "N", default_value_t = 16)]
    connections: u32,
    /// Filter for the log on standard error, such as `info`.
    #[arg(long, value_name = "FILTER", env = "RUST_LOG", default_value = "warn")]
    log: String,
    /// Secret to sign tokens with, at least 32 bytes; the default is random, so tokens expire when the program exits.
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
            "invalid log filter `{}`: {error}; expected a filter such as info or runtime=debug",
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
        eprintln!("the shop's database already exists; nothing was created");
    } else if arguments.seed || is_missing {
        setup::create(&arguments.db, arguments.scale).await?;
        eprintln!("created the shop's database");
    }

    if arguments.seed {
        return Ok(());
    }

    let secret = arguments.secret.map_or_else(setup::random_secret, String::into_bytes);

    // Arguments override the environment. The database always comes from the shop's own argument.
    let mut config = ServerConfig::new().with_environment()?.database_url(arguments.db);
    config.listen = arguments.listen.unwrap_or(config.listen);
    config.connect.pool.max_connections = arguments.connections;
    if config.listen.ip().is_loopback() && config.api_keys.is_empty() {
        // This is a tutorial: the clients in `templates/clients` manage its schemas without a key.
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

//! Serves every schema of this program.

/// The generated code.
mod api {
    runtime::include_schema!();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // DATABASE_URL, GRAPHQL_LISTEN, GRAPHQL_API_KEYS, ...: see `runtime::server::VARIABLES`.
    let config = runtime::ServerConfig::new().with_environment()?;
    runtime::serve(config).await?;
    Ok(())
}

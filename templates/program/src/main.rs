//! Serves every schema of this program.

/// The generated code.
mod api {
    runtime::include_schema!();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // RUST_LOG sets the log filter, such as `info`; warnings by default.
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing_subscriber::filter::LevelFilter::WARN.into())
        .from_env()?;
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();

    // DATABASE_URL, GRAPHQL_LISTEN, GRAPHQL_API_KEYS, ...: see `runtime::VARIABLES`.
    let config = runtime::ServerConfig::new().with_environment()?;
    runtime::serve(config).await?;
    Ok(())
}

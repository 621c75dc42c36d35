//! Serves every schema of this program.

/// The generated code.
mod api {
    runtime::include_schema!();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL")?;
    runtime::serve(runtime::ServerConfig::new().database_url(url)).await?;
    Ok(())
}

//! `codegen serve`: the fastest look at a database.

use std::process::ExitCode;
use std::sync::Arc;

use runtime::server::{ServerConfig, serve_until, signals};
use runtime::{Database, Registry};

use super::Problem;
use super::args::{Generate, Serve};
use super::resolve::resolve;

/// Connections to the database; a look needs few.
const CONNECTIONS: u32 = 16;

pub(super) async fn run(arguments: &Generate, serve: &Serve) -> Result<ExitCode, Vec<Problem>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .init();
    let resolved = resolve(arguments)?;
    let Some(url) = &resolved.url else {
        return Err(vec![Problem::new("there is no database to serve", "give one with `--db URL` or DATABASE_URL")]);
    };
    let catalog = resolved.catalog().await?;
    let model = resolved.model(&catalog)?;
    let database = Database::connect(url, CONNECTIONS).await.map_err(|error| vec![Problem::plain(error)])?;
    let registry = Registry::with_apps(database, crate::live::apps(&model));
    let problems: Vec<Problem> = crate::live::definitions(&model)
        .into_iter()
        .filter_map(|definition| registry.register(definition).err().map(Problem::plain))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let config = ServerConfig::new();
    let config = if serve.open_management { config.open_management() } else { config };
    let config = config.listen(serve.listen).on_listening(|address, registry| {
        eprintln!("serving, Ctrl-C stops:");
        for schema in registry.schemas().iter() {
            eprintln!("  http://{address}/graphql/{}/", schema.info.name);
        }
    });
    let (shutdown, kill) = signals();
    serve_until(config, Arc::new(registry), shutdown, kill).await.map_err(|error| vec![Problem::plain(error)])?;
    Ok(ExitCode::SUCCESS)
}

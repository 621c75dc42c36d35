//! `codegen serve`: serves a database without generating code.

use std::process::ExitCode;
use std::sync::Arc;

use runtime::ServerConfig;
use runtime::plugins::CachingPlugin;
use runtime::testing::{prepare, serve_until, signals};
use runtime::{Database, Registry};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

use super::Problem;
use super::args::{Generate, Serve};
use super::resolve::{Resolved, resolve};
use crate::catalog::Catalog;
use crate::metadata::Metadata;
use crate::schema::{ExposedSecret, Schema, exposed_secrets};
use crate::text;
use crate::verify::Verified;

/// The maximum number of connections to the database; trying it out needs few.
const CONNECTIONS: u32 = 16;

pub(super) async fn run(arguments: &Generate, serve: &Serve) -> Result<ExitCode, Vec<Problem>> {
    log()?;
    let mut resolved = resolve(arguments)?;
    let Some(url) = resolved.url.clone() else {
        return Err(vec![Problem::new(
            "there is no database to serve",
            "give one with `--db URL` or DATABASE_URL",
        )]);
    };
    let config = config(serve)?;

    let catalog = resolved.catalog().await?;
    let model = model_without_secrets(&mut resolved, &catalog)?;
    let database = Database::connect(&url, CONNECTIONS)
        .await
        .map_err(|error| vec![Problem::without_hint(error)])?;
    let registry = Registry::with_apps(database, Metadata::of(&model).apps(&model));
    prepare(&registry, &config)
        .await
        .map_err(|error| vec![Problem::without_hint(error)])?;

    let problems: Vec<Problem> = crate::definitions::definitions(&model)
        .into_iter()
        .filter_map(|definition| registry.register(definition).err().map(Problem::without_hint))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }

    let (shutdown, kill) = signals();
    serve_until(config, Arc::new(registry), shutdown, kill)
        .await
        .map_err(|error| vec![Problem::without_hint(error)])?;
    Ok(ExitCode::SUCCESS)
}

/// Logs to standard error what `RUST_LOG` selects; warnings and errors if it is not set.
fn log() -> Result<(), Vec<Problem>> {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .from_env()
        .map_err(|error| {
            vec![Problem::new(
                format!("RUST_LOG: {error}"),
                "use a filter such as `info` or `warn,runtime=debug`",
            )]
        })?;

    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .init();
    Ok(())
}

/// Returns the server's configuration from the environment; arguments take precedence.
fn config(serve: &Serve) -> Result<ServerConfig, Vec<Problem>> {
    let config = ServerConfig::new()
        .with_environment()
        .map_err(|error| vec![Problem::without_hint(error)])?;

    let config = match serve.listen {
        Some(address) => config.listen(address),
        None => config,
    };
    let config = if serve.open_management {
        config.open_management()
    } else {
        config
    };

    Ok(config.plugin(CachingPlugin::new()).on_listening(|address, registry| {
        eprintln!("serving (stop with Ctrl-C):");
        for schema in registry.schemas().iter() {
            eprintln!("  http://{address}/graphql/{}/", schema.info.name);
        }
    }))
}

/// Builds the model without the readable columns that look like secrets, and names these on standard error.
fn model_without_secrets(resolved: &mut Resolved, catalog: &Catalog) -> Result<Verified<Schema>, Vec<Problem>> {
    let secrets = exposed_secrets(&resolved.model_without_warnings(catalog)?.entities);
    let Some(first) = secrets.first() else {
        return resolved.model(catalog);
    };

    for secret in &secrets {
        let tables = &mut resolved.settings.tables;
        let full = secret.table.to_string();
        // The settings may use the table's full name even where the short one is enough.
        let setting = if tables.contains_key(&full) {
            full
        } else {
            secret.setting.clone()
        };
        let table = tables.entry(setting).or_default();
        table.columns.entry(secret.column.clone()).or_default().omit = true;
    }

    let model = resolved.model(catalog).map_err(|problems| {
        // The settings refer to such a column, so they must say whether it is shown.
        let asked = secrets.iter().map(|secret| Problem::from(&secret.warning()));
        asked.chain(problems).collect::<Vec<_>>()
    })?;

    let names: Vec<String> = secrets.iter().map(full_name).collect();
    eprintln!(
        "not served, because they look like secrets: {}; {} shows the first",
        names.join(", "),
        first.show_setting()
    );
    Ok(model)
}

fn full_name(secret: &ExposedSecret) -> String {
    text::plain_line(&format!("{}.{}", secret.setting, secret.column))
}

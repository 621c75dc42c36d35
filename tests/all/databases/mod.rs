//! Databases as they are elsewhere: keys of many tenants, types of every kind, values that their columns do not promise,
//! broken neighbours and names that meet.

mod names;
mod neighbours;
mod shared_keys;
mod stored;
mod types;

use tests::{Engine, empty_database, execute};

use crate::field::served::Served;

/// A database with these tables, served with this configuration; nothing where the server is missing.
async fn served(engine: Engine, name: &str, tables: &str, config: &str) -> Option<Served> {
    let url = empty_database(engine, name).await?;
    execute(&url, tables).await;
    Some(Served::new(&url, 2, config).await)
}

/// The messages of what the generator warns of.
async fn warnings(url: &str) -> Vec<String> {
    let parsed: codegen::introspect::DatabaseUrl = url.parse().expect("a URL");
    let catalog = codegen::introspect::introspect(&parsed).await.expect("a catalog");
    let model = codegen::schema::build(&catalog, &codegen::config::Settings::default());
    model.diagnostics.into_iter().map(|found| found.message).collect()
}

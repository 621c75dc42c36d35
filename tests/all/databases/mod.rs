//! Databases as they are elsewhere: keys of many tenants, types of every kind, values that their columns do not promise,
//! broken neighbours and names that meet.

mod extensions;
mod functions;
mod names;
mod neighbours;
mod refusals;
mod shared_keys;
mod stored;
mod types;

use codegen::catalog::Catalog;
use codegen::config::Settings;
use codegen::introspect::{DatabaseUrl, introspect};
use tests::{Engine, empty_database, execute};

use crate::field::served::Served;

/// A database with these tables, served with this configuration; nothing where the server is missing.
async fn served(engine: Engine, name: &str, tables: &str, config: &str) -> Option<Served> {
    let url = empty_database(engine, name).await?;
    execute(&url, tables).await;
    Some(Served::new(&url, 2, config).await)
}

/// What the generator reads of a database.
pub(crate) async fn catalog(url: &str) -> Catalog {
    let parsed: DatabaseUrl = url.parse().expect("a URL");
    introspect(&parsed).await.expect("a catalog")
}

/// The messages of what the generator warns of.
async fn warnings(url: &str) -> Vec<String> {
    let model = codegen::schema::build(&catalog(url).await, &Settings::default());
    model.diagnostics.into_iter().map(|found| found.message).collect()
}

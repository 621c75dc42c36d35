//! Checks the laws of a generated API on a database. The requests are derived from the schema, and the expected answers
//! from the list of a table's rows and from SQL's own joins.

mod aggregates;
mod api;
mod fault;
mod filters;
mod keys;
mod orders;
mod rows;
mod sql;
mod types;
mod writes;

use std::collections::HashMap;

pub use fault::{Fault, Law, Report};

use api::Api;
use rows::Rows;
use sql::Sql;

/// Checks the laws that only read. The error says why the database could not be served.
///
/// `config` is the text of a `codegen.toml`. Tables with more than 1,000 rows are only listed.
pub async fn read(url: &str, config: &str) -> Result<Report, String> {
    let api = Api::serve(url, config).await?;
    let mut report = Report::default();
    read_all(&api, url, &mut report).await?;
    Ok(report)
}

/// Checks the laws that read, and then those that write, on a throwaway database. The configuration must enable the
/// write operations.
pub async fn read_and_write(url: &str, config: &str) -> Result<Report, String> {
    let api = Api::serve(url, config).await?;
    let mut report = Report::default();
    read_all(&api, url, &mut report).await?;

    for table in &api.tables {
        writes::check(&api, table, &mut report).await;
    }
    Ok(report)
}

/// Returns the GraphQL schema of a database as SDL.
pub async fn sdl(url: &str, config: &str) -> Result<String, String> {
    Ok(Api::serve(url, config).await?.sdl)
}

async fn read_all(api: &Api, url: &str, report: &mut Report) -> Result<(), String> {
    let mut sql = Sql::connect(url).await?;
    let mut all = Vec::new();
    for table in &api.tables {
        all.extend(Rows::read(api, table, report).await);
    }
    let by_type: HashMap<&str, &Rows> = all.iter().map(|rows| (rows.table.type_name, rows)).collect();

    for rows in &all {
        filters::check(api, rows, report).await;
        orders::check(api, rows, report).await;
        aggregates::check(api, rows, report).await;
        keys::look_ups(api, rows, report).await;
        keys::relations(api, &by_type, &mut sql, rows, report).await;
    }
    Ok(())
}

//! The laws of a generated API, applied to a database: what is asked is made from the schema, what is right follows from
//! the list of a table's rows and from SQL's own joins.

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

/// Applies the laws that read. The error says why nothing could be served.
///
/// `config` is the text of a `codegen.toml`. Tables with more than 1,000 rows are only listed.
pub async fn read(url: &str, config: &str) -> Result<Report, String> {
    let api = Api::serve(url, config).await?;
    let mut report = Report::default();
    read_all(&api, url, &mut report).await?;
    Ok(report)
}

/// Applies the laws that read, and then those that write, to a database that is thrown away. The configuration has to
/// switch the operations on.
pub async fn read_and_write(url: &str, config: &str) -> Result<Report, String> {
    let api = Api::serve(url, config).await?;
    let mut report = Report::default();
    read_all(&api, url, &mut report).await?;

    for table in &api.tables {
        writes::check(&api, table, &mut report).await;
    }
    Ok(report)
}

/// The schema that a database is served as, in GraphQL's language.
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

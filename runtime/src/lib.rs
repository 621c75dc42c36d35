//! The library that generated code runs on: a registry of GraphQL schemas, an engine that answers a request with a
//! few SQL statements, and a server.
//!
//! A request passes through the modules in this order, and dependencies go the same way: [`server`] finds a schema in
//! the [`registry`] and hands the request to [`service`], which calls hooks and [`plugins`]; the schema's [`graphql`]
//! engine parses and validates, [`selection`] collects the fields, [`plan`] compiles
//! them by the tables' [`meta`](::meta) data and [`model`], [`sql`] spells the statements, [`execute`] runs them over connections that [`connect`]
//! describes, and [`json`] writes the rows.
//!
//! ```no_run
//! # #[tokio::main]
//! # async fn main() -> Result<(), runtime::ServeError> {
//! let config = runtime::ServerConfig::new().database_url("sqlite://shop.sqlite");
//! runtime::serve(config).await
//! # }
//! ```

pub mod base;
pub mod cache;
pub mod connect;
pub mod execute;
pub mod graphql;
pub mod json;
pub mod model;
pub mod observe;
pub mod plan;
pub mod plugins;
pub mod registry;
pub mod rows;
pub mod selection;
pub mod server;
pub mod service;
pub mod sql;
pub mod viewer;
pub mod write;

#[doc(hidden)]
pub mod codegen_support;

mod byte_cache;
mod computing;

pub use base::Base;
pub use execute::{Database, RowSecurity};
pub use graphql::{Delete, Entity, Find, Insert, Many, MutationError, One, Reader, Tx, Update, transact, transaction};
pub use macros::{DatabaseEnum, Entity, RegisteredSchema, extend, register_schema};
pub use registry::{Registry, SchemaBuilder, SchemaDefinition, SchemaProvider};
pub use server::{ServeError, ServerConfig, router, serve};

/// Takes in the code that `build.rs` generated into `OUT_DIR`.
#[macro_export]
macro_rules! include_schema {
    () => {
        include!(concat!(env!("OUT_DIR"), "/graphql.rs"));
    };
}

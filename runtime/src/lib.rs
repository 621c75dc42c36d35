//! The library that generated code runs on: a registry of GraphQL schemas, an engine that answers a request with a
//! few SQL statements, and a server.
//!
//! Most programs name a few of its items: [`serve`] and [`ServerConfig`] run the server, [`RegisteredSchema`] declares a
//! schema, [`extend`] adds a computed field, [`Find`] and [`Many`] answer rows from a resolver of your own, and
//! [`transaction`] writes. The packages below it are `rows` (databases, writes, typed rows), `plan` (from a selection to
//! SQL and JSON) and `meta` (tables as data).
//!
//! ```no_run
//! # #[tokio::main]
//! # async fn main() -> Result<(), runtime::ServeError> {
//! let config = runtime::ServerConfig::new().database_url("sqlite://shop.sqlite");
//! runtime::serve(config).await
//! # }
//! ```

pub mod cache;
pub mod guide;
pub mod plugins;

mod base_query;
mod byte_cache;
mod computing;
mod graphql;
mod observe;
mod panics;
mod pipeline;
mod registry;
mod server;

#[doc(hidden)]
pub mod codegen_support;
#[doc(hidden)]
pub mod testing;

// Types of other packages that generated code, row types and resolvers name.
pub use {async_graphql, chrono, rust_decimal, serde_json, uuid};

// Rows.
pub use plan::value::{BindValue, Row};
pub use rows::execute::{ConnectError, ConnectSettings, PoolSettings, PreparedStatements};
pub use rows::write::{ErrorCode, WriteError};
pub use rows::{
    Database, Delete, Entity, ExecuteError, Filter, Find, Insert, KeyColumns, OrderBy, Range, RowSecurity, RowSink,
    Source, Totals, Tx, Update, transact,
};

// Resolvers of your own.
pub use base_query::Base;
pub use graphql::{Answer, Outcome, Prepared, Request, Written};
pub use graphql::{Many, MutationError, One, Reader, Role, SignedIn, Staff, transaction};

// Schemas.
pub use macros::{DatabaseEnum, Entity, RegisteredSchema, extend, register_schema};
pub use registry::{
    Hook, HookKind, Plugin, Registry, RegistryError, RequestContext, SchemaBuilder, SchemaDefinition, SchemaInfo,
    SchemaProvider, SettingError, SettingValue, Settings, Verdict,
};

// The server, and who asks it.
pub use plan::viewer::Viewer;
pub use server::authenticate::{
    Authenticate, AuthenticationError, FetchError, FileKeys, JwtAuthenticator, JwtError, KeySet, KeySource, TokenError,
    TokenKey,
};
pub use server::{
    ApiKey, ConnectionLimits, Management, ManagementRead, Scope, ServeError, ServerConfig, VARIABLES, router, serve,
};

/// Takes in the code that `build.rs` generated into `OUT_DIR`.
#[macro_export]
macro_rules! include_schema {
    () => {
        include!(concat!(env!("OUT_DIR"), "/graphql.rs"));
    };
}

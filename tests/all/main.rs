//! Everything that needs a database, in one program, so that each server is started once.

mod cli;
mod clients;
mod corpus;
mod field;
mod generated;
mod hooks;
mod http;
mod introspection;
mod kinds;
mod listen;
mod management;
mod observation;
mod proxied;
mod random;
mod redis_cache;
mod registry;
mod settings;
mod strict_tokens;
mod tokens;
mod transactions;
mod typed_rows;
mod values;
mod writes;

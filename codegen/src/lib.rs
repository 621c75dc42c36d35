//! Generates a typed GraphQL API from a database.
//!
//! The stages are modules, each with its own input, output and error: `introspect` reads a database into a [`catalog`];
//! [`schema`] builds the model from it with the settings of [`config`]; [`verify`] accepts a model without errors;
//! [`emit`] renders Rust; [`output`] writes or compares the files. [`Config`] runs the last four in a `build.rs`.

pub mod catalog;
pub mod config;
#[cfg(feature = "cli")]
pub mod definitions;
pub mod emit;
pub mod metadata;
pub mod output;
pub mod schema;
pub mod text;
pub mod verify;

mod build_script;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "introspect")]
pub mod introspect;

pub use build_script::{BuildError, Config};

//! From a database to a typed GraphQL API.
//!
//! The stages, each a module with its own input, output and error: `introspect` reads a database into a [`catalog`];
//! [`schema`] makes the model of it, with the settings of [`config`]; [`verify`] lets pass what has no errors;
//! [`emit`] renders Rust; [`output`] writes or compares the files. [`Config`] runs the last four in a `build.rs`.

pub mod catalog;
pub mod config;
pub mod emit;
pub mod output;
pub mod schema;
pub mod text;
pub mod verify;

mod build_script;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "introspect")]
pub mod introspect;
#[cfg(feature = "cli")]
pub mod live;

pub use build_script::{BuildError, Config};

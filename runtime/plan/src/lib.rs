//! Compiles a selection of fields into SQL statements and a program that writes their rows as JSON. Pure: nothing here
//! knows a driver, a runtime or a server.
//!
//! The stages, in the order of a request: [`selection`] collects the fields, [`planner`] compiles them by the [`model`]
//! of the tables and what the [`viewer`] may see, [`sql`] writes the statements in a database's [`dialect`], [`bind`]
//! turns the request's values into the [`value`]s that drivers take, [`json`] writes single values and [`answer`] joins
//! the rows of all statements into one text.

pub mod answer;
pub mod bind;
pub mod dialect;
pub mod json;
mod limits;
pub mod model;
pub mod planner;
pub mod selection;
pub mod sql;
pub mod value;
pub mod viewer;

pub use planner::*;

//! The shop as its customers use it: the program itself, over HTTP, on each database.

mod browser;
mod orders;
mod races;
mod server;
mod story;

//! The server's configuration, resolved.

use std::net::{Ipv4Addr, SocketAddr};

use crate::registry::Registry;

/// How to serve.
#[derive(Clone)]
pub struct ServerConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The database. The program may hold a password in it: it is never printed.
    pub database_url: Option<String>,
    /// The most connections to the database.
    pub max_connections: u32,
    /// Called once, with the address, when requests are accepted.
    pub on_listening: fn(SocketAddr, &Registry),
}

impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerConfig")
            .field("listen", &self.listen)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            database_url: None,
            max_connections: 16,
            on_listening: |_, _| (),
        }
    }
}

impl ServerConfig {
    /// The defaults: 127.0.0.1:8000, 16 connections, no database yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The database to answer from.
    #[must_use]
    pub fn database_url(mut self, url: impl Into<String>) -> Self {
        self.database_url = Some(url.into());
        self
    }

    /// Where to listen.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// What to do when requests are accepted, such as printing the address.
    #[must_use]
    pub fn on_listening(mut self, action: fn(SocketAddr, &Registry)) -> Self {
        self.on_listening = action;
        self
    }
}

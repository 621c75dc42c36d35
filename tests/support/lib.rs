//! What the tests share: real database servers, started on free ports in temporary folders, and the shop on each.

pub mod grammar;
mod http;
mod live;
mod mariadb;
mod nginx;
mod pgbouncer;
mod postgres;
mod process;
mod random;
mod redis;
mod shops;
mod tls;

pub use http::{Client, serve, serve_as_configured, serve_with};
pub use live::{execute, live_registry, live_registry_over, live_registry_over_with, live_registry_with, number};
pub use mariadb::OwnMariadb;
pub use nginx::Nginx;
pub use pgbouncer::PgBouncer;
pub use postgres::OwnPostgres;
pub use random::Random;
pub use redis::redis;
pub use shops::{Engine, Shop, empty_database, shop, shops, temporary_folder};
pub use tls::{Authority, Identity};

/// A database server that the tests started, or why there is none.
pub(crate) type Server = Result<String, Missing>;

/// A service that is not installed.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Its name.
    pub service: &'static str,
    /// The command that installs it.
    pub install: &'static str,
}

impl Missing {
    /// In CI a missing service is an error; elsewhere the tests that need it are skipped visibly.
    pub(crate) fn skip_or_panic(&self) {
        let message = format!("{} is not installed; install it with `{}`", self.service, self.install);
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("SKIPPED: {message}");
    }
}

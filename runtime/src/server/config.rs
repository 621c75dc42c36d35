//! The server's configuration, resolved.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ipnet::IpNet;

use super::keys::{ApiKey, KeyError, Scope};
use super::listen::ConnectionLimits;
use super::management_access::{Management, ManagementRead};
use crate::registry::{Plugin, Registry};
use crate::server::authenticate::Authenticate;
use crate::service::DEFAULT_SLOW_QUERY;
use rows::execute::ConnectSettings;

type Setup = dyn Fn(&Registry) -> Result<(), String> + Send + Sync;

/// How to serve.
#[derive(Clone)]
pub struct ServerConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The database. The program may hold a password in it: it is never printed.
    pub database_url: Option<String>,
    /// The connections to the database, and how long a statement may run.
    pub connect: ConnectSettings,
    /// Who may call the management API.
    pub api_keys: Vec<ApiKey>,
    /// Who may change schemas over REST where no key is configured.
    pub management: Management,
    /// Who may read schemas over REST.
    pub management_read: ManagementRead,
    /// The proxies whose `Forwarded`, `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Real-IP` are believed; none unless
    /// they are named.
    pub trusted_proxies: Vec<IpNet>,
    /// The web pages, by origin, whose scripts may call this server; `*` for all.
    pub cors_origins: Vec<String>,
    /// How many requests one body may hold; 0 for one that is no list.
    pub max_batch: usize,
    /// The largest body, in bytes.
    pub max_body: usize,
    /// How many bytes of text are kept for clients that send a query's hash in its place; 0 turns this off.
    pub persisted_queries: u64,
    /// How long clients may take for each step, and how many there may be.
    pub connections: ConnectionLimits,
    /// How long a request may take from its body's end to its answer.
    pub request_timeout: Duration,
    /// Requests that take longer are logged with their plans.
    pub slow_query: Duration,
    /// Where several servers share their kept answers; in memory if there is none.
    pub redis_url: Option<String>,
    /// The authorities, in PEM format, that alone are trusted with `rediss://`; those of the web if there are none.
    pub redis_authority: Option<Vec<u8>>,
    /// What answers in Redis are signed with; it is never printed. All servers that share a cache need the same.
    pub redis_secret: Option<String>,
    /// Tells who sends a request; without one everybody is anonymous.
    pub authenticator: Option<Arc<dyn Authenticate>>,
    /// The path below which a proxy serves this server, such as `/api`: empty, or with a slash before it and none behind.
    /// Addresses in answers begin with it.
    pub public_path: String,
    /// Routes of the program's own beside the server's, such as a page.
    pub routes: Router,
    /// Called before schemas are registered, in order: installs hooks and plugins.
    pub setup: Vec<Arc<Setup>>,
    /// Called once, with the address, when requests are accepted.
    pub on_listening: fn(SocketAddr, &Registry),
}

impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerConfig")
            .field("listen", &self.listen)
            .field("connect", &self.connect)
            .field("api_keys", &self.api_keys.len())
            .finish_non_exhaustive()
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            database_url: None,
            connect: ConnectSettings::default(),
            api_keys: Vec::new(),
            management: Management::Keys,
            management_read: ManagementRead::Keys,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            max_batch: 0,
            max_body: 2 * 1024 * 1024,
            persisted_queries: 16 * 1024 * 1024,
            connections: ConnectionLimits::default(),
            request_timeout: Duration::from_mins(1),
            slow_query: DEFAULT_SLOW_QUERY,
            redis_url: None,
            redis_authority: None,
            redis_secret: None,
            authenticator: None,
            public_path: String::new(),
            routes: Router::new(),
            setup: Vec::new(),
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

    /// The most connections to the database; 16 if nothing is said.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.connect.pool.max_connections = connections;
        self
    }

    /// How long a statement may run; 30 s if nothing is said.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.connect.statement_timeout = timeout;
        self
    }

    /// Where to listen.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Lets whoever has this key call the management API. Only the key's hash is kept.
    #[must_use]
    pub fn api_key(mut self, key: &str, scope: Scope) -> Self {
        self.api_keys.push(ApiKey::new(key, scope));
        self
    }

    /// Lets programs on this machine change schemas without a key. The server does not start if it listens to others.
    #[must_use]
    pub fn open_management(mut self) -> Self {
        self.management = Management::Open;
        self.management_read = ManagementRead::Open;
        self
    }

    /// Believes what the proxies of a network say of their clients.
    #[must_use]
    pub fn trusted_proxy(mut self, network: IpNet) -> Self {
        self.trusted_proxies.push(network);
        self
    }

    /// The same for a key that is known by its SHA-256 in hexadecimal digits.
    pub fn api_key_hash(mut self, hash: &str, scope: Scope) -> Result<Self, KeyError> {
        self.api_keys.push(ApiKey::from_hash(hash, scope)?);
        Ok(self)
    }

    /// Says below which path a proxy serves this server, such as `/api`.
    #[must_use]
    pub fn public_path(mut self, path: &str) -> Self {
        let path = path.trim_matches('/');
        self.public_path = if path.is_empty() {
            String::new()
        } else {
            format!("/{path}")
        };
        self
    }

    /// Lets scripts of a web page, by its origin, call this server.
    #[must_use]
    pub fn cors_origin(mut self, origin: impl Into<String>) -> Self {
        self.cors_origins.push(origin.into());
        self
    }

    /// Takes bodies that are lists of up to so many requests.
    #[must_use]
    pub fn max_batch(mut self, requests: usize) -> Self {
        self.max_batch = requests;
        self
    }

    /// How many bytes of text to keep for persisted queries; 16 MiB if nothing is said, and 0 turns them off.
    #[must_use]
    pub fn persisted_queries(mut self, bytes: u64) -> Self {
        self.persisted_queries = bytes;
        self
    }

    /// Shares kept answers with other servers, through Redis.
    #[must_use]
    pub fn redis_url(mut self, url: impl Into<String>) -> Self {
        self.redis_url = Some(url.into());
        self
    }

    /// Tells who sends a request.
    #[must_use]
    pub fn authenticator(mut self, authenticator: impl Authenticate) -> Self {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// Installs a plugin before schemas are registered.
    #[must_use]
    pub fn plugin(self, plugin: impl Plugin) -> Self {
        let plugin: Arc<dyn Plugin> = Arc::new(plugin);
        self.setup(move |registry| registry.plugins().install(Arc::clone(&plugin)))
    }

    /// Serves routes of the program's own beside the server's.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// Lets the hand-written code of all schemas find a value in its context.
    #[must_use]
    pub fn shared<D: Any + Clone + Send + Sync>(self, value: D) -> Self {
        self.setup(move |registry| {
            registry.share(value.clone());
            Ok(())
        })
    }

    /// Called before schemas are registered: adds hooks, registers schemas of its own. A text stops the start.
    #[must_use]
    pub fn setup(mut self, setup: impl Fn(&Registry) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.setup.push(Arc::new(setup));
        self
    }

    /// What to do when requests are accepted, such as printing the address.
    #[must_use]
    pub fn on_listening(mut self, action: fn(SocketAddr, &Registry)) -> Self {
        self.on_listening = action;
        self
    }
}

//! The server's configuration, resolved.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ipnet::IpNet;

use super::api_keys::{ApiKey, KeyError, Scope};
use super::listen::ConnectionLimits;
use super::management_access::{Management, ManagementRead};
use crate::pipeline::DEFAULT_SLOW_QUERY;
use crate::registry::{Plugin, Registry};
use crate::server::authenticate::Authenticate;
use rows::execute::ConnectSettings;

type Setup = dyn Fn(&Registry) -> Result<(), String> + Send + Sync;

/// The configuration of a server.
#[derive(Clone)]
pub struct ServerConfig {
    /// The address to listen on; port 0 picks a free port.
    pub listen: SocketAddr,
    /// The database URL. It may contain a password, so it is never printed.
    pub database_url: Option<String>,
    /// The connections to the database, and how long a statement may run.
    pub connect: ConnectSettings,
    /// The keys of the management API.
    pub api_keys: Vec<ApiKey>,
    /// Who may change schemas over REST: only callers with a key, or also programs on this machine.
    pub management: Management,
    /// Who may read schemas over REST.
    pub management_read: ManagementRead,
    /// The networks of proxies whose `Forwarded`, `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Real-IP` headers are
    /// trusted. Default: none.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins of web pages whose scripts may call this server; `*` allows all.
    pub cors_origins: Vec<String>,
    /// The maximum number of requests in one body; 0 forbids lists of requests.
    pub max_batch: usize,
    /// The maximum size of a request body, in bytes.
    pub max_body: usize,
    /// How many bytes of query text are kept for automatic persisted queries; 0 turns them off.
    pub persisted_queries: u64,
    /// The timeouts of client connections, and how many may be open.
    pub connections: ConnectionLimits,
    /// How long a request may take, from the end of its body to its answer.
    pub request_timeout: Duration,
    /// Requests that take longer are logged with their plans.
    pub slow_query: Duration,
    /// The Redis in which several servers share cached answers; `None` caches in memory.
    pub redis_url: Option<String>,
    /// The only certificate authorities trusted with `rediss://`, in PEM format; `None` trusts those of the web.
    pub redis_authority: Option<Vec<u8>>,
    /// The secret that signs answers in Redis; it is never printed. All servers that share a cache need the same one.
    pub redis_secret: Option<String>,
    /// Identifies the caller of a request; without one every caller is anonymous.
    pub authenticator: Option<Arc<dyn Authenticate>>,
    /// The path prefix under which a proxy serves this server, such as `/api`: empty, or with a leading and without a
    /// trailing slash. URLs in answers start with it.
    pub public_path: String,
    /// The program's own routes, served beside the server's, such as a page.
    pub routes: Router,
    /// Functions called in order before schemas are registered, to install hooks and plugins.
    pub setup: Vec<Arc<Setup>>,
    /// Called once with the address, when the server accepts requests.
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
    /// The defaults: 127.0.0.1:8000, 16 database connections, no database yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the database URL.
    #[must_use]
    pub fn database_url(mut self, url: impl Into<String>) -> Self {
        self.database_url = Some(url.into());
        self
    }

    /// Sets the maximum number of database connections. Default: 16.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.connect.pool.max_connections = connections;
        self
    }

    /// Sets how long a statement may run. Default: 30 s.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.connect.statement_timeout = timeout;
        self
    }

    /// Sets the address to listen on. Default: 127.0.0.1:8000.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Allows callers with this key to use the management API. Only the key's hash is kept.
    #[must_use]
    pub fn api_key(mut self, key: &str, scope: Scope) -> Self {
        self.api_keys.push(ApiKey::new(key, scope));
        self
    }

    /// Allows programs on this machine to read and change schemas without a key. The server does not start if others
    /// can reach its address.
    #[must_use]
    pub fn open_management(mut self) -> Self {
        self.management = Management::Open;
        self.management_read = ManagementRead::Open;
        self
    }

    /// Trusts the forwarding headers of the proxies in a network.
    #[must_use]
    pub fn trusted_proxy(mut self, network: IpNet) -> Self {
        self.trusted_proxies.push(network);
        self
    }

    /// Allows callers with a key to use the management API; `hash` is the key's SHA-256 as 64 hexadecimal digits, else
    /// this returns an error.
    pub fn api_key_hash(mut self, hash: &str, scope: Scope) -> Result<Self, KeyError> {
        self.api_keys.push(ApiKey::from_hash(hash, scope)?);
        Ok(self)
    }

    /// Sets the path prefix under which a proxy serves this server, such as `/api`.
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

    /// Allows scripts of web pages from an origin to call this server; `*` allows all origins.
    #[must_use]
    pub fn cors_origin(mut self, origin: impl Into<String>) -> Self {
        self.cors_origins.push(origin.into());
        self
    }

    /// Accepts bodies that are lists of at most `requests` requests. Default: 0, no lists.
    #[must_use]
    pub fn max_batch(mut self, requests: usize) -> Self {
        self.max_batch = requests;
        self
    }

    /// Sets how many bytes of query text to keep for persisted queries; 0 turns them off. Default: 16 MiB.
    #[must_use]
    pub fn persisted_queries(mut self, bytes: u64) -> Self {
        self.persisted_queries = bytes;
        self
    }

    /// Shares cached answers with other servers through Redis.
    #[must_use]
    pub fn redis_url(mut self, url: impl Into<String>) -> Self {
        self.redis_url = Some(url.into());
        self
    }

    /// Sets the authenticator, which identifies the caller of a request.
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

    /// Serves the program's own routes beside the server's.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// Makes a value available to the hand-written code of all schemas, in its context.
    #[must_use]
    pub fn shared<D: Any + Clone + Send + Sync>(self, value: D) -> Self {
        self.setup(move |registry| {
            registry.share(value.clone());
            Ok(())
        })
    }

    /// Adds a function that is called before schemas are registered, to add hooks or to register schemas. If it returns
    /// an error, the server does not start.
    #[must_use]
    pub fn setup(mut self, setup: impl Fn(&Registry) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.setup.push(Arc::new(setup));
        self
    }

    /// Sets what to do when the server accepts requests, such as printing the address.
    #[must_use]
    pub fn on_listening(mut self, action: fn(SocketAddr, &Registry)) -> Self {
        self.on_listening = action;
        self
    }
}

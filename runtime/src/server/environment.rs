//! Reads the configuration from environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::IpAddr;

use ipnet::IpNet;

use super::api_keys::Scope;
use super::{Management, ManagementRead, ServeError, ServerConfig};

/// The environment variables with their descriptions, for `--help` texts and documentation.
pub const VARIABLES: &[(&str, &str)] = &[
    ("DATABASE_URL", "URL of the database"),
    ("GRAPHQL_LISTEN", "address to listen on, such as 0.0.0.0:8000"),
    (
        "GRAPHQL_API_KEYS",
        "hashes of the management API's keys: admin:SHA256,read:SHA256",
    ),
    (
        "GRAPHQL_MANAGEMENT",
        "keys, or open: programs on this machine need no key; the server must listen on loopback",
    ),
    (
        "GRAPHQL_MANAGEMENT_READ",
        "keys, or open: everybody may read the management API",
    ),
    (
        "GRAPHQL_TRUSTED_PROXIES",
        "comma-separated networks of trusted proxies, such as 10.0.0.0/8",
    ),
    (
        "GRAPHQL_CORS_ORIGINS",
        "comma-separated origins of web pages whose scripts may call; * allows all",
    ),
    (
        "GRAPHQL_PUBLIC_PATH",
        "path prefix under which a proxy serves this server, such as /api",
    ),
    (
        "REDIS_URL",
        "cache of answers that several servers share: redis:// or rediss://",
    ),
    (
        "REDIS_CA_FILE",
        "file of the certificate authorities trusted with rediss://, in PEM format",
    ),
    (
        "REDIS_SECRET",
        "secret that signs answers in Redis, the same for all servers",
    ),
];

impl ServerConfig {
    /// Applies the environment variables of [`VARIABLES`] that are set. Single values are replaced, lists extended.
    /// Returns an error for an invalid variable.
    pub fn with_environment(self) -> Result<Self, ServeError> {
        // Variables of other programs may hold any bytes; those of this one are text.
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        self.with_variables(&std::env::vars_os().filter_map(text).collect())
    }

    /// Applies given variables as [`with_environment`](Self::with_environment) does. Empty ones are ignored.
    pub fn with_variables(mut self, variables: &BTreeMap<String, String>) -> Result<Self, ServeError> {
        let given = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        let wrong = |name: &str, reason: String| ServeError::Environment {
            name: name.to_owned(),
            reason,
        };

        if let Some(url) = given("DATABASE_URL") {
            self.database_url = Some(url.clone());
        }

        if let Some(url) = given("REDIS_URL") {
            self.redis_url = Some(url.clone());
        }
        if let Some(file) = given("REDIS_CA_FILE") {
            let read = std::fs::read(file);
            self.redis_authority = Some(read.map_err(|error| wrong("REDIS_CA_FILE", format!("`{file}`: {error}")))?);
        }
        if let Some(secret) = given("REDIS_SECRET") {
            self.redis_secret = Some(secret.clone());
        }

        if let Some(listen) = given("GRAPHQL_LISTEN") {
            self.listen = listen.parse().map_err(|_| {
                wrong(
                    "GRAPHQL_LISTEN",
                    format!("`{listen}` is not an address; write it as 127.0.0.1:8000"),
                )
            })?;
        }

        if let Some(path) = given("GRAPHQL_PUBLIC_PATH") {
            let is_path = path
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
            if !is_path {
                return Err(wrong(
                    "GRAPHQL_PUBLIC_PATH",
                    format!("`{path}` is not a valid path; write it as /api"),
                ));
            }

            self = self.public_path(path);
        }

        if let Some(who) = given("GRAPHQL_MANAGEMENT") {
            self.management = match who.as_str() {
                "keys" => Management::Keys,
                "open" => {
                    // Callers who may change without a key may also read without one.
                    self.management_read = ManagementRead::Open;
                    Management::Open
                }
                _ => {
                    return Err(wrong(
                        "GRAPHQL_MANAGEMENT",
                        format!("expected `keys` or `open`, not `{who}`"),
                    ));
                }
            };
        }

        if let Some(who) = given("GRAPHQL_MANAGEMENT_READ") {
            self.management_read = match who.as_str() {
                "keys" => ManagementRead::Keys,
                "open" => ManagementRead::Open,
                _ => {
                    return Err(wrong(
                        "GRAPHQL_MANAGEMENT_READ",
                        format!("expected `keys` or `open`, not `{who}`"),
                    ));
                }
            };
        }

        for network in given("GRAPHQL_TRUSTED_PROXIES")
            .map(String::as_str)
            .unwrap_or_default()
            .split(',')
        {
            let network = network.trim();
            if network.is_empty() {
                continue;
            }

            let parsed = network
                .parse::<IpNet>()
                .or_else(|_| network.parse::<IpAddr>().map(IpNet::from));
            self.trusted_proxies.push(parsed.map_err(|_| {
                wrong(
                    "GRAPHQL_TRUSTED_PROXIES",
                    format!("`{network}` is not a network such as 10.0.0.0/8"),
                )
            })?);
        }

        if let Some(origins) = given("GRAPHQL_CORS_ORIGINS") {
            self.cors_origins
                .extend(origins.split(',').map(|origin| origin.trim().to_owned()));
        }

        for key in given("GRAPHQL_API_KEYS")
            .map(String::as_str)
            .unwrap_or_default()
            .split(',')
        {
            let scope = match key.trim().split_once(':') {
                _ if key.trim().is_empty() => continue,
                Some(("admin", hash)) => (Scope::Admin, hash),
                Some(("read", hash)) => (Scope::Read, hash),
                _ => {
                    return Err(wrong(
                        "GRAPHQL_API_KEYS",
                        "each must be `admin:HASH` or `read:HASH`".into(),
                    ));
                }
            };

            let added = self.api_key_hash(scope.1, scope.0);
            self = added.map_err(|error| wrong("GRAPHQL_API_KEYS", error.to_string()))?;
        }

        Ok(self)
    }
}

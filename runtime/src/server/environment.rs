//! The configuration as the environment gives it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::IpAddr;

use ipnet::IpNet;

use super::keys::Scope;
use super::{Management, ManagementRead, ServeError, ServerConfig};

/// What the environment can say, for `--help` texts and documentation.
pub const VARIABLES: &[(&str, &str)] = &[
    ("DATABASE_URL", "the database"),
    ("GRAPHQL_LISTEN", "where to listen, such as 0.0.0.0:8000"),
    (
        "GRAPHQL_API_KEYS",
        "admin:SHA256,read:SHA256: hashes of the management API's keys",
    ),
    (
        "GRAPHQL_MANAGEMENT",
        "keys, or open: programs on this machine need no key while the server listens on loopback",
    ),
    (
        "GRAPHQL_MANAGEMENT_READ",
        "keys, or open: everybody may read the management API",
    ),
    (
        "GRAPHQL_TRUSTED_PROXIES",
        "networks of proxies that are believed, such as 10.0.0.0/8, parted by commas",
    ),
    (
        "GRAPHQL_CORS_ORIGINS",
        "web pages, by origin, whose scripts may call, parted by commas",
    ),
    (
        "GRAPHQL_PUBLIC_PATH",
        "the path below which a proxy serves this server, such as /api",
    ),
    (
        "REDIS_URL",
        "where several servers share their kept answers: redis:// or rediss://",
    ),
    (
        "REDIS_CA_FILE",
        "the authorities that are trusted with rediss://, in PEM format",
    ),
    (
        "REDIS_SECRET",
        "what answers in Redis are signed with, the same for all servers",
    ),
];

impl ServerConfig {
    /// Takes what the environment says over what is there.
    pub fn with_environment(self) -> Result<Self, ServeError> {
        // A variable of another program's may hold anything; those of this one are text.
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        self.with_variables(&std::env::vars_os().filter_map(text).collect())
    }

    /// The same from given variables.
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
                    format!("`{listen}` is no address; write it as 127.0.0.1:8000"),
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
                    format!("`{path}` is no path; write it as /api"),
                ));
            }
            self = self.public_path(path);
        }
        if let Some(who) = given("GRAPHQL_MANAGEMENT") {
            self.management = match who.as_str() {
                "keys" => Management::Keys,
                "open" => {
                    // Who may change without a key may read without one.
                    self.management_read = ManagementRead::Open;
                    Management::Open
                }
                _ => {
                    return Err(wrong(
                        "GRAPHQL_MANAGEMENT",
                        format!("`{who}` is neither `keys` nor `open`"),
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
                        format!("`{who}` is neither `keys` nor `open`"),
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
                _ => return Err(wrong("GRAPHQL_API_KEYS", "each is `admin:HASH` or `read:HASH`".into())),
            };
            let added = self.api_key_hash(scope.1, scope.0);
            self = added.map_err(|error| wrong("GRAPHQL_API_KEYS", error.to_string()))?;
        }
        Ok(self)
    }
}

//! Parses Redis URLs.

use std::fmt;
use std::path::PathBuf;

use redis::{ConnectionAddr, IntoConnectionInfo as _, RedisConnectionInfo};

use crate::cache::CacheError;

/// A parsed URL. Its text form is host and port, or the socket's path, and holds no password.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) place: Place,
    pub(super) login: RedisConnectionInfo,
}

/// What to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Tcp { host: String, port: u16, has_tls: bool },
    Socket(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
            Place::Socket(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Address {
    /// Parses a URL. No error repeats the URL, which may hold a password.
    pub(super) fn parse(url: &str) -> Result<Self, CacheError> {
        let (plain, has_tls) = plain(url)?;
        let malformed = |cause: redis::RedisError| failed(format!("invalid Redis URL: {}", cause.category()));
        let info = plain.as_str().into_connection_info().map_err(malformed)?;

        let place = match info.addr() {
            ConnectionAddr::Tcp(host, port) => Place::Tcp {
                host: host.clone(),
                port: *port,
                has_tls,
            },
            ConnectionAddr::Unix(path) => Place::Socket(path.clone()),
            _ => return Err(failed("the Redis URL names neither a host nor a socket".into())),
        };

        Ok(Self {
            place,
            login: info.redis_settings().clone(),
        })
    }
}

/// Converts a URL to its form without TLS, which the driver parses in every build, and returns whether it asks for TLS.
fn plain(url: &str) -> Result<(String, bool), CacheError> {
    let (scheme, rest) = url.split_once(':').unwrap_or_default();

    match scheme {
        "redis" | "valkey" | "redis+unix" | "valkey+unix" => Ok((url.to_owned(), false)),
        "rediss" | "valkeys" if rest.contains('#') => Err(failed(
            "a Redis URL must not have a `#` part: the server's certificate is always checked".into(),
        )),
        "rediss" | "valkeys" => Ok((format!("redis:{rest}"), true)),
        "unix" => Err(failed(
            "`unix:` is not a Redis URL; write a socket as redis+unix:///path/to/socket".into(),
        )),
        _ => Err(failed(
            "unsupported scheme in the Redis URL; use redis://, rediss:// (TLS) or redis+unix:///path".into(),
        )),
    }
}

fn failed(reason: String) -> CacheError {
    CacheError::Failed(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> Place {
        Address::parse(url).expect("a URL").place
    }

    #[test]
    fn each_scheme_names_a_place() {
        let tcp = |port, has_tls| Place::Tcp {
            host: "cache".into(),
            port,
            has_tls,
        };

        assert_eq!(place("redis://cache"), tcp(6379, false));

        assert_eq!(place("rediss://me:secret@cache:7000/2"), tcp(7000, true));

        assert_eq!(
            place("redis+unix:///run/redis.sock?db=1"),
            Place::Socket("/run/redis.sock".into())
        );
        assert_eq!(
            Address::parse("rediss://me:secret@cache:7000/2")
                .expect("a URL")
                .login
                .db(),
            2
        );
    }

    #[test]
    fn a_wrong_url_is_explained_and_not_repeated() {
        let wrong = |url| Address::parse(url).expect_err("a wrong URL").to_string();
        assert!(wrong("unix:///run/redis.sock").contains("redis+unix:"));
        assert!(wrong("http://me:secret@cache").contains("rediss://"));
        assert!(wrong("rediss://me:secret@cache#insecure").contains("always checked"));
        for url in [
            "http://me:secret@cache",
            "redis://me:secret@cache/none",
            "secret",
            "redis://me:secret@:1",
        ] {
            assert!(!wrong(url).contains("secret"), "{}", wrong(url));
        }
    }
}

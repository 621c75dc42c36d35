//! Parses database URLs with the meaning that each database's own client gives them. Introspection and serving share
//! this parser.

mod collations;
mod error;
mod frozen;
mod mysql;
mod names;
mod postgres;
mod secret;
mod session;
mod split;
mod sqlite;
mod sqlx_options;
mod surroundings;
#[cfg(test)]
mod test_env;
#[cfg(test)]
mod tests;
mod tls_hint;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

pub use error::TargetError;
pub use frozen::must_open_immutable;
pub use mysql::{MysqlSslMode, MysqlTarget, MysqlTls};
pub use postgres::{
    ChannelBinding, ClientCertificate, Host, Keepalive, Place, PostgresTarget, Roots, SessionAttributes, SslMode, Tls,
    TlsVersion,
};
pub use secret::Secret;
pub use session::MYSQL_SESSION;
pub use sqlite::{Cache, JournalMode, OpenMode, SqliteTarget};
pub use sqlx_options::MYSQL_STATEMENTS;
pub use sqlx_options::{mysql_options, postgres_options, sqlite_options};
pub use surroundings::Environment;
pub use tls_hint::tls_hint;

/// A parsed database URL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a program has one target, or a few")]
pub enum Target {
    /// A PostgreSQL server, or several to try in order.
    Postgres(Box<PostgresTarget>),
    /// A MySQL or MariaDB server.
    Mysql(MysqlTarget),
    /// An SQLite file.
    Sqlite(SqliteTarget),
}

impl Target {
    /// Parses a URL of any supported database.
    pub fn parse(url: &str, surroundings: &Environment) -> Result<Self, TargetError> {
        match scheme(url)?.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => Ok(Self::Postgres(Box::new(PostgresTarget::parse(url, surroundings)?))),
            "mysql" | "mariadb" => Ok(Self::Mysql(MysqlTarget::parse(url, surroundings)?)),
            "sqlite" => Ok(Self::Sqlite(SqliteTarget::parse(url)?)),
            other => Err(TargetError::Scheme {
                scheme: other.to_owned(),
            }),
        }
    }

    /// Returns the URL for logs and messages: with all hosts, without user and password.
    pub fn redacted(&self) -> String {
        match self {
            Self::Postgres(target) => target.redacted(),
            Self::Mysql(target) => target.redacted(),
            Self::Sqlite(target) => target.redacted(),
        }
    }

    /// Returns the first TLS file that the URL names and that does not exist, with the name of its parameter.
    pub fn missing_file(&self) -> Option<(&'static str, PathBuf)> {
        let named: Vec<(&'static str, Option<&PathBuf>)> = match self {
            Self::Postgres(target) => {
                let root = match &target.tls.roots {
                    Roots::File(path) => Some(path),
                    _ => None,
                };
                let own = target.tls.certificate.as_ref();
                vec![
                    ("sslrootcert", root),
                    ("sslcert", own.map(|own| &own.certificate)),
                    ("sslkey", own.map(|own| &own.key)),
                ]
            }
            Self::Mysql(target) => {
                let own = target.tls.certificate.as_ref();
                vec![
                    ("ssl-ca", target.tls.authority.as_ref()),
                    ("ssl-cert", own.map(|own| &own.0)),
                    ("ssl-key", own.map(|own| &own.1)),
                ]
            }
            Self::Sqlite(_) => Vec::new(),
        };

        named
            .into_iter()
            .find_map(|(name, path)| path.filter(|path| !path.exists()).map(|path| (name, path.clone())))
    }

    /// Returns the identity of the database, the same in all programs that use it: hosts, ports and name, or this
    /// machine and the file's absolute path.
    pub fn identity(&self) -> String {
        match self {
            Self::Postgres(target) => target.place(),
            Self::Mysql(target) => target.identity(),
            Self::Sqlite(target) => format!("{}{}", machine(), target.identity()),
        }
    }

    /// Returns the user to sign in as; empty for a file.
    pub fn user(&self) -> &str {
        match self {
            Self::Postgres(target) => &target.user,
            Self::Mysql(target) => &target.user,
            Self::Sqlite(_) => "",
        }
    }
}

/// Returns this machine's host name, if it is known, and `/`: a path names another file on another machine.
fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}/", name.trim())
}

impl FromStr for Target {
    type Err = TargetError;

    /// Parses a URL together with the environment of this process.
    fn from_str(url: &str) -> Result<Self, TargetError> {
        Self::parse(url, &Environment::of_process())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// Returns the scheme of a URL. The error never repeats a text without a scheme, as it may hold a password.
fn scheme(url: &str) -> Result<&str, TargetError> {
    let (scheme, _) = url.split_once(':').ok_or(TargetError::NoScheme)?;
    let is_plausible = (1..=20).contains(&scheme.len()) && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());

    if is_plausible {
        Ok(scheme)
    } else {
        Err(TargetError::NoScheme)
    }
}

/// Returns the text after `scheme://`. The scheme must be one of `schemes`.
fn after_scheme<'a>(url: &'a str, schemes: &[&str]) -> Result<&'a str, TargetError> {
    let scheme = scheme(url)?;
    if !schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return Err(TargetError::Scheme {
            scheme: scheme.to_owned(),
        });
    }

    url[scheme.len()..]
        .strip_prefix("://")
        .ok_or_else(|| TargetError::Slashes {
            scheme: scheme.to_owned(),
        })
}

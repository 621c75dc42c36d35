//! Parses MySQL and MariaDB URLs with the meaning that MySQL's client gives them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::names::{Name, choose, find, integer, shorten, unknown};
use super::split::{self, Parts, encode, encode_host};
use super::{Environment, Secret, TargetError, after_scheme};

/// The default port.
const PORT: u16 = 3306;

/// Every parameter of a URL.
const NAMES: &[Name] = &[
    Name {
        name: "charset",
        synonyms: &["default-character-set"],
    },
    Name {
        name: "collation",
        synonyms: &[],
    },
    Name {
        name: "connect-timeout",
        synonyms: &["connect_timeout"],
    },
    Name {
        name: "no_engine_substitution",
        synonyms: &["no-engine-substitution"],
    },
    Name {
        name: "pipes_as_concat",
        synonyms: &["pipes-as-concat"],
    },
    Name {
        name: "set_names",
        synonyms: &["set-names"],
    },
    Name {
        name: "socket",
        synonyms: &[],
    },
    Name {
        name: "ssl-ca",
        synonyms: &["ssl_ca", "sslca"],
    },
    Name {
        name: "ssl-cert",
        synonyms: &["ssl_cert", "sslcert"],
    },
    Name {
        name: "ssl-key",
        synonyms: &["ssl_key", "sslkey"],
    },
    Name {
        name: "ssl-mode",
        synonyms: &["ssl_mode", "sslmode"],
    },
    Name {
        name: "statement-cache-capacity",
        synonyms: &["statement_cache_capacity"],
    },
    Name {
        name: "timezone",
        synonyms: &["time-zone", "time_zone"],
    },
];

/// Where and how to sign in to MySQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MysqlTarget {
    /// The server's name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Its socket, used instead of host and port.
    pub socket: Option<PathBuf>,
    /// The user to sign in as.
    pub user: String,
    /// The password.
    pub password: Option<Secret>,
    /// The default database, if the URL names one.
    pub database: Option<String>,
    /// How the connection is encrypted.
    pub tls: MysqlTls,
    /// How long the server may take to answer; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// The collation of the session, if the URL sets one.
    pub collation: Option<String>,
}

/// How a connection is encrypted, and whom it trusts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MysqlTls {
    /// Whether it is encrypted.
    pub mode: MysqlSslMode,
    /// The file of the authorities that may sign the server's certificate.
    pub authority: Option<PathBuf>,
    /// Whether the server is checked against the public web authorities, because the URL names none. If that fails, the
    /// error says to name the server's authority with `ssl-ca=FILE`.
    pub is_authority_assumed: bool,
    /// The files of the client certificate and of its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// Whether a connection is encrypted. The modes are ordered from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum MysqlSslMode {
    /// Never.
    Disabled,
    /// If the server supports it.
    #[default]
    Preferred,
    /// Always.
    Required,
    /// Always, and a trusted authority must have signed the server's certificate.
    VerifyCa,
    /// As `VerifyCa`, and the certificate must bear the host's name.
    VerifyIdentity,
}

impl MysqlTarget {
    /// Parses a `mysql://` or `mariadb://` URL. From the surroundings only the user is taken, if the URL names none.
    pub fn parse(url: &str, surroundings: &Environment) -> Result<Self, TargetError> {
        let parts = split::split(after_scheme(url, &["mysql", "mariadb"])?)?;
        let (host, port) = address(&parts)?;
        let user = parts
            .user
            .or_else(|| surroundings.user.clone())
            .ok_or(TargetError::NoUser)?;

        let mut target = Self {
            host,
            port,
            socket: None,
            user,
            password: parts.password.map(Secret::new),
            database: parts.path,
            tls: MysqlTls::default(),
            connect_timeout: None,
            collation: None,
        };

        // MySQL's client also accepts the path of a socket as the host.
        if target.host.starts_with('/') {
            target.socket = Some(PathBuf::from(std::mem::replace(
                &mut target.host,
                "localhost".to_owned(),
            )));
        }

        target.read_query(&parts.query)?;
        Ok(target)
    }

    /// Returns the URL without user and password.
    pub fn redacted(&self) -> String {
        format!("mysql://{}/{}", self.place(), self.written_database())
    }

    /// Returns a URL of host and port, or socket, and database. The host's name is in lower case.
    pub fn identity(&self) -> String {
        let place = if self.socket.is_some() {
            self.place()
        } else {
            self.place().to_ascii_lowercase()
        };
        format!("mysql://{place}/{}", self.written_database())
    }

    fn place(&self) -> String {
        match &self.socket {
            Some(socket) => encode(&socket.to_string_lossy()),
            None => format!("{}:{}", encode_host(&self.host), self.port),
        }
    }

    fn written_database(&self) -> String {
        self.database.as_deref().map(encode).unwrap_or_default()
    }

    /// Applies the parameters. A later one replaces an earlier one.
    fn read_query(&mut self, query: &[(String, String)]) -> Result<(), TargetError> {
        let mut mode = None;
        let (mut certificate, mut key) = (None, None);

        for (spelling, value) in query {
            let name = find(NAMES.iter().copied(), spelling);
            let name = name.ok_or_else(|| unknown(NAMES.iter().copied(), spelling, "MySQL"))?;
            check_controlled(name, spelling, value)?;

            match name {
                "ssl-mode" => mode = Some(ssl_mode(spelling, value)?),
                "ssl-ca" => self.tls.authority = file(value),
                "ssl-cert" => certificate = file(value),
                "ssl-key" => key = file(value),
                "socket" => self.socket = file(value),
                "connect-timeout" => self.connect_timeout = timeout(spelling, value)?,
                "collation" => self.collation = Some(value.clone()).filter(|collation| !collation.is_empty()),
                // The other parameters agree with what the program does anyway.
                _ => {}
            }
        }

        self.tls.certificate = pair(certificate, key)?;
        self.tls.settle(mode);
        Ok(())
    }
}

impl MysqlTls {
    /// Whether the server's certificate must be signed by a trusted authority.
    pub fn checks_authority(&self) -> bool {
        self.mode >= MysqlSslMode::VerifyCa
    }

    /// Whether the certificate must bear the host's name.
    pub fn checks_name(&self) -> bool {
        self.mode == MysqlSslMode::VerifyIdentity
    }

    /// Sets the mode. As in MySQL's client, an authority without a mode means `VERIFY_CA`.
    fn settle(&mut self, mode: Option<MysqlSslMode>) {
        let default = if self.authority.is_some() {
            MysqlSslMode::VerifyCa
        } else {
            MysqlSslMode::default()
        };

        self.mode = mode.unwrap_or(default);
        self.is_authority_assumed = self.checks_authority() && self.authority.is_none();
    }
}

impl fmt::Display for MysqlTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// Returns the host and its port. MySQL takes only one host.
fn address(parts: &Parts) -> Result<(String, u16), TargetError> {
    let [(host, port)] = parts.hosts.as_slice() else {
        return Err(TargetError::Authority {
            problem: "MySQL takes one host, but several are given",
        });
    };

    let port = if port.is_empty() { Some(PORT) } else { port.parse().ok() };
    let invalid = || TargetError::Port {
        parameter: "port".to_owned(),
        position: 1,
    };
    let port = port.filter(|port| *port > 0).ok_or_else(invalid)?;

    let host = if host.is_empty() { "localhost" } else { host };
    Ok((host.to_owned(), port))
}

/// Refuses parameters that contradict the program's own settings. Values that agree with them are accepted.
fn check_controlled(name: &str, spelling: &str, value: &str) -> Result<(), TargetError> {
    let lower = value.to_ascii_lowercase();

    let (reason, expected, agrees) = match name {
        "timezone" => {
            let agrees = matches!(lower.as_str(), "+00:00" | "utc");
            (
                "the program speaks UTC and sets the time zone itself",
                "`+00:00` or `UTC`",
                agrees,
            )
        }
        "charset" => (
            "the program speaks utf8mb4 and sets the charset itself",
            "`utf8mb4`",
            lower == "utf8mb4",
        ),
        "collation" => {
            let agrees = lower.is_empty() || lower.starts_with("utf8mb4_");
            ("the program speaks utf8mb4", "a collation of `utf8mb4`", agrees)
        }
        "set_names" => (
            "the program speaks utf8mb4 and sets the charset itself",
            "no value",
            false,
        ),
        "pipes_as_concat" | "no_engine_substitution" => ("the program sets its SQL mode itself", "no value", false),
        _ => return Ok(()),
    };

    if agrees {
        return Ok(());
    }

    Err(TargetError::Refused {
        parameter: shorten(spelling),
        reason,
        expected: expected.to_owned(),
    })
}

fn ssl_mode(spelling: &str, value: &str) -> Result<MysqlSslMode, TargetError> {
    let choices = [
        ("DISABLED", MysqlSslMode::Disabled),
        ("PREFERRED", MysqlSslMode::Preferred),
        ("REQUIRED", MysqlSslMode::Required),
        ("VERIFY_CA", MysqlSslMode::VerifyCa),
        ("VERIFY_IDENTITY", MysqlSslMode::VerifyIdentity),
    ];
    choose(spelling, &value.replace('-', "_"), &choices)
}

/// Returns the path of a file; `None` if the value is empty.
fn file(value: &str) -> Option<PathBuf> {
    Some(PathBuf::from(value)).filter(|_| !value.is_empty())
}

/// Parses a time limit in seconds; zero is no limit.
fn timeout(spelling: &str, value: &str) -> Result<Option<Duration>, TargetError> {
    let seconds = u64::try_from(integer(spelling, value)?)
        .ok()
        .filter(|seconds| *seconds > 0);
    Ok(seconds.map(Duration::from_secs))
}

/// Pairs a certificate with its key. One without the other is an error.
fn pair(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<(PathBuf, PathBuf)>, TargetError> {
    let alone = |parameter: &str, other: &str| TargetError::Needs {
        parameter: parameter.to_owned(),
        expected: format!("`{other}=FILE` as well"),
    };

    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(alone("ssl-cert", "ssl-key")),
        (None, Some(_)) => Err(alone("ssl-key", "ssl-cert")),
    }
}

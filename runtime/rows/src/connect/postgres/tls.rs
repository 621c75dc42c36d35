//! How a connection to PostgreSQL is encrypted, and whom it trusts.

use std::path::PathBuf;

use super::super::{Environment, TargetError};
use super::hosts::{Host, Place};
use super::settings::Settings;

/// The revocation list that `libpq` reads if it is there.
const REVOCATION_LIST: &str = ".postgresql/root.crl";

/// How a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Whether it is encrypted. `require` together with authorities has become [`SslMode::VerifyCa`].
    pub mode: SslMode,
    /// The authorities that the server's certificate is checked against. If there are any, every mode that encrypts
    /// refuses a server whose certificate none of them has signed.
    pub roots: Roots,
    /// The client certificate.
    pub certificate: Option<ClientCertificate>,
    /// Whether the host's name is sent in the clear (SNI), for servers that share one address.
    pub sends_name: bool,
    /// The oldest version allowed.
    pub min_version: TlsVersion,
    /// The newest version allowed.
    pub max_version: TlsVersion,
}

/// Whether a connection is encrypted. The modes are ordered from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never.
    Disable,
    /// If the server refuses plain connections.
    Allow,
    /// If the server supports it.
    Prefer,
    /// Always.
    Require,
    /// Always, and a trusted authority must have signed the server's certificate.
    VerifyCa,
    /// As `VerifyCa`, and the certificate must bear the host's name.
    VerifyFull,
}

/// The authorities that a server's certificate is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// None; the certificate is not checked.
    None,
    /// Those in a file.
    File(PathBuf),
    /// Those that the system trusts, because the URL asks for them (`sslrootcert=system`).
    System,
    /// Those that the system trusts, because the URL names none. `libpq` would refuse the URL; here, if the check
    /// fails, the error says to name the server's authority with `sslrootcert`.
    Assumed,
}

/// A client certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The file of the certificate.
    pub certificate: PathBuf,
    /// The file of its key.
    pub key: PathBuf,
}

/// A version of TLS that the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2.
    V12,
    /// TLS 1.3.
    V13,
}

impl Tls {
    /// Whether the server's certificate must be signed by a trusted authority.
    pub fn checks_authority(&self) -> bool {
        self.mode > SslMode::Disable && self.roots != Roots::None
    }

    /// Whether the certificate must bear the host's name.
    pub fn checks_name(&self) -> bool {
        self.mode == SslMode::VerifyFull
    }
}

/// Reads the TLS settings.
pub(super) fn tls(settings: &Settings, surroundings: &Environment, hosts: &[Host]) -> Result<Tls, TargetError> {
    let mode = mode(settings)?;
    let (min_version, max_version) = versions(settings)?;
    let sends_name = settings.choice("sslsni", &[("1", true), ("0", false)])?.unwrap_or(true);

    let plain = Tls {
        mode,
        roots: Roots::None,
        certificate: None,
        sends_name,
        min_version,
        max_version,
    };

    let is_local = hosts
        .iter()
        .all(|host| matches!(host.place, Place::Socket(_) | Place::UsualSocket(_)));
    if mode == SslMode::Disable || is_local {
        return Ok(plain);
    }

    let roots = roots(settings, surroundings, mode)?;
    let has_roots = roots != Roots::None;
    let mode = if mode == SslMode::Require && has_roots {
        SslMode::VerifyCa
    } else {
        mode
    };

    check_names(settings, mode, hosts)?;

    Ok(Tls {
        mode,
        roots,
        certificate: certificate(settings, surroundings)?,
        ..plain
    })
}

fn mode(settings: &Settings) -> Result<SslMode, TargetError> {
    let choices = [
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];
    let is_system = settings.text("sslrootcert") == Some("system");

    match settings.choice("sslmode", &choices)? {
        Some(mode) if is_system && mode != SslMode::VerifyFull => Err(TargetError::Needs {
            parameter: format!("{}=system", settings.label("sslrootcert")),
            expected: "`sslmode=verify-full`".to_owned(),
        }),
        Some(mode) => Ok(mode),
        None if is_system => Ok(SslMode::VerifyFull),
        None => Ok(SslMode::Prefer),
    }
}

/// Returns the authorities that are named, or else those in the user's own file.
fn roots(settings: &Settings, surroundings: &Environment, mode: SslMode) -> Result<Roots, TargetError> {
    let file = match settings.text("sslrootcert") {
        Some("system") => return Ok(Roots::System),
        Some(file) => Some(PathBuf::from(file)),
        None => surroundings.file_at_home(".postgresql/root.crt"),
    };

    let Some(file) = file else {
        return default_roots(settings, mode);
    };

    if surroundings.file_at_home(REVOCATION_LIST).is_some() {
        return Err(TargetError::Refused {
            parameter: format!("~/{REVOCATION_LIST}"),
            reason: "the program does not read revocation lists",
            expected: "no such file".to_owned(),
        });
    }

    Ok(Roots::File(file))
}

/// Returns the authorities if none are named. The system's authorities certify names, so they prove nothing unless the
/// name is checked.
fn default_roots(settings: &Settings, mode: SslMode) -> Result<Roots, TargetError> {
    match mode {
        SslMode::VerifyFull => Ok(Roots::Assumed),
        SslMode::VerifyCa => Err(TargetError::Needs {
            parameter: format!("{}=verify-ca", settings.label("sslmode")),
            expected: "`sslrootcert=FILE` with the server's authority".to_owned(),
        }),
        _ => Ok(Roots::None),
    }
}

/// Checks that each host has a name if its certificate is checked against one.
fn check_names(settings: &Settings, mode: SslMode, hosts: &[Host]) -> Result<(), TargetError> {
    let is_nameless = |host: &Host| matches!(&host.place, Place::Address { name: None, .. });

    if mode == SslMode::VerifyFull && hosts.iter().any(is_nameless) {
        return Err(TargetError::Needs {
            parameter: format!("{}=verify-full", settings.label("sslmode")),
            expected: "`host` with the name in the certificate of each `hostaddr`".to_owned(),
        });
    }

    Ok(())
}

/// Returns the certificate that is named, or else the user's own. A key without a certificate is ignored.
fn certificate(settings: &Settings, surroundings: &Environment) -> Result<Option<ClientCertificate>, TargetError> {
    if settings
        .text("sslcertmode")
        .is_some_and(|mode| mode.eq_ignore_ascii_case("disable"))
    {
        return Ok(None);
    }

    let named = settings.text("sslcert").map(PathBuf::from);
    let Some(certificate) = named.or_else(|| surroundings.file_at_home(".postgresql/postgresql.crt")) else {
        return Ok(None);
    };

    let key = settings.text("sslkey").map(PathBuf::from);
    let key = key.or_else(|| surroundings.file_at_home(".postgresql/postgresql.key"));
    let key = key.ok_or_else(|| TargetError::Needs {
        parameter: settings.label("sslcert"),
        expected: "`sslkey=FILE` with the key of the certificate".to_owned(),
    })?;

    Ok(Some(ClientCertificate { certificate, key }))
}

/// Returns the oldest and the newest version allowed. The program speaks no version before 1.2, so an older minimum has
/// no effect, and an older maximum is an error.
fn versions(settings: &Settings) -> Result<(TlsVersion, TlsVersion), TargetError> {
    let min = minor_version(settings, "ssl_min_protocol_version")?.unwrap_or(2).max(2);
    let max = minor_version(settings, "ssl_max_protocol_version")?.unwrap_or(3);

    if max < 2 {
        return Err(TargetError::Refused {
            parameter: settings.label("ssl_max_protocol_version"),
            reason: "the program does not speak TLS before 1.2",
            expected: "`TLSv1.2` or `TLSv1.3`".to_owned(),
        });
    }
    if min > max {
        return Err(TargetError::Needs {
            parameter: settings.label("ssl_min_protocol_version"),
            expected: "an `ssl_max_protocol_version` that is not older".to_owned(),
        });
    }

    let version = |minor| if minor < 3 { TlsVersion::V12 } else { TlsVersion::V13 };
    Ok((version(min), version(max)))
}

/// Returns the minor number of a version, such as 2 for `TLSv1.2`.
fn minor_version(settings: &Settings, name: &str) -> Result<Option<u8>, TargetError> {
    let choices = [("TLSv1", 0), ("TLSv1.1", 1), ("TLSv1.2", 2), ("TLSv1.3", 3)];
    if settings.text(name).is_none() {
        Ok(None)
    } else {
        settings.choice(name, &choices)
    }
}

//! How a connection to `PostgreSQL` is encrypted, and whom it trusts.

use std::path::PathBuf;

use super::super::{Surroundings, TargetError};
use super::hosts::{Host, Place};
use super::settings::Settings;

/// The revocation list that `libpq` reads if it is there.
const REVOKED: &str = ".postgresql/root.crl";

/// How a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Whether it is. A `require` together with authorities is [`SslMode::VerifyCa`] already.
    pub mode: SslMode,
    /// The authorities that vouch for the server. If there are any, a server for which none vouches is refused in every
    /// mode that encrypts.
    pub roots: Roots,
    /// What the program shows to the server.
    pub certificate: Option<ClientCertificate>,
    /// Whether the host's name is sent in the clear, for servers that stand behind one address.
    pub sends_name: bool,
    /// The oldest version that will do.
    pub min_version: TlsVersion,
    /// The newest version that will do.
    pub max_version: TlsVersion,
}

/// Whether a connection is encrypted. The modes are ordered from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never.
    Disable,
    /// If the server refuses plain connections.
    Allow,
    /// If the server can.
    Prefer,
    /// Always.
    Require,
    /// Always, and an authority vouches for the server.
    VerifyCa,
    /// Always, and an authority vouches for the server under its name.
    VerifyFull,
}

/// The authorities that vouch for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// None; nobody asks.
    None,
    /// Those in a file.
    File(PathBuf),
    /// Those that the system trusts, by name.
    System,
    /// Those that the system trusts, because the URL names none. `libpq` would refuse the URL; an error says that
    /// `sslrootcert` names the server's own.
    Assumed,
}

/// What the program shows to a server.
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
    /// Whether an authority has to vouch for the server.
    pub fn checks_authority(&self) -> bool {
        self.mode > SslMode::Disable && self.roots != Roots::None
    }

    /// Whether the certificate has to bear the host's name.
    pub fn checks_name(&self) -> bool {
        self.mode == SslMode::VerifyFull
    }
}

/// Reads everything about TLS.
pub(super) fn tls(settings: &Settings, surroundings: &Surroundings, hosts: &[Host]) -> Result<Tls, TargetError> {
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

/// The named authorities, else those in the user's own file.
fn roots(settings: &Settings, surroundings: &Surroundings, mode: SslMode) -> Result<Roots, TargetError> {
    let file = match settings.text("sslrootcert") {
        Some("system") => return Ok(Roots::System),
        Some(file) => Some(PathBuf::from(file)),
        None => surroundings.file_at_home(".postgresql/root.crt"),
    };

    let Some(file) = file else {
        return assumed(settings, mode);
    };

    if surroundings.file_at_home(REVOKED).is_some() {
        return Err(TargetError::Refused {
            parameter: format!("~/{REVOKED}"),
            reason: "the program reads no revocation lists",
            expected: "no such file".to_owned(),
        });
    }

    Ok(Roots::File(file))
}

/// The authorities where none are named. The system's vouch for names, so that without the name they vouch for nothing.
fn assumed(settings: &Settings, mode: SslMode) -> Result<Roots, TargetError> {
    match mode {
        SslMode::VerifyFull => Ok(Roots::Assumed),
        SslMode::VerifyCa => Err(TargetError::Needs {
            parameter: format!("{}=verify-ca", settings.label("sslmode")),
            expected: "`sslrootcert=FILE` with the server's authority".to_owned(),
        }),
        _ => Ok(Roots::None),
    }
}

/// A certificate can only be checked against a name that is there.
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

/// The named certificate, else the user's own. Without one, a key is of no use.
fn certificate(settings: &Settings, surroundings: &Surroundings) -> Result<Option<ClientCertificate>, TargetError> {
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

/// The versions that will do. The program speaks none before 1.2, so that an older limit below means nothing and an
/// older limit above leaves nothing.
fn versions(settings: &Settings) -> Result<(TlsVersion, TlsVersion), TargetError> {
    let min = minor_version(settings, "ssl_min_protocol_version")?.unwrap_or(2).max(2);
    let max = minor_version(settings, "ssl_max_protocol_version")?.unwrap_or(3);

    if max < 2 {
        return Err(TargetError::Refused {
            parameter: settings.label("ssl_max_protocol_version"),
            reason: "the program speaks no TLS before 1.2",
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

/// The second number of a named version.
fn minor_version(settings: &Settings, name: &str) -> Result<Option<u8>, TargetError> {
    let choices = [("TLSv1", 0), ("TLSv1.1", 1), ("TLSv1.2", 2), ("TLSv1.3", 3)];
    if settings.text(name).is_none() {
        Ok(None)
    } else {
        settings.choice(name, &choices)
    }
}

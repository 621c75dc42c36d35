//! The servers that a URL names, each with its port and its password.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::super::split::{encode, encode_host};
use super::super::{Secret, TargetError};
use super::settings::Settings;

/// The default port.
const PORT: u16 = 5432;

/// The folders in which servers usually have their sockets: the distributions' and PostgreSQL's own.
const FOLDERS: &[&str] = &["/var/run/postgresql", "/tmp"];

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Where it is.
    pub place: Place,
    /// Its port, which is also part of the name of its socket.
    pub port: u16,
    /// The password to sign in with, if one is known.
    pub password: Option<Secret>,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A name or an address that the system resolves.
    Name(String),
    /// An address, and the name that its certificate must bear if one is known.
    Address {
        /// The address.
        address: IpAddr,
        /// The name.
        name: Option<String>,
    },
    /// The folder of its socket.
    Socket(PathBuf),
    /// The folders in which its socket usually is; the first one with a socket is used.
    UsualSocket(&'static [&'static str]),
}

impl Host {
    /// Returns the sockets to try, in this order; none if the server is reached through the network.
    pub fn sockets(&self) -> Vec<PathBuf> {
        let file = format!(".s.PGSQL.{}", self.port);

        match &self.place {
            Place::Socket(folder) => vec![folder.join(file)],
            Place::UsualSocket(folders) => folders.iter().map(|folder| Path::new(folder).join(&file)).collect(),
            Place::Name(_) | Place::Address { .. } => Vec::new(),
        }
    }

    /// Returns the name or address that the server's certificate must bear; `None` for a socket.
    pub fn certificate_name(&self) -> Option<&str> {
        match &self.place {
            Place::Name(name) => Some(name),
            Place::Address { name, .. } => name.as_deref(),
            Place::Socket(_) | Place::UsualSocket(_) => None,
        }
    }

    /// Returns host and port as in a URL; the usual socket has an empty host.
    pub(super) fn to_url(&self) -> String {
        let place = match &self.place {
            Place::Name(name) => encode_host(name),
            Place::Address { address, .. } => encode_host(&address.to_string()),
            Place::Socket(folder) => encode(&folder.to_string_lossy()),
            Place::UsualSocket(_) => String::new(),
        };
        format!("{place}:{}", self.port)
    }
}

impl Place {
    /// Returns the name of the place in the password file.
    pub(super) fn password_file_name(&self) -> String {
        match self {
            Self::Name(name) | Self::Address { name: Some(name), .. } => name.clone(),
            Self::Address { address, .. } => address.to_string(),
            Self::Socket(folder) if !FOLDERS.iter().any(|usual| Path::new(usual) == folder) => {
                folder.to_string_lossy().into_owned()
            }
            Self::Socket(_) | Self::UsualSocket(_) => "localhost".to_owned(),
        }
    }
}

/// Returns the servers, at least one. `hostaddr` gives their addresses; without it, `host` does.
pub(super) fn hosts(settings: &Settings) -> Result<Vec<Host>, TargetError> {
    let names = settings.list("host");
    let addresses = settings.list("hostaddr");
    let count = if addresses.is_empty() {
        names.len().max(1)
    } else {
        addresses.len()
    };

    if !names.is_empty() && names.len() != count {
        return Err(TargetError::Count {
            parameter: settings.label("hostaddr"),
            given: count,
            expected: names.len(),
        });
    }

    let ports = ports(settings, count)?;

    ports
        .into_iter()
        .enumerate()
        .map(|(index, port)| {
            let entry = |list: &[&str]| list.get(index).copied().unwrap_or_default().to_owned();
            let place = place(settings, &entry(&names), &entry(&addresses))?;
            Ok(Host {
                place,
                port,
                password: None,
            })
        })
        .collect()
}

fn place(settings: &Settings, name: &str, address: &str) -> Result<Place, TargetError> {
    if !address.is_empty() {
        let address = address.parse().map_err(|_| TargetError::Value {
            parameter: settings.label("hostaddr"),
            value: super::super::names::shorten(address),
            expected: "an IP address".to_owned(),
        })?;
        return Ok(Place::Address {
            address,
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        });
    }

    match name.chars().next() {
        None => Ok(Place::UsualSocket(FOLDERS)),
        Some('/') => Ok(Place::Socket(name.into())),
        Some('@') => Err(TargetError::Refused {
            parameter: settings.label("host"),
            reason: "the program does not connect to abstract sockets",
            expected: "the folder of a socket".to_owned(),
        }),
        Some(_) => Ok(Place::Name(name.to_owned())),
    }
}

/// Returns one port for each host. A single port applies to all hosts, and an empty one is the default.
fn ports(settings: &Settings, count: usize) -> Result<Vec<u16>, TargetError> {
    let ports = settings.list("port");

    if ports.len() > 1 && ports.len() != count {
        return Err(TargetError::Count {
            parameter: settings.label("port"),
            given: ports.len(),
            expected: count,
        });
    }

    (0..count)
        .map(|index| {
            let text = if ports.len() == 1 {
                ports[0]
            } else {
                ports.get(index).copied().unwrap_or_default()
            };

            let port = if text.is_empty() {
                Some(PORT)
            } else {
                text.trim().parse().ok()
            };

            let invalid = || TargetError::Port {
                parameter: settings.label("port"),
                position: index + 1,
            };

            port.filter(|port| *port > 0).ok_or_else(invalid)
        })
        .collect()
}

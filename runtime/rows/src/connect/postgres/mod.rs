//! Parses PostgreSQL URLs, together with the environment, the service file and the password file, as `libpq` does.

mod gather;
mod hosts;
mod options;
mod parameters;
mod pgpass;
mod service;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::time::Duration;

pub use hosts::{Host, Place};
pub use tls::{ClientCertificate, Roots, SslMode, Tls, TlsVersion};

use self::settings::Settings;
use super::names::choose;
use super::split::encode;
use super::{Environment, TargetError};

/// Where and how to sign in to PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresTarget {
    /// The servers, in the order in which they are tried; there is at least one.
    pub hosts: Vec<Host>,
    /// The user to sign in as.
    pub user: String,
    /// The database.
    pub database: String,
    /// How the connection is encrypted. It does not apply to sockets, which are never encrypted.
    pub tls: Tls,
    /// Whether signing in is tied to the TLS connection.
    pub channel_binding: ChannelBinding,
    /// The command-line options that the server starts the session with.
    pub options: Option<String>,
    /// The program's name for the server's logs and views, if the URL or the environment sets one.
    pub application_name: Option<String>,
    /// How long one host may take to answer; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// TCP keep-alive for idle connections; `None` turns it off.
    pub keepalive: Option<Keepalive>,
    /// How long sent data may stay unacknowledged; `None` is the system's own limit.
    pub user_timeout: Option<Duration>,
    /// Which servers are acceptable.
    pub session: SessionAttributes,
    /// Whether the hosts are tried in random order.
    pub load_balance: bool,
    /// Whether the server is reached through a pooler, if the URL says so.
    pub pooler: Option<bool>,
}

/// Whether signing in is tied to the TLS connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// If the server supports it.
    #[default]
    Prefer,
    /// Always; a server that does not support it is refused.
    Require,
}

/// Settings of TCP keep-alive; `None` is the system's own setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keepalive {
    /// The idle time before the first probe.
    pub idle: Option<Duration>,
    /// The time between two probes.
    pub interval: Option<Duration>,
    /// The number of probes that may go unanswered.
    pub count: Option<u32>,
}

/// Which of several servers are acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionAttributes {
    /// Any server.
    #[default]
    Any,
    /// One whose transactions may write.
    ReadWrite,
    /// One whose transactions may not write.
    ReadOnly,
    /// One that is not a standby.
    Primary,
    /// A standby.
    Standby,
    /// A standby if there is one, otherwise any server.
    PreferStandby,
}

impl PostgresTarget {
    /// Parses a `postgres://` or `postgresql://` URL. Values that the URL does not set come from the service file, then
    /// from the environment, then from the defaults of `libpq`.
    pub fn parse(url: &str, surroundings: &Environment) -> Result<Self, TargetError> {
        let settings = Settings::gather(url, surroundings)?;
        parameters::check(&settings)?;

        let user = settings
            .text("user")
            .or(surroundings.user.as_deref())
            .ok_or(TargetError::NoUser)?
            .to_owned();
        let database = settings.text("dbname").unwrap_or(&user).to_owned();

        let mut hosts = hosts::hosts(&settings)?;
        let tls = tls::tls(&settings, surroundings, &hosts)?;
        pgpass::apply(&mut hosts, &settings, surroundings, &database, &user);

        Ok(Self {
            hosts,
            tls,
            channel_binding: channel_binding(&settings)?,
            options: options::options(&settings)?,
            application_name: application_name(&settings),
            connect_timeout: connect_timeout(&settings)?,
            keepalive: keepalive(&settings)?,
            user_timeout: positive(&settings, "tcp_user_timeout")?.map(|limit| Duration::from_millis(limit.into())),
            session: session(&settings)?,
            load_balance: load_balance(&settings)?,
            pooler: pooler(&settings)?,
            user,
            database,
        })
    }

    /// Returns the password for one of the hosts: the URL's, or the password file's entry for that host.
    pub fn password_for(&self, host_index: usize) -> Option<&str> {
        self.hosts.get(host_index)?.password.as_ref().map(super::Secret::reveal)
    }

    /// Returns the URL without user and password.
    pub fn redacted(&self) -> String {
        let hosts: Vec<_> = self.hosts.iter().map(Host::to_url).collect();
        format!("postgres://{}/{}", hosts.join(","), encode(&self.database))
    }

    /// Returns a URL of hosts, ports and database, with the hosts sorted and in lower case.
    pub fn place(&self) -> String {
        let mut hosts: Vec<_> = self
            .hosts
            .iter()
            .map(|host| host.to_url().to_ascii_lowercase())
            .collect();
        hosts.sort_unstable();
        format!("postgres://{}/{}", hosts.join(","), encode(&self.database))
    }
}

impl fmt::Display for PostgresTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

fn channel_binding(settings: &Settings) -> Result<ChannelBinding, TargetError> {
    let choices = [
        ("disable", ChannelBinding::Disable),
        ("prefer", ChannelBinding::Prefer),
        ("require", ChannelBinding::Require),
    ];
    Ok(settings.choice("channel_binding", &choices)?.unwrap_or_default())
}

fn session(settings: &Settings) -> Result<SessionAttributes, TargetError> {
    let choices = [
        ("any", SessionAttributes::Any),
        ("read-write", SessionAttributes::ReadWrite),
        ("read-only", SessionAttributes::ReadOnly),
        ("primary", SessionAttributes::Primary),
        ("standby", SessionAttributes::Standby),
        ("prefer-standby", SessionAttributes::PreferStandby),
    ];
    Ok(settings.choice("target_session_attrs", &choices)?.unwrap_or_default())
}

fn load_balance(settings: &Settings) -> Result<bool, TargetError> {
    let choices = [("disable", false), ("random", true)];
    Ok(settings.choice("load_balance_hosts", &choices)?.unwrap_or(false))
}

fn pooler(settings: &Settings) -> Result<Option<bool>, TargetError> {
    let Some(given) = settings.given("pgbouncer") else {
        return Ok(None);
    };
    choose(&given.label, &given.value, &[("true", true), ("false", false)]).map(Some)
}

/// Returns the program's name. An empty `application_name` means none, and also disables the fallback.
fn application_name(settings: &Settings) -> Option<String> {
    let given = settings
        .given("application_name")
        .or_else(|| settings.given("fallback_application_name"))?;
    Some(given.value.clone()).filter(|name| !name.is_empty())
}

/// Returns the limit, at least two seconds as in `libpq`: one second would end too soon where the clock counts whole
/// seconds.
fn connect_timeout(settings: &Settings) -> Result<Option<Duration>, TargetError> {
    let seconds = positive(settings, "connect_timeout")?;
    Ok(seconds.map(|seconds| Duration::from_secs(seconds.max(2).into())))
}

fn keepalive(settings: &Settings) -> Result<Option<Keepalive>, TargetError> {
    let seconds = |name| Ok(positive(settings, name)?.map(|seconds| Duration::from_secs(seconds.into())));

    let keepalive = Keepalive {
        idle: seconds("keepalives_idle")?,
        interval: seconds("keepalives_interval")?,
        count: positive(settings, "keepalives_count")?,
    };

    let is_on = settings.integer("keepalives")?.is_none_or(|switch| switch != 0);
    Ok(is_on.then_some(keepalive))
}

/// Returns a number above zero. Zero and negative numbers mean the default.
fn positive(settings: &Settings, name: &str) -> Result<Option<u32>, TargetError> {
    let number = settings.integer(name)?.and_then(|number| u32::try_from(number).ok());
    Ok(number.filter(|number| *number > 0))
}

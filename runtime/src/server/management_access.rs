//! Who may call the management API, and what happens if no key is configured.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::api_keys::{ApiKey, Scope};
use super::{ServeError, ServerConfig};

/// Who may change schemas over REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Management {
    /// Callers with a key. If none is configured, one is generated at the start and printed once.
    #[default]
    Keys,
    /// Also programs on this machine without a key, only while the server listens on loopback alone. A proxy on this
    /// machine would open the API to everybody whose requests it forwards.
    Open,
}

/// Who may read schemas over REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ManagementRead {
    /// Callers with a key.
    #[default]
    Keys,
    /// Everybody.
    Open,
}

/// Secures the management API for an address: generates and prints a key if none is configured, and rejects an open API
/// that others can reach.
///
/// # Errors
///
/// The API is configured as open, but `address` is not loopback; or the system has no random bytes for a key.
pub(super) fn settle(config: &mut ServerConfig, address: SocketAddr) -> Result<(), ServeError> {
    match config.management {
        Management::Open if !address.ip().is_loopback() => Err(ServeError::OpenManagement { address }),
        Management::Open => {
            eprintln!(
                "the management API is open to programs on this machine; a proxy in front of this server would open it \
                 to everybody"
            );
            Ok(())
        }
        Management::Keys if config.api_keys.is_empty() => {
            let key = random_key()?;
            eprintln!(
                "the management API accepts this key until the program ends: {key}\n  curl -H 'Authorization: Bearer \
                 {key}' http://{address}/api/v1/schemas/\n  set GRAPHQL_API_KEYS for permanent keys"
            );
            config.api_keys.push(ApiKey::new(&key, Scope::Admin));
            Ok(())
        }
        Management::Keys => Ok(()),
    }
}

/// Returns 32 random bytes of the system as hexadecimal digits.
fn random_key() -> Result<String, ServeError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| ServeError::Setup(format!("cannot get random bytes: {error}")))?;

    let mut key = String::with_capacity(64);
    for byte in bytes {
        let _ = write!(key, "{byte:02x}");
    }
    Ok(key)
}

//! Who may call the management API where no key is configured.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::keys::{ApiKey, Scope};
use super::{ServeError, ServerConfig};

/// Who may change schemas over REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Management {
    /// Whoever has a key. Without a configured key one is made at the start, and printed once.
    #[default]
    Keys,
    /// Programs on this machine too, without a key; only while the server listens on loopback alone. A proxy on this
    /// machine would open the API to everybody whom it lets through.
    Open,
}

/// Who may read schemas over REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ManagementRead {
    /// Whoever has a key.
    #[default]
    Keys,
    /// Everybody.
    Open,
}

/// Makes the configuration safe for an address: a key where none is configured, no open API where others can reach it.
///
/// # Errors
///
/// The API is to be open, and the server listens to others than this machine.
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
                "the management API takes this key until the program ends: {key}\n  curl -H 'Authorization: Bearer \
                 {key}' http://{address}/api/v1/schemas/\n  GRAPHQL_API_KEYS configures keys that last"
            );
            config.api_keys.push(ApiKey::new(&key, Scope::Admin));
            Ok(())
        }
        Management::Keys => Ok(()),
    }
}

/// 32 bytes of the system's randomness in hexadecimal digits.
fn random_key() -> Result<String, ServeError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| ServeError::Setup(format!("the system has no randomness: {error}")))?;

    let mut key = String::with_capacity(64);
    for byte in bytes {
        let _ = write!(key, "{byte:02x}");
    }
    Ok(key)
}

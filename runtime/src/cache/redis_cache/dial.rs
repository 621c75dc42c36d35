//! Connects to Redis: plain, with TLS, or through a Unix socket.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisError};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;

use super::address::{Address, Place};
use crate::cache::CacheError;

/// How long connecting may take. No request waits for it; the program's start does, once.
const PATIENCE: Duration = Duration::from_secs(1);

/// A connection. Its calls fail at once when it is cut, so that none queue up in it.
pub(super) struct Connection {
    pub(super) connection: MultiplexedConnection,
    driver: AbortHandle,
}

impl Connection {
    /// Ends the connection and every call that waits for it.
    pub(super) fn cut(&self) {
        self.driver.abort();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Why Redis cannot be used at the moment.
pub(super) enum ConnectError {
    /// It does not answer.
    Silent(String),
    /// It answers, but refuses the call; only a person can fix that.
    Refused(String),
}

impl From<RedisError> for ConnectError {
    fn from(error: RedisError) -> Self {
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) => {
                Self::Refused("it does not accept the user and the password of the Redis URL".into())
            }
            (_, Some("NOAUTH")) => Self::Refused("it asks for a password, but the Redis URL has none".into()),
            (_, Some("LOADING" | "MASTERDOWN")) | (ErrorKind::Io | ErrorKind::Parse, _) => {
                Self::Silent(error.to_string())
            }
            _ => Self::Refused(error.to_string()),
        }
    }
}

impl From<std::io::Error> for ConnectError {
    fn from(error: std::io::Error) -> Self {
        // A certificate that is not trusted comes wrapped into an I/O error.
        let is_certificate = error
            .get_ref()
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>);
        if is_certificate {
            Self::Refused(error.to_string())
        } else {
            Self::Silent(error.to_string())
        }
    }
}

/// Makes connections to one address.
pub(super) struct Connector {
    address: Address,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Connector {
    /// Prepares connections; fails if the address or the authorities are invalid.
    pub(super) fn new(address: Address, authority: Option<&[u8]>) -> Result<Self, CacheError> {
        let tls = match &address.place {
            Place::Tcp {
                host, has_tls: true, ..
            } => {
                let name = ServerName::try_from(host.clone())
                    .map_err(|_| failed("the host of the Redis URL is not a valid name for a certificate"))?;
                Some((connector(authority)?, name))
            }
            _ if authority.is_some() => {
                return Err(failed(
                    "there is a certificate authority for Redis, but the Redis URL is not rediss://",
                ));
            }
            _ => None,
        };

        Ok(Self { address, tls })
    }

    /// Returns where the connections go.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Makes a connection and signs in.
    pub(super) async fn dial(&self) -> Result<Connection, ConnectError> {
        tokio::time::timeout(PATIENCE, self.connect())
            .await
            .unwrap_or_else(|_| Err(ConnectError::Silent("connecting took too long".into())))
    }

    async fn connect(&self) -> Result<Connection, ConnectError> {
        let (host, port) = match &self.address.place {
            #[cfg(unix)]
            Place::Socket(path) => return self.sign_in(tokio::net::UnixStream::connect(path).await?).await,
            #[cfg(not(unix))]
            Place::Socket(_) => {
                return Err(ConnectError::Refused(
                    "this system does not support Unix sockets".into(),
                ));
            }
            Place::Tcp { host, port, .. } => (host.as_str(), *port),
        };

        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;

        match &self.tls {
            Some((connector, name)) => self.sign_in(connector.connect(name.clone(), stream).await?).await,
            None => self.sign_in(stream).await,
        }
    }

    /// Signs in on a stream. Callers limit the time of each call, so the driver needs no time limit.
    async fn sign_in(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<Connection, ConnectError> {
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let (connection, driver) = MultiplexedConnection::new_with_config(&self.address.login, stream, config).await?;

        let driver = tokio::spawn(driver).abort_handle();

        Ok(Connection { connection, driver })
    }
}

/// Returns a TLS connector. It names its cryptography itself, so that it depends neither on the features that other
/// crates enable nor on a process-wide choice.
fn connector(authority: Option<&[u8]>) -> Result<TlsConnector, CacheError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("invariant: the provider has the default versions")
        .with_root_certificates(roots(authority)?)
        .with_no_client_auth();

    Ok(TlsConnector::from(Arc::new(config)))
}

fn roots(authority: Option<&[u8]>) -> Result<RootCertStore, CacheError> {
    let Some(pem) = authority else {
        return Ok(RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.into(),
        });
    };

    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| failed("the certificate authority for Redis is not valid PEM"))?;
        roots
            .add(certificate)
            .map_err(|_| failed("the certificate authority for Redis is not a valid certificate"))?;
    }

    if roots.is_empty() {
        return Err(failed("the certificate authority for Redis holds no certificate"));
    }

    Ok(roots)
}

fn failed(reason: &str) -> CacheError {
    CacheError::Failed(reason.to_owned())
}

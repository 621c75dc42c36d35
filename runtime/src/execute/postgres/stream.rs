//! The bytes of a connection: over TCP, TLS, or a socket file.

use std::io;
use std::sync::Arc;

use bytes::BytesMut;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::PostgresError;

/// An open connection's bytes.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    #[cfg(unix)]
    Socket(tokio::net::UnixStream),
}

impl Stream {
    /// Connects to the first host of the configuration that answers. TLS is used where `sslmode` requires it, and then
    /// the certificate is checked; without that there is no certificate that a connection could insist on.
    pub(super) async fn open(config: &Config) -> Result<Self, PostgresError> {
        let ports = config.get_ports();
        let mut failure = io::Error::new(io::ErrorKind::InvalidInput, "the URL names no host");
        for (at, host) in config.get_hosts().iter().enumerate() {
            let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
            match Self::open_one(config, host, port).await {
                Ok(stream) => return Ok(stream),
                Err(PostgresError::Io(error)) => failure = error,
                Err(other) => return Err(other),
            }
        }
        Err(failure.into())
    }

    async fn open_one(config: &Config, host: &Host, port: u16) -> Result<Self, PostgresError> {
        let name = match host {
            Host::Tcp(name) => name,
            #[cfg(unix)]
            Host::Unix(folder) => {
                let path = folder.join(format!(".s.PGSQL.{port}"));
                return Ok(Self::Socket(tokio::net::UnixStream::connect(path).await?));
            }
        };
        let tcp = TcpStream::connect((name.as_str(), port)).await?;
        tcp.set_nodelay(true)?;
        if config.get_ssl_mode() == SslMode::Require {
            return Ok(Self::Tls(Box::new(encrypted(tcp, name).await?)));
        }
        Ok(Self::Tcp(tcp))
    }

    pub(super) async fn send(&mut self, out: &mut BytesMut) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => write(stream, out).await,
            Self::Tls(stream) => write(stream, out).await,
            #[cfg(unix)]
            Self::Socket(stream) => write(stream, out).await,
        }
    }

    /// Whether nothing has come that was not asked for, such as the connection's end.
    pub(super) fn is_quiet(&self) -> bool {
        let mut byte = [0; 1];
        let outcome = match self {
            Self::Tcp(stream) => stream.try_read(&mut byte),
            Self::Tls(stream) => stream.get_ref().0.try_read(&mut byte),
            #[cfg(unix)]
            Self::Socket(stream) => stream.try_read(&mut byte),
        };
        matches!(outcome, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Appends what has come; an error at the connection's end.
    pub(super) async fn receive(&mut self, into: &mut BytesMut) -> io::Result<()> {
        into.reserve(16 * 1024);
        let count = match self {
            Self::Tcp(stream) => read(stream, into).await?,
            Self::Tls(stream) => read(stream, into).await?,
            #[cfg(unix)]
            Self::Socket(stream) => read(stream, into).await?,
        };
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
        }
        Ok(())
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> io::Result<()> {
    stream.write_all(out).await?;
    stream.flush().await?;
    out.clear();
    Ok(())
}

async fn read(stream: &mut (impl AsyncRead + Unpin), into: &mut BytesMut) -> io::Result<usize> {
    stream.read_buf(into).await
}

/// Asks for TLS, see "SSL Session Encryption" in the protocol's documentation, and trusts what browsers trust.
async fn encrypted(mut tcp: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, PostgresError> {
    let mut out = BytesMut::new();
    postgres_protocol::message::frontend::ssl_request(&mut out);
    tcp.write_all(&out).await?;
    if tcp.read_u8().await? != b'S' {
        return Err(PostgresError::Unsupported("the server has no TLS, which `sslmode=require` asks for"));
    }
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("invariant: the provider has the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| PostgresError::Unsupported("the host is no name that a certificate could have"))?;
    Ok(TlsConnector::from(Arc::new(client)).connect(name, tcp).await?)
}

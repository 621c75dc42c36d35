//! The bytes of a connection: over TCP, TLS, or a socket file.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::tls;
use crate::connect::{Host, Place, PostgresTarget};
use crate::execute::PostgresError;

/// The byte stream of an open connection.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    #[cfg(unix)]
    Socket(tokio::net::UnixStream),
}

/// Whether to encrypt a connection before signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    Never,
    IfOffered,
    Always,
}

impl Stream {
    /// Connects to a host.
    pub(super) async fn open(
        target: &PostgresTarget,
        host: &Host,
        encryption: Encryption,
        config: Option<&Arc<rustls::ClientConfig>>,
    ) -> Result<Self, PostgresError> {
        #[cfg(unix)]
        if matches!(host.place, Place::Socket(_) | Place::UsualSocket(_)) {
            return Self::open_socket(host).await;
        }

        let tcp = match &host.place {
            Place::Name(name) => TcpStream::connect((name.as_str(), host.port)).await?,
            Place::Address { address, .. } => TcpStream::connect(SocketAddr::new(*address, host.port)).await?,
            Place::Socket(_) | Place::UsualSocket(_) => {
                return Err(PostgresError::Unsupported("this system does not support socket files"));
            }
        };
        tcp.set_nodelay(true)?;
        keep_alive(&tcp, target)?;

        match (encryption, config) {
            (Encryption::Never, _) | (_, None) => Ok(Self::Tcp(tcp)),
            (encryption, Some(config)) => start_tls(tcp, host, encryption, config).await,
        }
    }

    #[cfg(unix)]
    async fn open_socket(host: &Host) -> Result<Self, PostgresError> {
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the socket file does not exist");
        for path in host.sockets() {
            match tokio::net::UnixStream::connect(&path).await {
                Ok(stream) => return Ok(Self::Socket(stream)),
                Err(error) => failure = io::Error::new(error.kind(), format!("{}: {error}", path.display())),
            }
        }

        Err(failure.into())
    }

    /// The server's certificate; `None` without TLS.
    pub(super) fn server_certificate(&self) -> Option<&[u8]> {
        match self {
            Self::Tls(stream) => Some(stream.get_ref().1.peer_certificates()?.first()?),
            _ => None,
        }
    }

    /// Whether nothing has arrived unasked, such as the connection's end. If something has, a byte of it is discarded.
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

    /// Writes and reads at the same time until something has arrived. A server that waits for its rows to be read stops
    /// reading itself, so writing everything first could block forever. Written bytes are removed from `out`. The
    /// connection's end is an error.
    pub(super) fn poll_exchange(
        &mut self,
        context: &mut Context<'_>,
        out: &mut BytesMut,
        into: &mut BytesMut,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => exchange(Pin::new(stream), context, out, into),
            Self::Tls(stream) => exchange(Pin::new(&mut **stream), context, out, into),
            #[cfg(unix)]
            Self::Socket(stream) => exchange(Pin::new(stream), context, out, into),
        }
    }
}

fn exchange<S: AsyncRead + AsyncWrite>(
    mut stream: Pin<&mut S>,
    context: &mut Context<'_>,
    out: &mut BytesMut,
    into: &mut BytesMut,
) -> Poll<io::Result<()>> {
    while !out.is_empty() {
        match stream.as_mut().poll_write(context, out) {
            Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(Ok(count)) => out.advance(count),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => break,
        }
    }
    if let Poll::Ready(Err(error)) = stream.as_mut().poll_flush(context) {
        return Poll::Ready(Err(error));
    }

    into.reserve(16 * 1024);
    let count = ready!(tokio_util::io::poll_read_buf(stream, context, into))?;
    if count == 0 {
        return Poll::Ready(Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the server closed the connection",
        )));
    }
    Poll::Ready(Ok(()))
}

/// Sets up TCP keepalive, so that the system notices a server that has vanished silently.
fn keep_alive(tcp: &TcpStream, target: &PostgresTarget) -> io::Result<()> {
    let socket = SockRef::from(tcp);
    if let Some(given) = target.keepalive {
        let mut keepalive = TcpKeepalive::new();
        if let Some(idle) = given.idle {
            keepalive = keepalive.with_time(idle);
        }

        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            if let Some(interval) = given.interval {
                keepalive = keepalive.with_interval(interval);
            }
            if let Some(count) = given.count {
                keepalive = keepalive.with_retries(count);
            }
        }

        socket.set_tcp_keepalive(&keepalive)?;
    }

    #[cfg(target_os = "linux")]
    if let Some(limit) = target.user_timeout {
        socket.set_tcp_user_timeout(Some(limit))?;
    }

    Ok(())
}

/// Asks for TLS, see "SSL Session Encryption" in the protocol's documentation.
async fn start_tls(
    mut tcp: TcpStream,
    host: &Host,
    encryption: Encryption,
    config: &Arc<rustls::ClientConfig>,
) -> Result<Stream, PostgresError> {
    let mut out = BytesMut::new();
    postgres_protocol::message::frontend::ssl_request(&mut out);
    tcp.write_all(&out).await?;
    if tcp.read_u8().await? != b'S' {
        return match encryption {
            Encryption::Always => Err(PostgresError::Unsupported(
                "the server does not support TLS, which `sslmode` requires",
            )),
            _ => Ok(Stream::Tcp(tcp)),
        };
    }

    let name = match (host.certificate_name(), &host.place) {
        (Some(name), _) => name.to_owned(),
        (None, Place::Address { address, .. }) => address.to_string(),
        (None, _) => String::new(),
    };
    let server = ServerName::try_from(name.clone())
        .map_err(|_| PostgresError::Tls(format!("the host `{name}` is not a valid name in a certificate")))?;

    let connected = TlsConnector::from(Arc::clone(config)).connect(server, tcp).await;
    Ok(Stream::Tls(Box::new(
        connected.map_err(|error| tls::explain(&error, &name))?,
    )))
}

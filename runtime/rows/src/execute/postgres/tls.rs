//! TLS to a server. `sslmode` and `sslrootcert` have the same meaning as in libpq.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::connect::{Roots, Tls, TlsVersion};
use crate::execute::PostgresError;

/// The TLS configuration of a pool's connections; made once, since it reads files.
pub(super) fn client_config(tls: &Tls) -> Result<Arc<ClientConfig>, PostgresError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = versions(tls);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(|error| PostgresError::Tls(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier(tls, provider)?);

    let mut config = match &tls.certificate {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let chain = certificates(&own.certificate, "sslcert")?;
            let key =
                PrivateKeyDer::from_pem_file(&own.key).map_err(|error| unreadable_file(&own.key, "sslkey", &error))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| PostgresError::Tls(format!("`sslcert` and `sslkey` do not match: {error}")))?
        }
    };
    config.enable_sni = tls.sends_name;

    Ok(Arc::new(config))
}

fn versions(tls: &Tls) -> Vec<&'static rustls::SupportedProtocolVersion> {
    let known = [
        (TlsVersion::V12, &rustls::version::TLS12),
        (TlsVersion::V13, &rustls::version::TLS13),
    ];
    let is_allowed = |version: TlsVersion| (tls.min_version..=tls.max_version).contains(&version);
    known
        .into_iter()
        .filter(|(version, _)| is_allowed(*version))
        .map(|(_, known)| known)
        .collect()
}

fn verifier(tls: &Tls, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, PostgresError> {
    let mut roots = RootCertStore::empty();
    match &tls.roots {
        Roots::None => return Ok(Arc::new(AnyServer { provider })),
        Roots::File(path) => {
            for root in certificates(path, "sslrootcert")? {
                roots
                    .add(root)
                    .map_err(|error| unreadable_file(path, "sslrootcert", &error))?;
            }
        }
        Roots::System | Roots::Assumed => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }

    let known = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| PostgresError::Tls(format!("`sslrootcert` contains no usable authority: {error}")))?;
    Ok(if tls.checks_name() {
        known
    } else {
        Arc::new(AnyName { verifier: known })
    })
}

/// The certificates of a PEM file.
fn certificates(path: &Path, parameter: &'static str) -> Result<Vec<CertificateDer<'static>>, PostgresError> {
    let wrong = |error: rustls::pki_types::pem::Error| unreadable_file(path, parameter, &error);
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(wrong)?
        .collect::<Result<_, _>>()
        .map_err(wrong)?;

    if found.is_empty() {
        return Err(PostgresError::Tls(format!(
            "the file of `{parameter}`, {}, contains no certificate",
            path.display()
        )));
    }

    Ok(found)
}

fn unreadable_file(path: &Path, parameter: &str, error: &dyn std::fmt::Display) -> PostgresError {
    PostgresError::Tls(format!(
        "the file of `{parameter}`, {}, cannot be read: {error}",
        path.display()
    ))
}

/// Explains a failed handshake, and names the parameter that fixes it.
pub(super) fn explain(error: &io::Error, host: &str) -> PostgresError {
    let known = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());

    let text = match known {
        Some(rustls::Error::InvalidCertificate(wrong)) => match wrong {
            CertificateError::UnknownIssuer => "the server's certificate is signed by an authority that is not \
                 trusted; set `sslrootcert` to the authority's file"
                .to_owned(),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
                "the server's certificate is not for the host `{host}`; connect with a name that it contains, or \
                 use `sslmode=verify-ca`, which does not check the name"
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired; renew it".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet; check the clocks".to_owned()
            }
            other => format!("the server's certificate is not accepted (`sslmode`, `sslrootcert`): {other}"),
        },
        Some(rustls::Error::AlertReceived(alert)) => format!(
            "the server refused the TLS connection ({alert:?}); it may require a client certificate: set \
             `sslcert` and `sslkey`"
        ),
        Some(other) => format!("the TLS connection failed: {other}"),
        None => format!("the TLS connection failed: {error}"),
    };

    PostgresError::Tls(text)
}

/// Accepts any certificate: `sslmode` only encrypts and does not verify the server.
#[derive(Debug)]
struct AnyServer {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Accepts a certificate of a known authority for any host name.
#[derive(Debug)]
struct AnyName {
    verifier: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        // The authority is checked before the name.
        match self.verifier.verify_server_cert(certificate, chain, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

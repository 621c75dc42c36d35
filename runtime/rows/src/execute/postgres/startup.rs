//! Signs in to the server: start-up message, password, SCRAM and channel binding.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding as Binding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::stream::Stream;
use crate::connect::{ChannelBinding, PostgresTarget};
use crate::execute::PostgresError;
use crate::execute::postgres_error::protocol_error;

/// The server's process number of a connection, and the secret with which its statement can be cancelled.
#[derive(Clone, Copy)]
pub(super) struct Session {
    pub(super) process: i32,
    pub(super) secret: i32,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("process", &self.process)
            .finish_non_exhaustive()
    }
}

/// Signs in at one of the target's hosts. The start-up message contains only what every pooler passes on.
pub(super) async fn sign_in(
    stream: &mut Stream,
    read: &mut BytesMut,
    target: &PostgresTarget,
    host: usize,
) -> Result<Session, PostgresError> {
    let mut parameters = vec![
        ("user", target.user.as_str()),
        ("database", target.database.as_str()),
        (
            "application_name",
            target.application_name.as_deref().unwrap_or("graphql"),
        ),
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, MDY"),
        ("TimeZone", "UTC"),
    ];
    parameters.extend(target.options.as_deref().map(|options| ("options", options)));

    let mut write = BytesMut::new();
    frontend::startup_message(parameters, &mut write)?;

    let password = target.password_for(host).map(str::as_bytes);
    let given = || {
        password.ok_or(PostgresError::Unsupported(
            "the server requires a password; give one in the URL, in PGPASSWORD or in the password file",
        ))
    };

    let mut scram: Option<ScramSha256> = None;
    let mut session = Session { process: 0, secret: 0 };
    loop {
        match next(stream, &mut write, read).await? {
            Message::AuthenticationCleartextPassword => {
                check_binding(target, false)?;
                frontend::password_message(given()?, &mut write)?;
            }
            Message::AuthenticationMd5Password(body) => {
                check_binding(target, false)?;
                let hash = md5_hash(target.user.as_bytes(), given()?, body.salt());
                frontend::password_message(hash.as_bytes(), &mut write)?;
            }
            Message::AuthenticationSasl(body) => {
                let offered: Vec<String> = body.mechanisms().map(|name| Ok(name.to_owned())).collect()?;
                let (mechanism, binding) = mechanism(&offered, stream, target)?;
                let client = ScramSha256::new(given()?, binding);
                frontend::sasl_initial_response(mechanism, client.message(), &mut write)?;
                scram = Some(client);
            }
            Message::AuthenticationSaslContinue(body) => {
                let client = scram
                    .as_mut()
                    .ok_or_else(|| protocol_error("an unexpected SASL message"))?;
                client.update(body.data()).map_err(|_| wrong_password())?;
                frontend::sasl_response(client.message(), &mut write)?;
            }
            Message::AuthenticationSaslFinal(body) => {
                let client = scram
                    .as_mut()
                    .ok_or_else(|| protocol_error("an unexpected SASL message"))?;
                client.finish(body.data()).map_err(|_| wrong_password())?;
            }
            Message::BackendKeyData(body) => {
                session = Session {
                    process: body.process_id(),
                    secret: body.secret_key(),
                };
            }
            Message::ErrorResponse(body) => return Err(PostgresError::of(&body)),
            Message::ReadyForQuery(_) => return Ok(session),
            Message::AuthenticationOk => check_binding(target, scram.is_some())?,
            Message::ParameterStatus(_) | Message::NoticeResponse(_) => {}
            _ => {
                return Err(PostgresError::Unsupported(
                    "the server requires an authentication method that is not supported",
                ));
            }
        }
    }
}

/// The SCRAM mechanism to sign in with, and its channel binding.
fn mechanism(
    offered: &[String],
    stream: &Stream,
    target: &PostgresTarget,
) -> Result<(&'static str, Binding), PostgresError> {
    let has = |name: &str| offered.iter().any(|known| known == name);
    let wanted = target.channel_binding;
    let hash = stream
        .server_certificate()
        .filter(|_| wanted != ChannelBinding::Disable)
        .and_then(certificate_hash);

    match hash {
        Some(hash) if has(SCRAM_SHA_256_PLUS) => Ok((SCRAM_SHA_256_PLUS, Binding::tls_server_end_point(hash))),
        _ if wanted == ChannelBinding::Require => Err(channel_binding_error()),
        Some(_) if has(SCRAM_SHA_256) => Ok((SCRAM_SHA_256, Binding::unrequested())),
        _ if has(SCRAM_SHA_256) => Ok((SCRAM_SHA_256, Binding::unsupported())),
        _ => Err(PostgresError::Unsupported(
            "the server offers no authentication method that is supported",
        )),
    }
}

/// Refuses an authentication method without channel binding if the URL requires it.
fn check_binding(target: &PostgresTarget, is_scram: bool) -> Result<(), PostgresError> {
    if target.channel_binding == ChannelBinding::Require && !is_scram {
        Err(channel_binding_error())
    } else {
        Ok(())
    }
}

fn channel_binding_error() -> PostgresError {
    PostgresError::Unsupported("the server does not use channel binding, which `channel_binding=require` demands")
}

fn wrong_password() -> PostgresError {
    PostgresError::Unsupported("authentication failed; check user and password")
}

/// The hash of a certificate, made with the hash function of its signature, or with SHA-256 instead of an outdated one.
/// `None` if the signature names no hash function. See "Channel Bindings for TLS" (RFC 5929, 4.1).
fn certificate_hash(certificate: &[u8]) -> Option<Vec<u8>> {
    use x509_cert::der::Decode as _;
    let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
    let algorithm = parsed.signature_algorithm().oid.to_string();

    Some(match algorithm.as_str() {
        // RSA and ECDSA with SHA-384, then with SHA-512.
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Sha384::digest(certificate).to_vec(),
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Sha512::digest(certificate).to_vec(),
        // These signatures name no hash function.
        "1.3.101.112" | "1.3.101.113" | "1.2.840.113549.1.1.10" => return None,
        _ => Sha256::digest(certificate).to_vec(),
    })
}

/// Sends what is queued in `write` and returns the next message.
pub(super) async fn next(
    stream: &mut Stream,
    write: &mut BytesMut,
    read: &mut BytesMut,
) -> Result<Message, PostgresError> {
    loop {
        if let Some(message) = Message::parse(read)? {
            return Ok(message);
        }
        std::future::poll_fn(|context| stream.poll_exchange(context, write, read)).await?;
    }
}

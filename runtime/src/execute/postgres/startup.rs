//! Signing in, and ending another connection's statement.

use std::time::Duration;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio_postgres::Config;

use super::PostgresError;
use super::error::broken;
use super::stream::Stream;

/// What the server calls a connection, and the secret that lets it be interrupted.
#[derive(Clone, Copy)]
pub(super) struct Session {
    process: i32,
    secret: i32,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("process", &self.process).finish_non_exhaustive()
    }
}

/// Signs in. Each transaction of the session reads from one snapshot, and a statement ends after `statement_timeout`.
pub(super) async fn sign_in(
    stream: &mut Stream,
    read: &mut BytesMut,
    config: &Config,
    statement_timeout: Duration,
) -> Result<Session, PostgresError> {
    let user = config.get_user().ok_or(PostgresError::Unsupported("the URL names no user"))?;
    let timeout = statement_timeout.as_millis().to_string();
    let mut parameters = vec![
        ("user", user),
        ("database", config.get_dbname().unwrap_or(user)),
        ("application_name", config.get_application_name().unwrap_or("graphql")),
        ("client_encoding", "UTF8"),
        ("default_transaction_isolation", "repeatable read"),
        ("statement_timeout", &timeout),
    ];
    parameters.extend(config.get_options().map(|options| ("options", options)));
    let mut write = BytesMut::new();
    frontend::startup_message(parameters, &mut write)?;
    stream.send(&mut write).await?;
    let password = config.get_password();
    let given = || password.ok_or(PostgresError::Unsupported("the server asks for a password, and the URL has none"));
    let mut scram: Option<ScramSha256> = None;
    let mut session = Session { process: 0, secret: 0 };
    loop {
        match next(stream, read).await? {
            Message::AuthenticationCleartextPassword => frontend::password_message(given()?, &mut write)?,
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(user.as_bytes(), given()?, body.salt());
                frontend::password_message(hash.as_bytes(), &mut write)?;
            }
            Message::AuthenticationSasl(body) => {
                let is_known = body.mechanisms().any(|mechanism| Ok(mechanism == SCRAM_SHA_256))?;
                if !is_known {
                    return Err(PostgresError::Unsupported(
                        "the server offers no way to sign in but SCRAM with a channel",
                    ));
                }
                let client = ScramSha256::new(given()?, ChannelBinding::unsupported());
                frontend::sasl_initial_response(SCRAM_SHA_256, client.message(), &mut write)?;
                scram = Some(client);
            }
            Message::AuthenticationSaslContinue(body) => {
                let client = scram.as_mut().ok_or_else(|| broken("an answer to no question"))?;
                client.update(body.data())?;
                frontend::sasl_response(client.message(), &mut write)?;
            }
            Message::AuthenticationSaslFinal(body) => {
                scram.as_mut().ok_or_else(|| broken("an answer to no question"))?.finish(body.data())?;
            }
            Message::BackendKeyData(body) => {
                session = Session { process: body.process_id(), secret: body.secret_key() };
            }
            Message::ErrorResponse(body) => return Err(PostgresError::of(&body)),
            Message::ReadyForQuery(_) => return Ok(session),
            Message::AuthenticationOk | Message::ParameterStatus(_) | Message::NoticeResponse(_) => {}
            _ => {
                return Err(PostgresError::Unsupported("the server asks for a way to sign in that this program lacks"));
            }
        }
        if !write.is_empty() {
            stream.send(&mut write).await?;
        }
    }
}

/// Ends the statement that a connection runs, if it runs one.
pub(super) async fn cancel(config: &Config, session: Session) -> Result<(), PostgresError> {
    let mut stream = Stream::open(config).await?;
    let mut write = BytesMut::new();
    frontend::cancel_request(session.process, session.secret, &mut write);
    stream.send(&mut write).await?;
    // The server closes the connection once it has passed the request on.
    let _ = stream.receive(&mut write).await;
    Ok(())
}

async fn next(stream: &mut Stream, read: &mut BytesMut) -> Result<Message, PostgresError> {
    loop {
        if let Some(message) = Message::parse(read)? {
            return Ok(message);
        }
        stream.receive(read).await?;
    }
}

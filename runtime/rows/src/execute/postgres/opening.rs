//! Opens a connection: tries the hosts in turn, sets up TLS, signs in, and sets up the session.

use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use super::PostgresConnector;
use super::startup::{self, Session, sign_in};
use super::stream::{Encryption, Stream};
use crate::connect::{SessionAttributes, SslMode};
use crate::execute::PostgresError;
use crate::execute::postgres_error::protocol_error;

/// How long connecting to one of several hosts may take, unless the URL sets `connect_timeout`.
const HOST_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that is signed in.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) read: BytesMut,
    pub(super) session: Session,
    pub(super) host: usize,
    /// Whether there is a pooler before the server: the next transaction may run in another session.
    pub(super) is_pooled: bool,
}

/// The properties of a session: whether it is pooled, and those that `target_session_attrs` can require.
struct SessionProperties {
    is_pooled: bool,
    is_standby: bool,
    is_read_only: bool,
}

/// Connects to the first host that meets `target_session_attrs`.
pub(super) async fn open(connector: &PostgresConnector) -> Result<Opened, PostgresError> {
    let target = &connector.target;
    let mut order: Vec<usize> = (0..target.hosts.len()).collect();
    if target.load_balance {
        let first = crate::jitter::jitter() as usize % order.len();
        order.rotate_left(first);
    }

    // `prefer-standby` accepts any server in the second round.
    let rounds: &[SessionAttributes] = match target.session {
        SessionAttributes::PreferStandby => &[SessionAttributes::Standby, SessionAttributes::Any],
        ref one => std::slice::from_ref(one),
    };

    let mut failure = None;
    for &wanted in rounds {
        for &host in &order {
            let limit = target
                .connect_timeout
                .unwrap_or(if order.len() > 1 { HOST_TIMEOUT } else { Duration::MAX });
            let opened = tokio::time::timeout(limit, open_host(connector, host, wanted)).await;
            match opened.unwrap_or(Err(PostgresError::Timeout)) {
                Ok(opened) => return Ok(opened),
                Err(error) => failure = Some(error),
            }
        }
    }

    Err(failure.unwrap_or_else(|| protocol_error("the URL names no host")))
}

async fn open_host(
    connector: &PostgresConnector,
    host: usize,
    wanted: SessionAttributes,
) -> Result<Opened, PostgresError> {
    let attempts: &[Encryption] = match connector.target.tls.mode {
        SslMode::Disable => &[Encryption::Never],
        SslMode::Allow => &[Encryption::Never, Encryption::Always],
        SslMode::Prefer => &[Encryption::IfOffered, Encryption::Never],
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => &[Encryption::Always],
    };

    let mut failure = None;
    for &encryption in attempts {
        match attempt(connector, host, encryption).await {
            Ok(mut opened) => {
                set_up_session(&mut opened, connector, wanted).await?;
                return Ok(opened);
            }
            // If the server refused this choice of encryption, the other one is worth trying.
            Err(error) if error.is_about_encryption() => failure = failure.or(Some(error)),
            Err(error) => return Err(failure.unwrap_or(error)),
        }
    }

    Err(failure.unwrap_or_else(|| protocol_error("the server cannot be reached")))
}

async fn attempt(connector: &PostgresConnector, host: usize, encryption: Encryption) -> Result<Opened, PostgresError> {
    let target = &connector.target;
    let mut stream = Stream::open(target, &target.hosts[host], encryption, connector.tls.as_ref()).await?;
    let mut read = BytesMut::with_capacity(32 * 1024);
    let session = sign_in(&mut stream, &mut read, target, host).await?;

    Ok(Opened {
        stream,
        read,
        session,
        host,
        is_pooled: false,
    })
}

/// Checks the session against `target_session_attrs`, and sets it up if it belongs to the program alone.
async fn set_up_session(
    opened: &mut Opened,
    connector: &PostgresConnector,
    wanted: SessionAttributes,
) -> Result<(), PostgresError> {
    let standing = session_properties(opened).await?;
    let will_do = match wanted {
        SessionAttributes::Any | SessionAttributes::PreferStandby => true,
        SessionAttributes::ReadWrite => !standing.is_read_only,
        SessionAttributes::ReadOnly => standing.is_read_only,
        SessionAttributes::Primary => !standing.is_standby,
        SessionAttributes::Standby => standing.is_standby,
    };

    if !will_do {
        return Err(PostgresError::Unsupported(
            "no host is a server of the kind that `target_session_attrs` requires",
        ));
    }

    opened.is_pooled = connector.target.pooler.unwrap_or(standing.is_pooled);
    if !opened.is_pooled {
        simple_query(opened, &connector.session_sql).await?;
    }
    Ok(())
}

/// Asks for the properties of the session. A pooler makes up the process numbers of its connections, so they differ
/// from the session's own number.
async fn session_properties(opened: &mut Opened) -> Result<SessionProperties, PostgresError> {
    let sql = "SELECT pg_backend_pid()::text, pg_is_in_recovery()::text, \
               (pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' \
               OR current_setting('default_transaction_read_only') = 'on')::text";
    let row = simple_query(opened, sql).await?;

    let is = |at: usize| row.get(at).is_some_and(|value| value == "true");
    let process = row.first().and_then(|text| text.parse::<i32>().ok());

    Ok(SessionProperties {
        is_pooled: process != Some(opened.session.process),
        is_standby: is(1),
        is_read_only: is(2),
    })
}

/// Runs statements without parameters and returns the last row.
async fn simple_query(opened: &mut Opened, sql: &str) -> Result<Vec<String>, PostgresError> {
    let mut write = BytesMut::new();
    frontend::query(sql, &mut write)?;

    let (mut row, mut failure) = (Vec::new(), None);
    loop {
        match startup::next(&mut opened.stream, &mut write, &mut opened.read).await? {
            Message::DataRow(body) => {
                use fallible_iterator::FallibleIterator as _;
                let buffer = body.buffer();
                let texts = body.ranges().map(|range| {
                    Ok(range
                        .map(|range| String::from_utf8_lossy(&buffer[range]).into_owned())
                        .unwrap_or_default())
                });
                row = texts.collect()?;
            }
            Message::ErrorResponse(body) => failure = Some(PostgresError::of(&body)),
            Message::ReadyForQuery(_) => return failure.map_or(Ok(row), Err),
            _ => {}
        }
    }
}

/// The SQL that sets up the program's own session after signing in. It loosens no limit that the owner has set.
pub(super) fn session_sql(statement_timeout: Duration) -> String {
    let limit = statement_timeout.as_millis();
    format!(
        "SET default_transaction_isolation = 'repeatable read'; SET jit = off; SET IntervalStyle = 'postgres'; \
         SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on; \
         SELECT set_config('statement_timeout', '{limit}', false) FROM pg_settings \
         WHERE name = 'statement_timeout' AND (setting::bigint = 0 OR setting::bigint > {limit})"
    )
}

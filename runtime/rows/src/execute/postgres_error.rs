//! Failures of a connection to PostgreSQL, and error messages of the server.

use std::io;

use postgres_protocol::message::backend::ErrorResponseBody;

/// Why a connection or a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The server reported an error.
    #[error("{0}")]
    Server(Box<ServerMessage>),
    /// The connection lacks something that the server or the URL requires, such as TLS or a way to sign in.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The connection cannot be encrypted as the URL requires.
    #[error("{0}")]
    Tls(String),
    /// The server did not answer in time.
    #[error("the server did not answer in time")]
    Timeout,
}

/// An error message of the server, for the log and for codes; its text is not for clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerMessage {
    /// The SQLSTATE: five letters and digits, see "PostgreSQL Error Codes" in its documentation.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The constraint that was violated.
    pub constraint: Option<String>,
    /// The table it belongs to.
    pub table: Option<String>,
    /// The column it belongs to.
    pub column: Option<String>,
    /// The server's function that reported the error; its name is the same in every language.
    pub routine: String,
    /// Details, which may contain values of the row: never logged.
    pub detail: Option<String>,
}

impl std::fmt::Display for ServerMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl ServerMessage {
    /// Whether the server no longer knows a prepared statement, or its tables have changed since it was prepared: it
    /// may work if it is prepared again.
    pub(in crate::execute) fn is_stale_statement(&self) -> bool {
        match self.code.as_str() {
            "26000" | "42P05" => true,
            // The texts of errors follow the server's language, so any such refusal of a known statement counts.
            "0A000" => self.routine == "RevalidateCachedQuery",
            _ => false,
        }
    }
}

impl PostgresError {
    /// Whether the other choice of encryption may work: TLS failed, or the server does not admit such a connection.
    pub(in crate::execute) fn is_about_encryption(&self) -> bool {
        match self {
            Self::Tls(_) => true,
            // `invalid_authorization_specification`: no entry for such a connection.
            Self::Server(message) => message.code == "28000",
            _ => false,
        }
    }

    /// The SQLSTATE, if the server reported the error.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Server(message) => Some(&message.code),
            _ => None,
        }
    }

    pub(in crate::execute) fn of(body: &ErrorResponseBody) -> Self {
        use fallible_iterator::FallibleIterator as _;
        let mut found = ServerMessage::default();
        let mut fields = body.fields();
        // Fields that cannot be read are left out.
        while let Ok(Some(field)) = fields.next() {
            let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                b'C' => found.code = text,
                b'M' => found.message = text,
                b'n' => found.constraint = Some(text),
                b't' => found.table = Some(text),
                b'c' => found.column = Some(text),
                b'D' => found.detail = Some(text),
                b'R' => found.routine = text,
                _ => {}
            }
        }

        Self::Server(Box::new(found))
    }
}

/// The error for a connection that breaks the protocol, or breaks off.
pub(in crate::execute) fn protocol_error(what: &'static str) -> PostgresError {
    PostgresError::Io(io::Error::new(io::ErrorKind::InvalidData, what))
}

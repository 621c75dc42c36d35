//! Errors of database URLs. No message repeats a part of the URL that may hold a password.

/// Why a database URL is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// No scheme at all.
    #[error("the database URL has no scheme; expected `postgres://`, `mysql://`, `mariadb://` or `sqlite:`")]
    NoScheme,
    /// The scheme of an unsupported database.
    #[error("unsupported database scheme `{scheme}`; expected `postgres`, `mysql`, `mariadb` or `sqlite`")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// A scheme of a server without the slashes.
    #[error("the scheme `{scheme}` must be followed by `//`; expected `{scheme}://`")]
    Slashes {
        /// The scheme.
        scheme: String,
    },
    /// Invalid percent-encoding.
    #[error("the {part} is not valid percent-encoding; expected two hexadecimal digits after `%`, UTF-8, and no NUL")]
    Encoding {
        /// The part of the URL.
        part: String,
    },
    /// User, password, hosts and ports that cannot be told apart.
    #[error("invalid user, host or port in the URL: {problem}; expected `user:password@host:port`")]
    Authority {
        /// What is wrong.
        problem: &'static str,
    },
    /// An invalid port.
    #[error("invalid port for host {position} in the parameter `{parameter}`; expected a number from 1 to 65535")]
    Port {
        /// The parameter or variable.
        parameter: String,
        /// The host, counted from 1.
        position: usize,
    },
    /// Lists whose lengths differ.
    #[error("the parameter `{parameter}` has {given} entries; expected {expected}, one for each host")]
    Count {
        /// The parameter or variable.
        parameter: String,
        /// How many entries it has.
        given: usize,
        /// How many hosts there are.
        expected: usize,
    },
    /// A part of the query without `=`.
    #[error("entry {position} of the query has no `=`; expected `name=value`")]
    Pair {
        /// The entry, counted from 1.
        position: usize,
    },
    /// A value that a parameter does not accept.
    #[error("invalid value `{value}` for the parameter `{parameter}`; expected {expected}")]
    Value {
        /// The parameter or variable.
        parameter: String,
        /// The value.
        value: String,
        /// What the parameter accepts.
        expected: String,
    },
    /// A parameter that the database's client does not have.
    #[error("unknown {database} parameter `{parameter}`{}", suggestion(*.nearest))]
    Unknown {
        /// The parameter.
        parameter: String,
        /// The known parameter with the nearest name.
        nearest: Option<&'static str>,
        /// The database.
        database: &'static str,
    },
    /// A parameter that cannot be honoured, and is too important to be ignored.
    #[error("the parameter `{parameter}` cannot be honoured: {reason}; expected {expected}")]
    Refused {
        /// The parameter or variable.
        parameter: String,
        /// Why it cannot be honoured.
        reason: &'static str,
        /// What is accepted instead.
        expected: String,
    },
    /// A session setting that the program controls.
    #[error("the parameter `{parameter}` must not set `{setting}`, which the program sets itself")]
    Owned {
        /// The parameter or variable.
        parameter: String,
        /// The setting.
        setting: String,
    },
    /// A parameter without something that it requires.
    #[error("the parameter `{parameter}` needs {expected}")]
    Needs {
        /// The parameter.
        parameter: String,
        /// What it requires.
        expected: String,
    },
    /// A service that no file defines.
    #[error("unknown service `{service}`; expected a section `[{service}]` in {file}")]
    NoService {
        /// The service.
        service: String,
        /// Where it was looked for.
        file: String,
    },
    /// A service file that cannot be read.
    #[error("cannot read the service file `{file}`: {problem}; expected lines `name=value` below `[service]`")]
    ServiceFile {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// No user to sign in as.
    #[error("the URL names no user, and the user of this process has no name; expected `user`")]
    NoUser,
    /// No file.
    #[error("the URL names no file; expected `sqlite:PATH` or `sqlite::memory:`")]
    NoFile,
}

impl TargetError {
    /// Returns the next step for the user.
    pub fn hint(&self) -> String {
        match self {
            Self::NoScheme | Self::Scheme { .. } => "start the URL with the database's scheme".to_owned(),
            Self::Slashes { scheme } => format!("write `{scheme}://` before the host"),
            Self::Encoding { .. } => "write `%25` for a literal percent sign".to_owned(),
            Self::Authority { .. } | Self::Port { .. } => encode_hint(),
            Self::Count { .. } => "give one entry for each host, in the same order".to_owned(),
            Self::Pair { .. } => "write `%26` for an `&` in a value".to_owned(),
            Self::Value { parameter, .. } => format!("correct or remove `{parameter}`"),
            Self::Unknown {
                parameter,
                nearest: Some(nearest),
                ..
            } => {
                format!("write `{nearest}` instead of `{parameter}`, or remove it")
            }
            Self::Unknown { parameter, .. } | Self::Refused { parameter, .. } => format!("remove `{parameter}`"),
            Self::Owned { parameter, setting } => format!("remove `{setting}` from `{parameter}`"),
            Self::Needs { parameter, expected } => format!("provide {expected}, or change `{parameter}`"),
            Self::NoService { service, .. } => {
                format!("add the section `[{service}]`, or name its file with `PGSERVICEFILE`")
            }
            Self::ServiceFile { file, .. } => format!("correct `{file}`"),
            Self::NoUser => "name the user in the URL: `postgres://USER@host/database`".to_owned(),
            Self::NoFile => "name the file after `sqlite:`".to_owned(),
        }
    }
}

fn suggestion(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(
        || "; expected a documented parameter".to_owned(),
        |name| format!("; did you mean `{name}`?"),
    )
}

fn encode_hint() -> String {
    "percent-encode `@`, `:`, `/` and `?` in user and password, and write an IPv6 address in brackets".to_owned()
}

//! Why a database URL has no meaning. No message repeats a part of the URL that may hold a password.

/// Why a database URL has no meaning here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// No scheme at all.
    #[error("the database URL has no scheme; `postgres://`, `mysql://`, `mariadb://` or `sqlite:` is expected")]
    NoScheme,
    /// A scheme of no known database.
    #[error("the scheme `{scheme}` names no known database; `postgres`, `mysql`, `mariadb` or `sqlite` is expected")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// A scheme of a server without the slashes.
    #[error("the scheme `{scheme}` is not followed by `//`; `{scheme}://` is expected")]
    Slashes {
        /// The scheme.
        scheme: String,
    },
    /// A `%` that encodes nothing.
    #[error("the {part} does not decode; `%` and two hexadecimal digits, and UTF-8 without NUL are expected")]
    Encoding {
        /// The part of the URL.
        part: String,
    },
    /// User, password, hosts and ports that do not come apart.
    #[error("the URL's authority does not read: {problem}; `user:password@host:port` is expected")]
    Authority {
        /// What is wrong.
        problem: &'static str,
    },
    /// A port that is none.
    #[error("the parameter `{parameter}` has no valid port for host {position}; a number from 1 to 65535 is expected")]
    Port {
        /// The parameter or variable.
        parameter: String,
        /// The host, counted from 1.
        position: usize,
    },
    /// Lists whose lengths differ.
    #[error("the parameter `{parameter}` has {given} entries; {expected} are expected, one for each host")]
    Count {
        /// The parameter or variable.
        parameter: String,
        /// How many entries it has.
        given: usize,
        /// How many hosts there are.
        expected: usize,
    },
    /// A part of the query without `=`.
    #[error("the query's entry {position} has no `=`; `name=value` is expected")]
    Pair {
        /// The entry, counted from 1.
        position: usize,
    },
    /// A value that a parameter does not take.
    #[error("the parameter `{parameter}` does not take `{value}`; {expected} is expected")]
    Value {
        /// The parameter or variable.
        parameter: String,
        /// The value.
        value: String,
        /// What the parameter takes.
        expected: String,
    },
    /// A parameter that the database's client does not have.
    #[error("the parameter `{parameter}` is unknown to {database}{}", suggestion(*.nearest))]
    Unknown {
        /// The parameter.
        parameter: String,
        /// The known parameter with the nearest name.
        nearest: Option<&'static str>,
        /// The database.
        database: &'static str,
    },
    /// A parameter that cannot be honoured, and that means too much to be ignored.
    #[error("the parameter `{parameter}` cannot be honoured: {reason}; {expected} is expected")]
    Refused {
        /// The parameter or variable.
        parameter: String,
        /// Why it cannot be honoured.
        reason: &'static str,
        /// What may stand in its place.
        expected: String,
    },
    /// A setting that the program makes itself.
    #[error("the parameter `{parameter}` sets `{setting}`, which the program sets itself; no value is expected for it")]
    Owned {
        /// The parameter or variable.
        parameter: String,
        /// The setting.
        setting: String,
    },
    /// Two parameters that do not go together.
    #[error("the parameter `{parameter}` needs {expected}")]
    Needs {
        /// The parameter.
        parameter: String,
        /// What has to be there too.
        expected: String,
    },
    /// A service that no file defines.
    #[error("the service `{service}` is defined nowhere; a section `[{service}]` of {file} is expected")]
    NoService {
        /// The service.
        service: String,
        /// Where it was looked for.
        file: String,
    },
    /// A service file that does not read.
    #[error("the service file `{file}` does not read: {problem}; lines `name=value` below `[service]` are expected")]
    ServiceFile {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// Nobody to sign in as.
    #[error("the URL names no user, and the system has no name for this process's; `user` is expected")]
    NoUser,
    /// No file.
    #[error("the URL names no file; `sqlite:PATH` or `sqlite::memory:` is expected")]
    NoFile,
}

impl TargetError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::NoScheme | Self::Scheme { .. } => "start the URL with the database's scheme".to_owned(),
            Self::Slashes { scheme } => format!("write `{scheme}://` in front of the host"),
            Self::Encoding { .. } => "write `%25` for a percent sign that stands for itself".to_owned(),
            Self::Authority { .. } | Self::Port { .. } => encode_hint(),
            Self::Count { .. } => "name one for each host, in the same order".to_owned(),
            Self::Pair { .. } => "write `%26` for an `&` inside a value".to_owned(),
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
            Self::NoFile => "name the file behind `sqlite:`".to_owned(),
        }
    }
}

fn suggestion(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(
        || "; a documented one is expected".to_owned(),
        |name| format!("; `{name}` is perhaps meant"),
    )
}

fn encode_hint() -> String {
    "percent-encode `@`, `:`, `/` and `?` inside user and password, and write an IPv6 address in brackets".to_owned()
}

//! The settings of a schema: known settings are typed and have an effect, the others are data that is kept and shown.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use plan::model::Limits;

/// A setting's value.
pub type SettingValue = Value;

/// The settings of a schema, by name.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Settings(BTreeMap<String, Value>);

/// A known setting with an invalid value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting `{name}` must be {expected}, not `{found}`")]
pub struct SettingError {
    /// The setting.
    pub name: String,
    /// What it must be.
    pub expected: &'static str,
    /// What it is.
    pub found: String,
}

/// The effective values of the known settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each a setting of its own"
)]
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// Only signed-in viewers are answered (`require_authentication`).
    pub require_authentication: bool,
    /// Answers are cached (`enable_caching`, `cache_timeout`, `cache_key_prefix`).
    pub caching: Option<Caching>,
    /// Lists can be filtered (`enable_filtering`).
    pub filtering: bool,
    /// Mutations are served (`enable_mutations`).
    pub mutations: bool,
    /// Introspection is allowed (`enable_introspection`).
    pub introspection: bool,
    /// Browsers get GraphiQL (`enable_graphiql`).
    pub graphiql: bool,
    /// Bounds of a request (`max_query_depth`, `max_query_complexity`, `default_page_size`, `max_page_size`).
    pub limits: Limits,
    /// How long a request may take (`query_timeout`, seconds).
    pub query_timeout: Option<Duration>,
    /// Requests a minute for one caller (`rate_limit`).
    pub rate_limit: Option<u32>,
    /// Only requests over TLS are answered (`requires_ssl`).
    pub requires_ssl: bool,
}

/// How answers are cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caching {
    /// How long an answer is valid.
    pub timeout: Duration,
    /// The prefix of the keys, for a cache that is shared.
    pub prefix: String,
}

/// The settings that have an effect.
pub(super) const ACTING: &[&str] = &[
    "require_authentication",
    "authentication_required",
    "enable_caching",
    "cache_timeout",
    "cache_key_prefix",
    "enable_filtering",
    "enable_mutations",
    "enable_subscriptions",
    "enable_introspection",
    "enable_graphiql",
    "max_query_depth",
    "max_query_complexity",
    "query_timeout",
    "default_page_size",
    "max_page_size",
    "rate_limit",
    "requires_ssl",
    "show_raised_messages",
];

/// The settings that are data without effect.
pub(super) const FREE: &[&str] = &["tags", "domain", "dynamic", "generator", "session_required", "metadata"];

/// The default of `cache_timeout`, in seconds.
const CACHE_TIMEOUT: u64 = 300;

impl Settings {
    /// Adds or replaces a setting.
    pub fn insert(&mut self, name: &str, value: SettingValue) {
        self.0.insert(name.to_owned(), value);
    }

    /// Returns the settings in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SettingValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns a setting by name.
    pub fn value(&self, name: &str) -> Option<&SettingValue> {
        self.0.get(name)
    }

    /// Returns the names of settings that the server does not know.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| !ACTING.contains(name) && !FREE.contains(name))
    }

    /// Returns the effective settings, or an error for the first invalid one.
    pub fn effective(&self) -> Result<Effective, SettingError> {
        let defaults = Limits::default();
        let timeout = Duration::from_secs(self.count("cache_timeout", CACHE_TIMEOUT)?);
        let prefix = self.text("cache_key_prefix", "")?;

        if self.switch("enable_subscriptions", false)? {
            return Err(SettingError {
                name: "enable_subscriptions".into(),
                expected: "false (subscriptions are not supported)",
                found: "true".into(),
            });
        }

        let limits = Limits {
            page_size: self.count("default_page_size", defaults.page_size)?,
            max_page_size: self.count("max_page_size", defaults.max_page_size)?,
            max_rows: self.count("max_query_complexity", defaults.max_rows)?,
            max_depth: usize::try_from(self.count("max_query_depth", defaults.max_depth as u64)?).unwrap_or(usize::MAX),
            filtering: self.switch("enable_filtering", true)?,
            mutations: self.switch("enable_mutations", true)?,
            raised_messages: self.switch("show_raised_messages", false)?,
            ..defaults
        };

        Ok(Effective {
            require_authentication: self.switch("require_authentication", false)?
                || self.switch("authentication_required", false)?,
            caching: self
                .switch("enable_caching", false)?
                .then_some(Caching { timeout, prefix }),
            filtering: limits.filtering,
            mutations: limits.mutations,
            introspection: self.switch("enable_introspection", true)?,
            graphiql: self.switch("enable_graphiql", true)?,
            limits,
            query_timeout: self.optional_count("query_timeout")?.map(Duration::from_secs),
            rate_limit: self
                .optional_count("rate_limit")?
                .map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            requires_ssl: self.switch("requires_ssl", false)?,
        })
    }

    fn switch(&self, name: &str, default: bool) -> Result<bool, SettingError> {
        match self.0.get(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(other) => Err(invalid_setting(name, "true or false", other)),
        }
    }

    fn count(&self, name: &str, default: u64) -> Result<u64, SettingError> {
        Ok(self.optional_count(name)?.unwrap_or(default))
    }

    fn optional_count(&self, name: &str) -> Result<Option<u64>, SettingError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) if number >= 1 => Ok(Some(number)),
                _ => Err(invalid_setting(name, "a whole number from 1", value)),
            },
        }
    }

    fn text(&self, name: &str, default: &str) -> Result<String, SettingError> {
        match self.0.get(name) {
            None => Ok(default.to_owned()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(invalid_setting(name, "a text", other)),
        }
    }
}

fn invalid_setting(name: &str, expected: &'static str, found: &Value) -> SettingError {
    let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    SettingError {
        name: name.to_owned(),
        expected,
        found,
    }
}

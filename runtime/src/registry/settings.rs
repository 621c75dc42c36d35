//! The settings of a schema: those known by name are typed and checked, the others are kept as data.

use std::collections::BTreeMap;

/// A setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// On or off.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

impl From<bool> for SettingValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for SettingValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for SettingValue {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for SettingValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl std::fmt::Display for SettingValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(value) => write!(f, "`{value}`"),
        }
    }
}

/// A setting known by name with a value of the wrong kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting `{name}` must be {expected}, not {found}")]
pub struct SettingError {
    /// The setting.
    pub name: String,
    /// What it must be.
    pub expected: &'static str,
    /// What it is.
    pub found: SettingValue,
}

/// Settings that are part of the contract and do nothing in this version. A schema with one is refused: what it asks
/// for (that callers sign in, say) must not be left out in silence.
const WITHOUT_EFFECT: &[&str] = &[
    "require_authentication",
    "authentication_required",
    "enable_caching",
    "cache_timeout",
    "cache_key_prefix",
    "enable_filtering",
    "enable_mutations",
    "enable_subscriptions",
    "enable_introspection",
    "query_timeout",
    "rate_limit",
    "requires_ssl",
];

/// The settings of a schema, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, SettingValue>);

impl Settings {
    /// Adds or replaces a setting.
    pub fn insert(&mut self, name: &str, value: SettingValue) {
        self.0.insert(name.to_owned(), value);
    }

    /// The settings by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SettingValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The first setting that this version knows and does not act on.
    pub fn without_effect(&self) -> Option<&str> {
        self.0.keys().map(String::as_str).find(|name| WITHOUT_EFFECT.contains(name))
    }

    /// An on-or-off setting, `default` where it is not given.
    pub fn switch(&self, name: &'static str, default: bool) -> Result<bool, SettingError> {
        match self.0.get(name) {
            None => Ok(default),
            Some(SettingValue::Bool(value)) => Ok(*value),
            Some(other) => Err(Self::wrong(name, "true or false", other)),
        }
    }

    /// A number of at least one, `default` where it is not given.
    pub fn count(&self, name: &'static str, default: u64) -> Result<u64, SettingError> {
        match self.0.get(name) {
            None => Ok(default),
            Some(SettingValue::Int(value)) if *value >= 1 => Ok(value.unsigned_abs()),
            Some(other) => Err(Self::wrong(name, "a whole number from 1", other)),
        }
    }

    fn wrong(name: &str, expected: &'static str, found: &SettingValue) -> SettingError {
        SettingError { name: name.to_owned(), expected, found: found.clone() }
    }
}

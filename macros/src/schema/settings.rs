//! The settings that are known by name, and what kind of value each takes.

/// The kinds of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    PositiveInteger,
    Text,
}

impl Kind {
    pub(super) fn expectation(self) -> &'static str {
        match self {
            Self::Bool => "`true` or `false`",
            Self::PositiveInteger => "a whole number from 1",
            Self::Text => "a text",
        }
    }
}

/// Settings that the server reads, with the kind of value of each.
pub(super) const CHECKED_SETTINGS: &[(&str, Kind)] = &[
    ("require_authentication", Kind::Bool),
    ("authentication_required", Kind::Bool),
    ("enable_caching", Kind::Bool),
    ("cache_timeout", Kind::PositiveInteger),
    ("cache_key_prefix", Kind::Text),
    ("enable_filtering", Kind::Bool),
    ("enable_mutations", Kind::Bool),
    ("enable_subscriptions", Kind::Bool),
    ("enable_introspection", Kind::Bool),
    ("enable_graphiql", Kind::Bool),
    ("max_query_depth", Kind::PositiveInteger),
    ("max_query_complexity", Kind::PositiveInteger),
    ("query_timeout", Kind::PositiveInteger),
    ("default_page_size", Kind::PositiveInteger),
    ("max_page_size", Kind::PositiveInteger),
    ("rate_limit", Kind::PositiveInteger),
    ("requires_ssl", Kind::Bool),
];

/// Settings that are free data: only stored and shown.
pub(super) const FREE_SETTINGS: &[&str] = &["tags", "domain", "dynamic", "generator", "session_required", "metadata"];

/// Returns the known name that is most similar to a misspelt one; `None` if no name is similar enough.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

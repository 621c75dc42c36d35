//! The settings that are known by name, and what kind of value each takes.

/// The kinds of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Switch,
    Count,
    Text,
}

impl Kind {
    pub(super) fn expectation(self) -> &'static str {
        match self {
            Self::Switch => "`true` or `false`",
            Self::Count => "a whole number from 1",
            Self::Text => "a text",
        }
    }
}

/// Settings that the server reads, with the kind of value of each.
pub(super) const KNOWN: &[(&str, Kind)] = &[
    ("require_authentication", Kind::Switch),
    ("authentication_required", Kind::Switch),
    ("enable_caching", Kind::Switch),
    ("cache_timeout", Kind::Count),
    ("cache_key_prefix", Kind::Text),
    ("enable_filtering", Kind::Switch),
    ("enable_mutations", Kind::Switch),
    ("enable_subscriptions", Kind::Switch),
    ("enable_introspection", Kind::Switch),
    ("enable_graphiql", Kind::Switch),
    ("max_query_depth", Kind::Count),
    ("max_query_complexity", Kind::Count),
    ("query_timeout", Kind::Count),
    ("default_page_size", Kind::Count),
    ("max_page_size", Kind::Count),
    ("rate_limit", Kind::Count),
    ("requires_ssl", Kind::Switch),
];

/// Settings that are free data: only stored and shown.
pub(super) const FREE: &[&str] = &["tags", "domain", "dynamic", "generator", "session_required", "metadata"];

/// Returns the known name that is most similar to a misspelt one; `None` if no name is similar enough.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

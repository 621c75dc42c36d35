//! A table pattern: `orders`, `order*`, `sales.*`.

use crate::catalog::ObjectName;

/// A name in which `*` matches any text. It is matched against the name; if it has a dot, also against namespace and
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Creates a pattern; every text is a valid one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name of a table or function matches.
    pub fn matches(&self, table: &ObjectName) -> bool {
        glob(&self.0, &table.name) || self.0.contains('.') && glob(&self.0, &table.to_string())
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(tail) = text.strip_prefix(head) else {
        return false;
    };
    (0..=tail.len())
        .filter(|&at| tail.is_char_boundary(at))
        .any(|at| glob(rest, &tail[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_any_text_and_dots_the_namespace() {
        let table = ObjectName::new("sales", "order_items");
        for (pattern, matches) in [
            ("order_items", true),
            ("order*", true),
            ("*items", true),
            ("o*r_*s", true),
            ("orders", false),
            ("order", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(&table), matches, "{pattern}");
        }
        assert!(Pattern::new("sales.*").matches(&table));
        assert!(!Pattern::new("public.*").matches(&table));
    }
}

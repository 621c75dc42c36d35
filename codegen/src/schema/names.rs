//! Converts database names to Rust and GraphQL names. Each has its own type, so that unconverted text is never used as
//! a name.

use heck::{ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// A Rust identifier, without the `r#` of a keyword.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RustName(String);

/// A valid GraphQL name: `[_A-Za-z][_0-9A-Za-z]*`, not beginning with `__`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GraphqlName(String);

/// Type names that generated modules or GraphQL itself already use.
const TAKEN_TYPES: &[&str] = &[
    "App",
    "BigInt",
    "Boolean",
    "Box",
    "Bytes",
    "Column",
    "Date",
    "DateTime",
    "Debug",
    "Decimal",
    "Duration",
    "Entity",
    "Enum",
    "Float",
    "Geometry",
    "ID",
    "Id",
    "Int",
    "Json",
    "JSON",
    "Key",
    "Kind",
    "Mutation",
    "NaiveDate",
    "NaiveDateTime",
    "NaiveTime",
    "None",
    "Option",
    "Presence",
    "Query",
    "Relation",
    "Result",
    "Self",
    "Some",
    "String",
    "Subscription",
    "Table",
    "Time",
    "Utc",
    "Uuid",
    "UUID",
    "Value",
    "Vec",
];

/// Appends `_` to keywords without a raw form, and to names that generated code uses itself.
fn escape_reserved(name: String) -> String {
    match name.as_str() {
        "self" | "super" | "crate" | "Self" | "_" | "rt" | "runtime" => name + "_",
        _ => name,
    }
}

impl RustName {
    /// A field, module or function: `snake_case`.
    pub fn snake(text: &str) -> Self {
        Self(escape_reserved(identifier(&ascii(text).to_snake_case())))
    }

    /// A type or variant: `UpperCamelCase`.
    pub fn camel(text: &str) -> Self {
        let name = identifier(&ascii(text).to_upper_camel_case());
        // `_2fa` would also be the name of the module of its columns.
        match name
            .strip_prefix('_')
            .filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        {
            Some(rest) => Self(format!("N{rest}")),
            None => Self(escape_reserved(name)),
        }
    }

    /// A static: `SHOUTY_SNAKE_CASE`.
    pub fn shouty(text: &str) -> Self {
        Self(identifier(&ascii(text).to_shouty_snake_case()))
    }

    /// The text, without the `r#` of a keyword.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name with a suffix.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        Self(format!("{}{suffix}", self.0))
    }

    /// The identifier; a keyword is in its raw form (`r#type`).
    pub fn ident(&self) -> proc_macro2::Ident {
        let span = proc_macro2::Span::call_site();
        // A keyword since the 2024 edition, which the parser does not know as one.
        if self.0 == "gen" {
            return proc_macro2::Ident::new_raw("gen", span);
        }
        syn::parse_str(&self.0).unwrap_or_else(|_| proc_macro2::Ident::new_raw(&self.0, span))
    }
}

impl GraphqlName {
    /// A field: `lowerCamelCase`.
    pub fn field(text: &str) -> Self {
        Self(identifier(&ascii(text).to_lower_camel_case()))
    }

    /// A type: `UpperCamelCase`; one that GraphQL or generated code already uses gets the suffix `Row`.
    pub fn type_name(text: &str) -> Self {
        let name = identifier(&ascii(text).to_upper_camel_case());
        if TAKEN_TYPES.contains(&name.as_str()) {
            Self(format!("{name}Row"))
        } else {
            Self(name)
        }
    }

    /// An enum value: the label itself if it is a valid GraphQL name, otherwise a name made of it.
    pub fn enum_value(label: &str) -> Self {
        if is_graphql_name(label) && !matches!(label, "true" | "false" | "null") {
            return Self(label.to_owned());
        }
        let name: String = ascii(label)
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let name = identifier(name.trim_matches('_'));
        if matches!(name.as_str(), "true" | "false" | "null") {
            Self(name + "_")
        } else {
            Self(name)
        }
    }

    /// The name from the settings; `None` if it is not a valid GraphQL name.
    pub fn from_setting(text: &str) -> Option<Self> {
        is_graphql_name(text).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name with a suffix.
    #[must_use]
    pub fn suffixed(&self, suffix: &str) -> Self {
        Self(format!("{}{suffix}", self.0))
    }
}

impl std::fmt::Display for GraphqlName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text is a valid name, see "Names" in the GraphQL specification.
pub(super) fn is_graphql_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !text.starts_with("__")
}

/// Whether a name had to be transliterated rather than only re-cased.
pub(super) fn is_transliterated(text: &str) -> bool {
    !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || text.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the singular and plural of a table's name in `snake_case`: `order_items` gives (`order_item`,
/// `order_items`). Only the last word is inflected.
pub(super) fn singular_and_plural(table: &str) -> (String, String) {
    let snake = ascii(table).to_snake_case();
    let (head, last) = match snake.rsplit_once('_') {
        Some((head, last)) => (format!("{head}_"), last),
        None => (String::new(), snake.as_str()),
    };

    // The library takes the final `s` of `status`, `address` and the like for that of a plural.
    let singular = if ["ss", "us", "is"].iter().any(|end| last.ends_with(end)) || last.len() < 3 {
        last.to_owned()
    } else {
        pluralizer::pluralize(last, 1, false)
    };
    let plural = match last {
        _ if singular == last && last.ends_with("us") && last != "us" && table.ends_with("status") => last.to_owned(),
        _ => pluralizer::pluralize(&singular, 2, false),
    };

    (format!("{head}{singular}"), format!("{head}{plural}"))
}

fn ascii(text: &str) -> String {
    if text.is_ascii() {
        text.to_owned()
    } else {
        deunicode::deunicode(text)
    }
}

/// Returns the text without characters that an identifier cannot have. A leading digit gets a `_` before it; `column`
/// replaces an empty result.
fn identifier(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    match kept.chars().next() {
        None => "column".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{kept}"),
        Some(_) => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_bend_in_their_last_word() {
        for (table, singular, plural) in [
            ("order_items", "order_item", "order_items"),
            ("categories", "category", "categories"),
            ("people", "person", "people"),
            ("status", "status", "status"),
            ("addresses", "address", "addresses"),
            ("address", "address", "addresses"),
            ("users_profile", "users_profile", "users_profiles"),
            ("user", "user", "users"),
            ("news", "news", "news"),
            ("order_status", "order_status", "order_status"),
        ] {
            assert_eq!(singular_and_plural(table), (singular.into(), plural.into()), "{table}");
        }
    }

    #[test]
    fn odd_names_become_identifiers() {
        assert_eq!(GraphqlName::field("is_active").as_str(), "isActive");
        assert_eq!(GraphqlName::field("1st col").as_str(), "_1stCol");
        assert_eq!(GraphqlName::field("größe").as_str(), "grosse");
        assert_eq!(GraphqlName::field("a-b").as_str(), "aB");
        assert_eq!(GraphqlName::field("---").as_str(), "column");
        assert_eq!(GraphqlName::type_name("option").as_str(), "OptionRow");
        assert_eq!(GraphqlName::enum_value("in-progress").as_str(), "in_progress");
        assert_eq!(GraphqlName::enum_value("pending").as_str(), "pending");
        assert_eq!(GraphqlName::enum_value("true").as_str(), "true_");
        assert_eq!(RustName::snake("type").ident().to_string(), "r#type");
        assert_eq!(RustName::snake("self").ident().to_string(), "self_");
        assert_eq!(RustName::snake("1st col").ident().to_string(), "_1st_col");
    }
}

//! Enum values whose names begin with a keyword: `null_value`, `trueName`. The parser reads them as `null` or `true`
//! followed by something else, so their first letter is replaced while the document is parsed.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{Directive, DocumentOperations, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use async_graphql_value::{ConstValue, Value};

const KEYWORDS: [&str; 3] = ["null", "true", "false"];

/// Parses a document; returns the parser's error.
pub(in crate::graphql) fn parse(query: &str) -> Result<ExecutableDocument, async_graphql::parser::Error> {
    let Some(hidden) = EscapedQuery::new(query) else {
        return parse_query(query);
    };
    // The error of an invalid document must show the document as it was written.
    let Ok(mut document) = parse_query(&hidden.query) else {
        return parse_query(query);
    };

    hidden.restore(&mut document);
    Ok(document)
}

/// A document with the first letters of such values replaced, all by the same letter.
struct EscapedQuery {
    query: String,
    letter: char,
}

impl EscapedQuery {
    /// Returns `None` if the document has no such value, or if no replacement letter is free.
    fn new(query: &str) -> Option<Self> {
        let places = keyword_value_offsets(query);
        if places.is_empty() {
            return None;
        }

        let is_free = |letter: &char| {
            KEYWORDS
                .iter()
                .all(|keyword| !query.contains(&format!("{letter}{}", &keyword[1..])))
        };
        let letter = ['Q', 'X', 'Z', 'K', 'J', 'V', 'W', 'Y'].into_iter().find(is_free)?;

        let mut bytes = query.as_bytes().to_vec();
        for place in places {
            bytes[place] = letter as u8;
        }
        Some(Self {
            query: String::from_utf8(bytes).ok()?,
            letter,
        })
    }

    fn restore(&self, document: &mut ExecutableDocument) {
        let operations: Vec<_> = match &mut document.operations {
            DocumentOperations::Single(operation) => vec![operation],
            DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
        };
        for operation in operations {
            for variable in &mut operation.node.variable_definitions {
                if let Some(default) = &mut variable.node.default_value {
                    self.constant(&mut default.node);
                }
            }
            self.directives(&mut operation.node.directives);
            self.selections(&mut operation.node.selection_set.node);
        }

        #[expect(clippy::iter_over_hash_type, reason = "each is changed by itself")]
        for fragment in document.fragments.values_mut() {
            self.directives(&mut fragment.node.directives);
            self.selections(&mut fragment.node.selection_set.node);
        }
    }

    fn selections(&self, set: &mut SelectionSet) {
        // A stack instead of recursion: the depth of documents is checked later.
        let mut open = vec![set];
        while let Some(set) = open.pop() {
            for item in &mut set.items {
                match &mut item.node {
                    Selection::Field(field) => {
                        for (_, value) in &mut field.node.arguments {
                            self.value(&mut value.node);
                        }
                        self.directives(&mut field.node.directives);
                        open.push(&mut field.node.selection_set.node);
                    }
                    Selection::FragmentSpread(spread) => self.directives(&mut spread.node.directives),
                    Selection::InlineFragment(fragment) => {
                        self.directives(&mut fragment.node.directives);
                        open.push(&mut fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn directives(&self, directives: &mut [Positioned<Directive>]) {
        for directive in directives {
            for (_, value) in &mut directive.node.arguments {
                self.value(&mut value.node);
            }
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::Enum(name) => self.name(name),
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(object) => object.values_mut().for_each(|item| self.value(item)),
            _ => {}
        }
    }

    fn constant(&self, value: &mut ConstValue) {
        match value {
            ConstValue::Enum(name) => self.name(name),
            ConstValue::List(items) => items.iter_mut().for_each(|item| self.constant(item)),
            ConstValue::Object(object) => object.values_mut().for_each(|item| self.constant(item)),
            _ => {}
        }
    }

    fn name(&self, name: &mut Name) {
        let Some(rest) = name.strip_prefix(self.letter) else {
            return;
        };
        if let Some(keyword) = KEYWORDS.iter().find(|keyword| rest.starts_with(&keyword[1..])) {
            *name = Name::new(format!("{}{rest}", &keyword[..1]));
        }
    }
}

/// The byte offsets of values that begin with a keyword but are longer than it.
fn keyword_value_offsets(query: &str) -> Vec<usize> {
    // Most documents contain no keyword and need no scan.
    let mut places = Vec::new();
    if !KEYWORDS.iter().any(|keyword| query.contains(keyword)) {
        return places;
    }

    // The first bytes of the two previous tokens, and whether the next name is a variable's type.
    let (mut before, mut earlier, mut is_type) = (b' ', b' ', false);
    let (bytes, mut at, mut depth) = (query.as_bytes(), 0, 0_usize);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';

    while at < bytes.len() {
        let length = match bytes[at] {
            b'"' => string_length(&query[at..]),
            b'#' => query[at..].find(['\n', '\r']).unwrap_or(query.len() - at),
            first if is_name(&first) => bytes[at..].iter().take_while(|byte| is_name(byte)).count(),
            b'(' => {
                depth += 1;
                1
            }
            b')' => {
                depth = depth.saturating_sub(1);
                1
            }
            _ => 1,
        };

        let token = &bytes[at..at + length];
        let is_longer = KEYWORDS
            .iter()
            .any(|word| token.starts_with(word.as_bytes()) && token.len() > word.len());
        if is_longer && depth > 0 && !is_type && !matches!(before, b'$' | b'@') && !is_key(&query[at + length..]) {
            places.push(at);
        }

        if token[0] == b':' {
            is_type = earlier == b'$';
        } else if is_name(&token[0]) || token[0] == b'=' {
            is_type = false;
        }

        if !token[0].is_ascii_whitespace() && token[0] != b'#' {
            (earlier, before) = (before, token[0]);
        }
        at += length;
    }

    places
}

/// Whether a name is the key of an argument or input field; `behind` is the text after the name.
fn is_key(mut behind: &str) -> bool {
    loop {
        behind = behind.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
        if !behind.starts_with('#') {
            return behind.starts_with(':');
        }
        behind = behind.find(['\n', '\r']).map_or("", |end| &behind[end..]);
    }
}

/// The length in bytes of the string or block string at the beginning of a text.
fn string_length(text: &str) -> usize {
    let (quotes, escaped) = if text.starts_with("\"\"\"") {
        ("\"\"\"", "\\\"\"\"")
    } else {
        ("\"", "\\")
    };

    let mut at = quotes.len();
    while at < text.len() && !text[at..].starts_with(quotes) {
        at += match &text[at..] {
            rest if rest.starts_with(escaped) && quotes.len() > 1 => escaped.len(),
            rest if rest.starts_with(escaped) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            rest => rest.chars().next().map_or(1, char::len_utf8),
        };
    }

    (at + quotes.len()).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(query: &str) -> Option<String> {
        EscapedQuery::new(query).map(|hidden| hidden.query)
    }

    #[test]
    fn only_values_longer_than_a_keyword_are_hidden() {
        for query in [
            "{ a(b: null, c: true) }",
            "{ nullable trueName: a(nullable: 1) }",
            "{ a(b: \"nullable\") # (nullable\n }",
            "query($a: [nullType!]!, $b: trueType) { a(b: $a, nullable # :\n : 1) }",
            "{ a(b: ü nullable: 1) é(",
        ] {
            assert_eq!(hidden(query), None, "{query}");
        }

        assert_eq!(
            hidden("{ a(b: [nullable, null]) }").as_deref(),
            Some("{ a(b: [Qullable, null]) }")
        );

        assert_eq!(
            hidden("{ a(b: {c: falsey}, Qull: \"é\") }").as_deref(),
            Some("{ a(b: {c: Xalsey}, Qull: \"é\") }")
        );
    }

    #[test]
    fn documents_of_any_text_are_read() {
        for query in [
            "{ a(b: nullable) } \u{e9}\u{1f600}",
            "(nullable\u{e9}nullx",
            "\u{feff}(nullable",
        ] {
            let _ = parse(query);
        }

        assert_eq!(
            hidden("query($n: T = nully) { a(b: $n) }").as_deref(),
            Some("query($n: T = Qully) { a(b: $n) }")
        );
    }

    #[test]
    fn values_come_back_as_they_were_written() {
        let query =
            "query($a: E = null_a) { x: a(b: {c: [true1, false_2, null, true]}) @include(if: $a, b: nullx) { b } }";
        let document = format!("{:?}", parse(query).expect("a document"));

        for name in ["null_a", "true1", "false_2", "nullx"] {
            assert!(
                document.contains(&format!("Enum(Name(\"{name}\"))")),
                "{name}: {document}"
            );
        }
        assert!(parse("{ a(b: nullable }").is_err());
    }
}

//! Syntax errors in one line. The parser draws its errors over several lines and names what it expected by the rules
//! of its grammar; clients show a message in one place, beside the location that the answer gives anyway.

use async_graphql::Pos;
use async_graphql::parser::Error;

use crate::graphql::answer::AnswerError;

/// The maximum number of characters of the document that a message quotes.
const MAX_QUOTED_CHARACTERS: usize = 40;

/// The error for the client when the parser rejects a document.
pub(in crate::graphql) fn syntax_error(document: &str, error: &Error) -> AnswerError {
    let message = match error {
        Error::Syntax { message, start, .. } => reason(document, message, *start),
        Error::MissingOperation => "expected an operation, found none".into(),
        Error::RecursionLimitExceeded => "the document is nested too deeply".into(),
        other => other.to_string(),
    };

    let mut answer = AnswerError::new(format!("Syntax Error: {message}"), "GRAPHQL_PARSE_FAILED");
    answer.location = error.positions().next();
    answer
}

fn reason(document: &str, message: &str, at: Pos) -> String {
    let found = token(document, at);
    let mut expected: Vec<&str> = Vec::new();
    for rule in expected_rules(message) {
        let name = name(rule);
        // The grammar tries shorter forms first, so it may list the token that was found as expected.
        if !expected.contains(&name) && !found.starts_with(name) {
            expected.push(name);
        }
    }

    match expected.as_slice() {
        [] => format!("unexpected {found}"),
        [one] => format!("expected {one}, found {found}"),
        [others @ .., last] => format!("expected {} or {last}, found {found}", others.join(", ")),
    }
}

/// The grammar rules in the last line of the parser's message: `= expected a, b, or c`.
fn expected_rules(message: &str) -> impl Iterator<Item = &str> {
    let line = message
        .lines()
        .rev()
        .find_map(|line| line.trim_start().strip_prefix("= "))
        .unwrap_or_default();
    let list = line
        .split_once("expected ")
        .filter(|(before, _)| !before.ends_with("un"));
    let list = list.map(|(_, list)| list).unwrap_or_default();

    list.split([',', ' ']).filter(|word| !word.is_empty() && *word != "or")
}

/// The name of a grammar rule for readers of a document.
fn name(rule: &str) -> &'static str {
    match rule {
        "EOI" => "the end of the document",
        "executable_document" | "executable_definition" | "operation_definition" | "named_operation_definition" => {
            "an operation or a fragment"
        }
        "fragment_definition" => "a fragment",
        "variable_definitions" | "arguments" | "const_arguments" => "\"(\"",
        "variable_definition" | "variable" => "\"$\"",
        "selection" | "field" | "inline_fragment" | "fragment_spread" => "a field",
        "alias" | "name" | "name_start" | "argument" | "const_argument" | "object_field" | "const_object_field" => {
            "a name"
        }
        "directives" | "directive" | "const_directives" | "const_directive" => "\"@\"",
        "type_condition" => "\"on\"",
        "type_" => "a type",
        "default_value" => "\"=\"",
        "operation_type" => "\"query\", \"mutation\" or \"subscription\"",
        "string" | "string_content" | "string_character" | "block_string_content" | "block_string_character" => {
            "a string"
        }
        "unicode_scalar_value_hex" => "four hexadecimal digits",
        "number" | "float" | "int" | "fractional" | "exponent" => "a number",
        "selection_set" | "object" | "const_object" => "\"{\"",
        "list" | "const_list" => "\"[\"",
        "boolean" | "null" | "enum_value" | "value" | "const_value" => "a value",
        _ => "something else",
    }
}

/// The token at a position, quoted for a message.
fn token(document: &str, at: Pos) -> String {
    let Some(rest) = rest(document, at) else {
        return "the end of the document".into();
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let length = match rest.chars().next() {
        Some('"') => rest[1..].find(['"', '\n']).map_or(rest.len(), |end| end + 2),
        Some(first) if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        Some('.') if rest.starts_with("...") => 3,
        Some(first) => first.len_utf8(),
        None => 0,
    };

    let token = rest.get(..length).unwrap_or(rest).trim_end();
    let mut shown: String = token
        .chars()
        .take(MAX_QUOTED_CHARACTERS)
        .filter(|c| !c.is_control())
        .collect();
    if token.chars().count() > MAX_QUOTED_CHARACTERS {
        shown.push('…');
    }
    if shown.starts_with('"') {
        shown
    } else {
        format!("\"{shown}\"")
    }
}

/// The text after a position, without leading blanks; `None` at the end of the document.
fn rest(document: &str, at: Pos) -> Option<&str> {
    let line = document.split('\n').nth(at.line.checked_sub(1)?)?;
    let offset = line.as_ptr() as usize - document.as_ptr() as usize;
    let column: usize = line.chars().take(at.column.saturating_sub(1)).map(char::len_utf8).sum();
    let rest = document
        .get(offset + column..)?
        .trim_start_matches([' ', ',', '\t', '\r', '\n', '\u{feff}']);

    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn message(document: &str) -> String {
        let error = parse_query(document).expect_err("the document is wrong");
        syntax_error(document, &error).message
    }

    #[test]
    fn messages_take_one_line() {
        for (document, expected) in [
            ("", "expected an operation or a fragment, found the end of the document"),
            ("{", "expected a field, found the end of the document"),
            ("{}", "expected a field, found \"}\""),
            ("{ products(limit: 1 { id } }", "expected a name, found \"{\""),
            ("{ a(b: ) }", "expected a value, found \")\""),
            ("{ a(b: \"open) }", "expected a value, found \"open) }"),
            ("query Q($a Int) { a }", "unexpected \"$\""),
            ("{\n  ä\n}", "expected a field, found \"ä\""),
            ("{ a } { b }", "document contains multiple operations"),
            ("fragment A on B { a }", "expected an operation, found none"),
        ] {
            assert_eq!(message(document), format!("Syntax Error: {expected}"), "{document}");
        }
    }
}

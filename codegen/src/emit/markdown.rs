//! Renders texts of a database as Markdown that only shows them.
//!
//! Doc comments are Markdown: a fence or an indented line in a database's comment would be a doctest, which `cargo
//! test` compiles and runs. So no line begins with a space, and each character with a meaning in Markdown gets a
//! backslash: without a bare backtick or tilde there is no fence, without indentation no indented code, and without a
//! list no code in a list. A fence around the whole text would have to be longer than any run of backticks in it, and
//! would show every ordinary comment as code.

use crate::text;

/// Returns the lines of a comment, escaped.
pub(super) fn lines(comment: &str) -> Vec<String> {
    text::plain_text(comment)
        .unwrap_or_default()
        .lines()
        .map(line)
        .collect()
}

/// Returns a name or label as code, or as quoted text if it cannot be code.
pub(super) fn code(name: &str) -> String {
    let name = text::plain_line(name);
    if name.is_empty() || name.contains('`') {
        format!("\"{}\"", line(&name))
    } else {
        format!("`{name}`")
    }
}

/// Returns one line in which everything except plain code spans is escaped.
fn line(text: &str) -> String {
    let text = text.trim();
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut previous = None;
    let mut rest = text;

    // Characters with a meaning only at the beginning of a line: headings, quotes, lists, rules.
    if let Some(number) = list_number(text) {
        escaped.push_str(number);
        escaped.push('\\');
        rest = &text[number.len()..];
    } else if text.starts_with(['#', '>', '+', '-', '=']) {
        escaped.push('\\');
    }

    while let Some(character) = rest.chars().next() {
        if let Some(span) = code_span(rest).filter(|_| previous != Some('`')) {
            escaped.push_str(span);
            previous = Some('`');
            rest = &rest[span.len()..];
            continue;
        }

        let after = &rest[character.len_utf8()..];
        if is_markup(character, previous, after) {
            escaped.push('\\');
        }
        escaped.push(character);
        previous = Some(character);
        rest = after;
    }

    escaped
}

/// Returns the digits at the beginning if they would number a list item.
fn list_number(text: &str) -> Option<&str> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after = text[digits..].strip_prefix(['.', ')'])?;
    (digits > 0 && (after.is_empty() || after.starts_with(' '))).then(|| &text[..digits])
}

/// Returns the word in backticks at the beginning: people write names in this way in comments.
fn code_span(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('`')?;
    let length = inner.find(|c: char| !c.is_ascii_alphanumeric() && !"_.-".contains(c))?;
    let after = inner[length..].strip_prefix('`')?;
    (length > 0 && !after.starts_with('`')).then(|| &text[..length + 2])
}

fn is_markup(character: char, previous: Option<char>, after: &str) -> bool {
    match character {
        '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => true,
        // Within a word it is not markup.
        '_' => {
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !(is_letter(previous) && is_letter(after.chars().next()))
        }
        '&' => is_entity(after),
        _ => false,
    }
}

/// Whether an ampersand before this text could begin a character reference.
fn is_entity(after: &str) -> bool {
    let name = after.trim_start_matches('#');
    let end = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    // The shortest names have two letters.
    end.starts_with(';') && (name.len() - end.len() > 1 || name.len() < after.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_comments_stay_as_they_are() {
        for comment in [
            "Everything the shop sells.",
            "What `status` was, and internal_note is (see above): 3.5 < is not here.",
            "Q&A; R&D; 5 - 3 = 2 # not a heading",
            "(1) first, 2) second; \"quoted\" and 'so'",
        ] {
            let wanted = comment.replace('<', "\\<");
            assert_eq!(lines(comment), [wanted], "{comment}");
        }
    }

    #[test]
    fn markup_is_shown_and_not_obeyed() {
        for (comment, wanted) in [
            ("```\ncode\n```", vec!["\\`\\`\\`", "code", "\\`\\`\\`"]),
            ("~~~rust", vec!["\\~\\~\\~rust"]),
            ("text\n\n    code", vec!["text", "", "code"]),
            ("1. one\n- two\n# three", vec!["1\\. one", "\\- two", "\\# three"]),
            ("[link](x) <b> &amp; a\\b", vec!["\\[link\\](x) \\<b> \\&amp; a\\\\b"]),
            ("_a_ __b__ *c* a_b", vec!["\\_a\\_ \\_\\_b\\_\\_ \\*c\\* a_b"]),
        ] {
            assert_eq!(lines(comment), wanted, "{comment}");
        }
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(code("a`b"), "\"a\\`b\"");
    }
}

//! What SQLite keeps only in the text of a `CREATE TABLE`: `CHECK (x IN (...))` and comments.
//!
//! A comment (`-- text`) on a column's line belongs to the column; one before the first column to the table.

use std::collections::BTreeMap;

/// The parts of a stored `CREATE TABLE` that no pragma reports.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ddl {
    pub(super) comment: Option<String>,
    pub(super) column_comments: BTreeMap<String, String>,
    /// The labels of columns checked against a list of texts.
    pub(super) enum_labels: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A bare or quoted name or keyword.
    Name(String),
    Text(String),
    Punctuation(char),
    Comment {
        text: String,
        new_line: bool,
    },
}

impl Ddl {
    pub(super) fn parse(sql: &str) -> Self {
        let mut ddl = Self::default();
        let tokens = tokenize(sql);
        let plain: Vec<&Token> = tokens
            .iter()
            .filter(|token| !matches!(token, Token::Comment { .. }))
            .collect();
        for window in plain.windows(5) {
            ddl.read_choices(window, &plain);
        }
        ddl.read_comments(&tokens);
        ddl
    }

    /// Reads `CHECK (name IN (...))` if the list has only texts.
    fn read_choices(&mut self, window: &[&Token], tokens: &[&Token]) {
        let [
            Token::Name(check),
            Token::Punctuation('('),
            Token::Name(column),
            Token::Name(word),
            Token::Punctuation('('),
        ] = window
        else {
            return;
        };

        if !check.eq_ignore_ascii_case("check") || !word.eq_ignore_ascii_case("in") {
            return;
        }

        let start = tokens
            .windows(5)
            .position(|other| std::ptr::eq(other[0], window[0]))
            .expect("invariant: the window is one of these");
        let mut labels = Vec::new();
        for token in &tokens[start + 5..] {
            match token {
                Token::Text(label) => labels.push(label.clone()),
                Token::Punctuation(',') => {}
                Token::Punctuation(')') => break,
                _ => return,
            }
        }

        if !labels.is_empty() {
            self.enum_labels.insert(column.clone(), labels);
        }
    }

    fn read_comments(&mut self, tokens: &[Token]) {
        let mut depth = 0;
        let mut column: Option<String> = None;
        let mut expects_column = false;

        for token in tokens {
            match token {
                Token::Punctuation('(') => {
                    depth += 1;
                    expects_column |= depth == 1;
                }
                Token::Punctuation(')') => depth -= 1,
                Token::Punctuation(',') if depth == 1 => expects_column = true,
                Token::Name(name) if depth == 1 && expects_column => {
                    column = Some(name.clone());
                    expects_column = false;
                }
                Token::Comment { text, .. } if depth <= 1 && column.is_none() => append(&mut self.comment, text),
                Token::Comment { text, new_line: false } => {
                    if let Some(column) = &column {
                        self.column_comments
                            .entry(column.clone())
                            .or_insert_with(|| text.clone());
                    }
                }
                _ => {}
            }
        }
    }
}

fn append(comment: &mut Option<String>, text: &str) {
    match comment {
        Some(existing) => {
            existing.push(' ');
            existing.push_str(text);
        }
        None => *comment = Some(text.to_owned()),
    }
}

fn tokenize(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    let mut new_line = true;

    while let Some(character) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("--") {
            let (text, after) = comment.split_once('\n').unwrap_or((comment, ""));
            tokens.push(Token::Comment {
                text: text.trim().to_owned(),
                new_line,
            });
            (rest, new_line) = (after, true);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let (text, after) = comment.split_once("*/").unwrap_or((comment, ""));
            tokens.push(Token::Comment {
                text: text.trim().to_owned(),
                new_line,
            });
            rest = after;
        } else if matches!(character, '\'' | '"' | '`' | '[') {
            let (text, after) = quoted(rest, character);
            tokens.push(if character == '\'' {
                Token::Text(text)
            } else {
                Token::Name(text)
            });
            (rest, new_line) = (after, false);
        } else if character.is_alphanumeric() || character == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
                .unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..end].to_owned()));
            (rest, new_line) = (&rest[end..], false);
        } else {
            if character == '\n' {
                new_line = true;
            } else if !character.is_whitespace() {
                tokens.push(Token::Punctuation(character));
                new_line = false;
            }
            rest = &rest[character.len_utf8()..];
        }
    }

    tokens
}

/// Returns the text between quotes, in which a doubled closing quote is one character, and what follows it.
fn quoted(sql: &str, open: char) -> (String, &str) {
    let close = if open == '[' { ']' } else { open };
    let mut text = String::new();
    let mut characters = sql[1..].char_indices().peekable();

    while let Some((index, character)) = characters.next() {
        if character != close {
            text.push(character);
        } else if characters
            .peek()
            .is_some_and(|&(_, next)| next == close && close != ']')
        {
            text.push(close);
            characters.next();
        } else {
            return (text, &sql[1 + index + character.len_utf8()..]);
        }
    }

    (text, "")
}

#[cfg(test)]
mod tests {
    use super::Ddl;

    #[test]
    fn reads_choices_and_comments() {
        let ddl = Ddl::parse(
            "CREATE TABLE \"a b\" (\n  -- All of them,\n  -- in one place.\n  id INTEGER PRIMARY KEY, -- not (a) key\n  \
             state TEXT CHECK (state IN ('a', 'it''s')), -- How it is\n  n DECIMAL(10, 2) CHECK (n IN (1, 2)) -- Amount\n)",
        );
        assert_eq!(ddl.comment.as_deref(), Some("All of them, in one place."));
        assert_eq!(ddl.enum_labels["state"], ["a", "it's"]);
        assert!(!ddl.enum_labels.contains_key("n"));
        // The comment comes after the comma that ends its column.
        assert_eq!(ddl.column_comments["id"], "not (a) key");
        assert_eq!(ddl.column_comments["state"], "How it is");
        assert_eq!(ddl.column_comments["n"], "Amount");
    }

    #[test]
    fn odd_text_is_no_panic() {
        for sql in [
            "",
            "CREATE TABLE x",
            "CREATE TABLE [a",
            "CREATE TABLE x ('",
            "/*",
            "-- ü",
            "CHECK (x IN (",
        ] {
            Ddl::parse(sql);
        }
    }
}

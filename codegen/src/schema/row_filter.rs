//! Parses a policy's row filter (`rows`): `user_id = $viewer.id AND (status <> 'paid' OR order.total < 10)`.

use meta::RowFilterComparison as Comparison;

/// A parsed condition, with columns and relations by name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ParsedRowFilter {
    All(Vec<ParsedRowFilter>),
    Any(Vec<ParsedRowFilter>),
    Not(Box<ParsedRowFilter>),
    /// The path to a column, the comparison, and the value.
    Compare(Vec<String>, Comparison, Operand),
    /// The path to a column, and whether it must be null.
    IsNull(Vec<String>, bool),
}

/// A value of a rule or a preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// `$viewer.id`
    ViewerId,
    /// `$viewer.is_staff`
    ViewerIsStaff,
    /// `$viewer.claims.name`
    Claim(String),
    /// `'text'`, or a number as written.
    Text(String),
    /// `true`, `false`
    Bool(bool),
}

/// The maximum nesting of parentheses and `NOT`; no hand-written rule needs more.
const MAX_DEPTH: usize = 50;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A word, a path, or a `$viewer` value.
    Word(String),
    Text(String),
    Number(String),
    Symbol(&'static str),
}

/// Parses a rule; the error says what is wrong and where.
pub(super) fn parse(text: &str) -> Result<ParsedRowFilter, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let row_filter = parser.parse_or(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(row_filter),
        Some(token) => Err(format!(
            "unexpected {} after the end of the row filter",
            display_token(token)
        )),
    }
}

/// Parses `$viewer.id`, `$viewer.is_staff` or `$viewer.claims.<name>`.
pub(super) fn viewer_value(word: &str) -> Result<Operand, String> {
    match word.strip_prefix("$viewer.") {
        Some("id") => Ok(Operand::ViewerId),
        Some("is_staff") => Ok(Operand::ViewerIsStaff),
        Some(other) => match other.strip_prefix("claims.") {
            Some(claim) if !claim.is_empty() && !claim.contains('.') => Ok(Operand::Claim(claim.to_owned())),
            _ => Err(format!(
                "unknown viewer value `{word}`; use $viewer.id, $viewer.is_staff or $viewer.claims.<name>"
            )),
        },
        None => Err(format!(
            "invalid value `{word}`; use 'text', a number, $viewer.id, $viewer.is_staff or $viewer.claims.<name>"
        )),
    }
}

const SYMBOLS: &[&str] = &["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();

    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || "_.$".contains(c);
        if first == '\'' {
            let mut value = String::new();
            let mut inner = rest[1..].chars();
            loop {
                match inner.next() {
                    None => return Err(format!("the text {rest} has no closing quote")),
                    Some('\'') if inner.as_str().starts_with('\'') => {
                        value.push('\'');
                        inner.next();
                    }
                    Some('\'') => break,
                    Some(other) => value.push(other),
                }
            }
            rest = inner.as_str();
            tokens.push(Token::Text(value));
        } else if let Some(sign) = SYMBOLS.iter().find(|sign| rest.starts_with(**sign)) {
            rest = &rest[sign.len()..];
            tokens.push(Token::Symbol(sign));
        } else if first.is_ascii_digit() || first == '-' {
            let end = rest[1..]
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .map_or(rest.len(), |end| end + 1);
            tokens.push(Token::Number(rest[..end].to_owned()));
            rest = &rest[end..];
        } else if is_word(first) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            return Err(format!("unexpected character `{first}` in the row filter"));
        }

        rest = rest.trim_start();
    }

    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn eat_word(&mut self, expected: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(expected));
        self.at += usize::from(found);
        found
    }

    fn eat_sign(&mut self, expected: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Symbol(sign)) if *sign == expected);
        self.at += usize::from(found);
        found
    }

    fn parse_or(&mut self, depth: usize) -> Result<ParsedRowFilter, String> {
        let mut parts = vec![self.parse_and(depth)?];
        while self.eat_word("or") {
            parts.push(self.parse_and(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            ParsedRowFilter::Any(parts)
        })
    }

    fn parse_and(&mut self, depth: usize) -> Result<ParsedRowFilter, String> {
        let mut parts = vec![self.parse_term(depth)?];
        while self.eat_word("and") {
            parts.push(self.parse_term(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            ParsedRowFilter::All(parts)
        })
    }

    fn parse_term(&mut self, depth: usize) -> Result<ParsedRowFilter, String> {
        if depth > MAX_DEPTH {
            return Err("it is nested too deeply".into());
        }
        if self.eat_word("not") {
            return Ok(ParsedRowFilter::Not(Box::new(self.parse_term(depth + 1)?)));
        }

        if self.eat_sign("(") {
            let inner = self.parse_or(depth + 1)?;
            if !self.eat_sign(")") {
                return Err("a `(` has no closing `)`".into());
            }
            return Ok(inner);
        }

        if self.eat_word("true") {
            return Ok(ParsedRowFilter::All(Vec::new()));
        }
        if self.eat_word("false") {
            return Ok(ParsedRowFilter::Any(Vec::new()));
        }

        let path = match self.tokens.get(self.at) {
            Some(Token::Word(word)) if !word.starts_with('$') => word.split('.').map(str::to_owned).collect::<Vec<_>>(),
            Some(token) => return Err(format!("expected a column, found {}", display_token(token))),
            None => return Err("expected a column at the end".into()),
        };
        self.at += 1;

        if self.eat_word("is") {
            let negated = self.eat_word("not");
            return if self.eat_word("null") {
                Ok(ParsedRowFilter::IsNull(path, !negated))
            } else {
                Err("expected NULL or NOT NULL after `IS`".into())
            };
        }

        let negated = self.eat_word("not");
        if self.eat_word("in") {
            let mut items = Vec::new();
            if !self.eat_sign("(") {
                return Err("expected a list after `IN`, such as IN ('a', 'b')".into());
            }

            loop {
                items.push(ParsedRowFilter::Compare(
                    path.clone(),
                    Comparison::Equal,
                    self.operand()?,
                ));
                if self.eat_sign(")") {
                    break;
                }
                if !self.eat_sign(",") {
                    return Err("expected `,` or `)` in the list of `IN`".into());
                }
            }

            let any = ParsedRowFilter::Any(items);
            return Ok(if negated {
                ParsedRowFilter::Not(Box::new(any))
            } else {
                any
            });
        }

        if negated {
            return Err(format!("expected IN after `{} NOT`", path.join(".")));
        }

        let comparison = match self.tokens.get(self.at) {
            Some(Token::Symbol("=")) => Comparison::Equal,
            Some(Token::Symbol("<>" | "!=")) => Comparison::NotEqual,
            Some(Token::Symbol("<")) => Comparison::Less,
            Some(Token::Symbol("<=")) => Comparison::LessOrEqual,
            Some(Token::Symbol(">")) => Comparison::Greater,
            Some(Token::Symbol(">=")) => Comparison::GreaterOrEqual,
            _ => {
                return Err(format!(
                    "expected a comparison after `{}`: =, <>, <, <=, >, >=, IN, IS",
                    path.join(".")
                ));
            }
        };

        self.at += 1;
        Ok(ParsedRowFilter::Compare(path, comparison, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let operand = match self.tokens.get(self.at) {
            Some(Token::Text(text) | Token::Number(text)) => Operand::Text(text.clone()),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Operand::Bool(true),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Operand::Bool(false),
            Some(Token::Word(word)) => viewer_value(word)?,
            Some(token) => return Err(format!("expected a value, found {}", display_token(token))),
            None => return Err("expected a value at the end".into()),
        };
        self.at += 1;
        Ok(operand)
    }
}

fn display_token(token: &Token) -> String {
    match token {
        Token::Word(word) | Token::Number(word) => format!("`{word}`"),
        Token::Text(text) => format!("'{text}'"),
        Token::Symbol(sign) => format!("`{sign}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(path: &str, comparison: Comparison, operand: Operand) -> ParsedRowFilter {
        ParsedRowFilter::Compare(path.split('.').map(str::to_owned).collect(), comparison, operand)
    }

    #[test]
    fn a_negation_is_never_dropped() {
        for symbol in ["=", "<>", "<", "<=", ">", ">="] {
            let message = parse(&format!("status NOT {symbol} 'paid'")).unwrap_err();
            assert!(message.contains("expected IN after `status NOT`"), "{message}");
        }
    }

    #[test]
    fn rules_bind_as_in_sql() {
        let row_filter = parse("NOT a = 1 AND b.c <> 'it''s' or d IS NOT NULL").expect("a row filter");
        let first = ParsedRowFilter::Not(Box::new(compare("a", Comparison::Equal, Operand::Text("1".into()))));
        let second = compare("b.c", Comparison::NotEqual, Operand::Text("it's".into()));
        let third = ParsedRowFilter::IsNull(vec!["d".into()], false);
        assert_eq!(
            row_filter,
            ParsedRowFilter::Any(vec![ParsedRowFilter::All(vec![first, second]), third])
        );
        let claim = compare("a", Comparison::Equal, Operand::Claim("org".into()));
        assert_eq!(parse("(a = $viewer.claims.org)"), Ok(claim));
    }

    #[test]
    fn what_is_no_rule_is_named() {
        for (text, part) in [
            ("", "at the end"),
            ("a", "expected a comparison after `a`"),
            ("a = ", "expected a value at the end"),
            ("a = $viewer.name", "unknown viewer value `$viewer.name`"),
            ("(a = 1", "no closing `)`"),
            ("a = 'x", "has no closing quote"),
            ("a = 1 b", "unexpected `b` after the end"),
            ("a IN (1 2)", "expected `,` or `)`"),
            ("a ; b", "unexpected character `;`"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(parse(&"not ".repeat(1000)).expect_err("deep").contains("too deep"));
    }
}

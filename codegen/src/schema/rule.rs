//! Parses a policy's row filter (`rows`): `user_id = $viewer.id AND (status <> 'paid' OR order.total < 10)`.

/// A parsed condition, with columns and relations by name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Written {
    All(Vec<Written>),
    Any(Vec<Written>),
    Not(Box<Written>),
    /// The path to a column, the comparison, and the value.
    Compare(Vec<String>, Comparison, Operand),
    /// The path to a column, and whether it must be null.
    IsNull(Vec<String>, bool),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
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
const DEEPEST: usize = 50;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A word, a path, or a `$viewer` value.
    Word(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Parses a rule; the error says what is wrong and where.
pub(super) fn parse(text: &str) -> Result<Written, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let rule = parser.any(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(rule),
        Some(token) => Err(format!("unexpected {} after the end of the rule", shown(token))),
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

const SIGNS: &[&str] = &["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

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
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            rest = &rest[sign.len()..];
            tokens.push(Token::Sign(sign));
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
            return Err(format!("unexpected character `{first}` in the rule"));
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
    fn word(&mut self, expected: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(expected));
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, expected: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(sign)) if *sign == expected);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Written, String> {
        let mut parts = vec![self.all(depth)?];
        while self.word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            Written::Any(parts)
        })
    }

    fn all(&mut self, depth: usize) -> Result<Written, String> {
        let mut parts = vec![self.single(depth)?];
        while self.word("and") {
            parts.push(self.single(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            Written::All(parts)
        })
    }

    fn single(&mut self, depth: usize) -> Result<Written, String> {
        if depth > DEEPEST {
            return Err("it is nested too deeply".into());
        }
        if self.word("not") {
            return Ok(Written::Not(Box::new(self.single(depth + 1)?)));
        }

        if self.sign("(") {
            let inner = self.any(depth + 1)?;
            if !self.sign(")") {
                return Err("a `(` has no closing `)`".into());
            }
            return Ok(inner);
        }

        if self.word("true") {
            return Ok(Written::All(Vec::new()));
        }
        if self.word("false") {
            return Ok(Written::Any(Vec::new()));
        }

        let path = match self.tokens.get(self.at) {
            Some(Token::Word(word)) if !word.starts_with('$') => word.split('.').map(str::to_owned).collect::<Vec<_>>(),
            Some(token) => return Err(format!("expected a column, found {}", shown(token))),
            None => return Err("expected a column at the end".into()),
        };
        self.at += 1;

        if self.word("is") {
            let negated = self.word("not");
            return if self.word("null") {
                Ok(Written::IsNull(path, !negated))
            } else {
                Err("expected NULL or NOT NULL after `IS`".into())
            };
        }

        let negated = self.word("not");
        if self.word("in") {
            let mut items = Vec::new();
            if !self.sign("(") {
                return Err("expected a list after `IN`, such as IN ('a', 'b')".into());
            }

            loop {
                items.push(Written::Compare(path.clone(), Comparison::Equal, self.operand()?));
                if self.sign(")") {
                    break;
                }
                if !self.sign(",") {
                    return Err("expected `,` or `)` in the list of `IN`".into());
                }
            }

            let any = Written::Any(items);
            return Ok(if negated { Written::Not(Box::new(any)) } else { any });
        }

        let comparison = match self.tokens.get(self.at) {
            Some(Token::Sign("=")) => Comparison::Equal,
            Some(Token::Sign("<>" | "!=")) => Comparison::NotEqual,
            Some(Token::Sign("<")) => Comparison::Less,
            Some(Token::Sign("<=")) => Comparison::LessOrEqual,
            Some(Token::Sign(">")) => Comparison::Greater,
            Some(Token::Sign(">=")) => Comparison::GreaterOrEqual,
            _ => {
                return Err(format!(
                    "expected a comparison after `{}`: =, <>, <, <=, >, >=, IN, IS",
                    path.join(".")
                ));
            }
        };

        self.at += 1;
        Ok(Written::Compare(path, comparison, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let operand = match self.tokens.get(self.at) {
            Some(Token::Text(text) | Token::Number(text)) => Operand::Text(text.clone()),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Operand::Bool(true),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Operand::Bool(false),
            Some(Token::Word(word)) => viewer_value(word)?,
            Some(token) => return Err(format!("expected a value, found {}", shown(token))),
            None => return Err("expected a value at the end".into()),
        };
        self.at += 1;
        Ok(operand)
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Word(word) | Token::Number(word) => format!("`{word}`"),
        Token::Text(text) => format!("'{text}'"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(path: &str, comparison: Comparison, operand: Operand) -> Written {
        Written::Compare(path.split('.').map(str::to_owned).collect(), comparison, operand)
    }

    #[test]
    fn rules_bind_as_in_sql() {
        let rule = parse("NOT a = 1 AND b.c <> 'it''s' or d IS NOT NULL").expect("a rule");
        let first = Written::Not(Box::new(compare("a", Comparison::Equal, Operand::Text("1".into()))));
        let second = compare("b.c", Comparison::NotEqual, Operand::Text("it's".into()));
        let third = Written::IsNull(vec!["d".into()], false);
        assert_eq!(rule, Written::Any(vec![Written::All(vec![first, second]), third]));
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

//! Limits of a request, checked before the database is queried. Each error names the limit, the value and the setting.

use super::PlanError;
use crate::model::Limits;
use crate::selection::Selected;

/// Checks the number of root fields; an error above `max_root_fields`.
pub fn check_fields(fields: &[Selected], limits: &Limits) -> Result<(), PlanError> {
    if fields.len() > limits.max_root_fields {
        return Err(PlanError::limit(format!(
            "the request has {} root fields, at most {} are allowed (`max_root_fields`)",
            fields.len(),
            limits.max_root_fields
        )));
    }
    Ok(())
}

/// Checks a document before it is parsed: its bytes, its tokens, and how deep its brackets are nested.
pub fn check_document(document: &str, limits: &Limits) -> Result<(), PlanError> {
    if document.len() > limits.max_document {
        return Err(PlanError::limit(format!(
            "the document has {} bytes, at most {} are allowed (`max_document`)",
            document.len(),
            limits.max_document
        )));
    }

    let (tokens, depth) = measure(document);
    if tokens > limits.max_tokens {
        return Err(PlanError::limit(format!(
            "the document has {tokens} tokens, at most {} are allowed (`max_tokens`)",
            limits.max_tokens
        )));
    }

    if depth > MAX_BRACKETS {
        return Err(PlanError::limit(format!(
            "the document nests brackets {depth} levels deep, at most {MAX_BRACKETS} are allowed"
        )));
    }

    Ok(())
}

/// The parser calls itself for each bracket, and its stack is limited.
const MAX_BRACKETS: usize = 100;

/// The number of tokens of a document, and how deep its brackets are nested. Strings and comments are skipped as the
/// specification's section "Lexical Tokens" defines them.
fn measure(document: &str) -> (usize, usize) {
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut depth, mut deepest) = (0, 0, 0_usize, 0);

    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => continue,
            b'#' => {
                at += bytes[at..]
                    .iter()
                    .take_while(|&&byte| byte != b'\n' && byte != b'\r')
                    .count();
                continue;
            }
            b'"' if bytes[start..].starts_with(b"\"\"\"") => {
                let text = &document[start + 3..];
                // A quote after a backslash does not end the block.
                let end = text
                    .match_indices("\"\"\"")
                    .find(|(end, _)| !text[..*end].ends_with('\\'));
                at = end.map_or(bytes.len(), |(end, _)| start + 3 + end + 3);
            }
            b'"' => {
                while let Some(&byte) = bytes.get(at) {
                    at += if byte == b'\\' { 2 } else { 1 };
                    if byte == b'"' {
                        break;
                    }
                }
            }
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                let inside = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte == b'.';
                at += bytes[at..].iter().take_while(inside).count();
            }
            _ => {}
        }

        tokens += 1;
    }

    (tokens, deepest)
}

#[cfg(test)]
mod tests {
    use super::measure;

    #[test]
    fn tokens_and_brackets_are_counted_outside_of_texts() {
        assert_eq!(measure("{ a(b: [1, \"x { y\"]) { c } } # { {"), (14, 3));
        assert_eq!(measure("\"\"\" a \\\"\"\" { \"\"\" }"), (2, 0));
        assert_eq!(measure("{ \"unfinished \\"), (2, 1));
        assert_eq!(measure("größe"), (6, 0));
    }
}

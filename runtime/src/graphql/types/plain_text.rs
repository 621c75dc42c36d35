//! Cleans descriptions for types, and the SDL that async-graphql writes.

/// A description without control and bidirectional characters, which would affect any program that shows it:
/// descriptions contain texts of the database, such as names of tables. A description with `"""` becomes one line,
/// because async-graphql does not escape it in a block. `codegen` treats comments the same way before they become code.
pub(in crate::graphql) fn clean_description(description: &str) -> String {
    if !description.contains(needs_cleaning) && !description.contains("\"\"\"") {
        return description.to_owned();
    }

    let text = description.replace("\r\n", "\n");
    let lines: Vec<String> = text
        .split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .map(|line| {
            let spaced = line.replace(['\t', '\u{b}', '\u{c}'], " ");
            spaced.replace(is_unsafe, "").trim_end().to_owned()
        })
        .collect();

    let whole = lines.join("\n");
    let whole = whole.trim();
    if whole.contains("\"\"\"") {
        let words: Vec<&str> = whole.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        return words.join(" ");
    }
    whole.to_owned()
}

fn needs_cleaning(character: char) -> bool {
    is_unsafe(character) || character == '\n'
}

/// Whether the character is a control or bidirectional character, which changes how text around it is shown.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Formats async-graphql's SDL, which ends with several empty lines, indents with tabs, puts arguments into one line
/// if a neighbour has a description, and does not escape backslashes in descriptions of one line.
pub(in crate::graphql) fn format_sdl(sdl: &str) -> String {
    let mut text = String::with_capacity(sdl.len() + sdl.len() / 8);
    let mut in_block = false;

    for line in sdl.trim().lines() {
        let content = line.trim_start();
        if content.trim_end() == "\"\"\"" {
            in_block = !in_block;
            text.push_str(&line.replace('\t', "  "));
        } else if in_block {
            text.push_str(&line.replace('\t', "  "));
        } else if let Some(description) = one_line(content) {
            text.push_str(&line[..line.len() - content.len()].replace('\t', "  "));
            text.push_str(&quoted(description));
        } else {
            text.push_str(
                &line
                    .replace("(\t\t", "(\n    ")
                    .replace(",\t\t", ",\n    ")
                    .replace('\t', "  "),
            );
        }
        text.push('\n');
    }

    text
}

/// The text between the quotes of a description of one line; `None` for other lines.
fn one_line(content: &str) -> Option<&str> {
    content.strip_prefix('"')?.strip_suffix('"')
}

/// The description in quotes, escaped. async-graphql put a backslash before each quote, and before nothing else.
fn quoted(written: &str) -> String {
    let escaped = written.replace("\\\"", "\"").replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\t', "  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_dropped_from_descriptions() {
        assert_eq!(clean_description("One row of `a`."), "One row of `a`.");
        assert_eq!(clean_description("a\u{202e}b\0\tc\rd\n  e "), "ab c\nd\n  e");
        assert_eq!(clean_description("a\n\"\"\"\nb"), "a \"\"\" b");
    }

    #[test]
    fn backslashes_and_quotes_are_escaped_once() {
        let written = "\t\"C:\\temp \\\\\"x\\\\\"\"\n\t\"\"\"\n\tlines \\ \"here\"\n\t\"\"\"\n";
        assert_eq!(
            format_sdl(&format!("type A {{\n{written}\n}}")),
            "type A {\n  \"C:\\\\temp \\\\\\\"x\\\\\\\"\"\n  \"\"\"\n  lines \\ \"here\"\n  \"\"\"\n\n}\n"
        );
    }
}

//! Prepares texts of a database for files: removes the characters that control how text is displayed.

const HEX: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
];

/// Returns a comment as plain text: lines end with `\n`, tabs become spaces, and all other control and bidirectional
/// characters are removed. A blank comment becomes `None`.
///
/// The result begins with a visible character, so that the indentation of its later lines can be told from that of the
/// file around it. It is one line if it contains `"""`, which the writer of SDL cannot put into a block string.
pub fn plain_text(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<String> = text
        .split(is_line_break)
        .map(|line| {
            let line: String = line.chars().filter_map(displayable).collect();
            line.trim_end().to_owned()
        })
        .collect();

    let whole = lines.join("\n");
    let whole = whole.trim();
    if whole.contains("\"\"\"") {
        one_line(whole)
    } else {
        (!whole.is_empty()).then(|| whole.to_owned())
    }
}

/// Returns a name or label as plain text in one line.
pub fn plain_line(text: &str) -> String {
    plain_text(text).and_then(|text| one_line(&text)).unwrap_or_default()
}

/// Returns JSON in which the characters that [`plain_text`] removes are written as `\u....`; it has the same value.
pub fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if affects_display(character) && character != '\n' {
            escaped.push_str("\\u");
            let number = u32::from(character);
            escaped.extend([12, 8, 4, 0].map(|shift| HEX[(number >> shift & 0xf) as usize]));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// A TOML key, in quotes if it needs them.
pub fn toml_key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if is_bare { name.to_owned() } else { toml_text(name) }
}

/// A TOML string in one line. TOML accepts JSON's escapes, and requires all control characters to be escaped.
pub fn toml_text(text: &str) -> String {
    escaped_json(&serde_json::Value::from(text).to_string())
}

fn one_line(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn displayable(character: char) -> Option<char> {
    match character {
        '\t' | '\u{b}' | '\u{c}' => Some(' '),
        character => (!affects_display(character)).then_some(character),
    }
}

/// Whether the character controls how text is displayed: control characters, line separators, direction marks.
fn affects_display(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_dropped_and_what_is_read_is_kept() {
        for (given, kept) in [
            ("Plain words.", Some("Plain words.")),
            ("one\r\ntwo\rthree\u{2028}four", Some("one\ntwo\nthree\nfour")),
            (
                "a\u{202e}b\u{2066}c\u{200f}d\u{61c}e\0f\u{1b}g\u{9b}h",
                Some("abcdefgh"),
            ),
            ("\n\n    indented\n\tby a tab  \n", Some("indented\n by a tab")),
            ("two\n \"\"\" lines", Some("two \"\"\" lines")),
            ("\"\0\"\"\nx", Some("\"\"\" x")),
            (" \u{0}\n ", None),
        ] {
            assert_eq!(plain_text(given).as_deref(), kept, "{given:?}");
        }
        assert_eq!(plain_line("a\nb\u{202e}"), "a b");
    }

    #[test]
    fn keys_of_toml_read_back() {
        for name in [
            "users",
            "a b",
            "quo\"te",
            "back\\slash",
            "del\u{7f}",
            "line\nend",
            "",
            "größe",
            "\u{202e}",
        ] {
            let text = format!("{} = {}", toml_key(name), toml_text(name));
            let table: toml::Table = text.parse().unwrap();
            assert_eq!(table.get(name).and_then(toml::Value::as_str), Some(name), "{text}");
        }
    }
}

//! The switches that a session starts with, and the settings among them that the program makes itself.

use super::super::TargetError;
use super::super::names::shortened;
use super::settings::Settings;

/// What the program sets itself, because it reads the server's answers accordingly.
const OWNED: [&str; 7] = [
    "client_encoding",
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "bytea_output",
    "extra_float_digits",
    "standard_conforming_strings",
];

/// The server's switches that take a value, besides `-c` and `--`.
const WITH_VALUE: &str = "BCDdfhkNprStvW";

/// The switches, once it is known that they leave alone what the program sets itself.
pub(super) fn options(settings: &Settings) -> Result<Option<String>, TargetError> {
    let Some(text) = settings.text("options") else {
        return Ok(None);
    };
    let mut words = words(text).into_iter();

    while let Some(word) = words.next() {
        if let Some(owned) = word.strip_prefix('-').and_then(|flags| owned(flags, &mut words)) {
            return Err(TargetError::Owned {
                parameter: shortened(&settings.label("options")),
                setting: owned,
            });
        }
    }

    Ok(Some(text.to_owned()))
}

/// The switch that makes one setting.
pub(super) fn switch(setting: &str, value: &str) -> String {
    let mut switch = String::from("-c ");

    for character in setting.chars().chain(['=']).chain(value.chars()) {
        if character == '\\' || is_space(character) {
            switch.push('\\');
        }
        switch.push(character);
    }

    switch
}

/// The setting of the program's own that a word's flags make. `-e` is the server's short form of a `DateStyle`.
fn owned(flags: &str, words: &mut impl Iterator<Item = String>) -> Option<String> {
    let mut rest = flags.chars();

    while let Some(flag) = rest.next() {
        let takes_value = flag == 'c' || flag == '-' || WITH_VALUE.contains(flag);
        if flag == 'e' {
            return Some("DateStyle".to_owned());
        }

        if takes_value {
            let attached = Some(rest.as_str()).filter(|value| !value.is_empty()).map(str::to_owned);
            let value = attached.or_else(|| words.next())?;
            return if flag == 'c' || flag == '-' {
                owned_by_name(&value)
            } else {
                None
            };
        }
    }

    None
}

/// The server takes names in any case, and `-` for `_`.
fn owned_by_name(assignment: &str) -> Option<String> {
    let name = assignment.split('=').next()?.trim().replace('-', "_");
    OWNED
        .iter()
        .find(|owned| owned.eq_ignore_ascii_case(&name))
        .map(|owned| (*owned).to_owned())
}

/// The words as the server separates them: by spaces without `\` in front of them.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();

    while let Some(character) = characters.next() {
        if is_space(character) {
            words.extend(word.take());
            continue;
        }

        let literal = if character == '\\' {
            characters.next()
        } else {
            Some(character)
        };
        word.get_or_insert_default().extend(literal);
    }

    words.extend(word);
    words
}

/// The spaces of the C locale.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

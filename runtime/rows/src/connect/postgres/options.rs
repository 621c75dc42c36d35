//! The command-line options of a session, and the settings among them that the program controls.

use super::super::TargetError;
use super::super::names::shorten;
use super::settings::Settings;

/// The settings that the program controls, because it depends on them to read the server's answers.
const CONTROLLED: [&str; 7] = [
    "client_encoding",
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "bytea_output",
    "extra_float_digits",
    "standard_conforming_strings",
];

/// The server's short options that take a value, besides `-c` and `--`.
const WITH_VALUE: &str = "BCDdfhkNprStvW";

/// Returns the options. Setting what the program controls is [`TargetError::Owned`].
pub(super) fn options(settings: &Settings) -> Result<Option<String>, TargetError> {
    let Some(text) = settings.text("options") else {
        return Ok(None);
    };

    let mut words = words(text).into_iter();

    while let Some(word) = words.next() {
        if let Some(owned) = word
            .strip_prefix('-')
            .and_then(|flags| controlled_setting(flags, &mut words))
        {
            return Err(TargetError::Owned {
                parameter: shorten(&settings.label("options")),
                setting: owned,
            });
        }
    }

    Ok(Some(text.to_owned()))
}

/// Returns the option that makes one setting, `-c name=value`, with blanks escaped.
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

/// Returns the controlled setting that a word's flags set. `-e` is the server's short form of a `DateStyle`.
fn controlled_setting(flags: &str, words: &mut impl Iterator<Item = String>) -> Option<String> {
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
                controlled_by_name(&value)
            } else {
                None
            };
        }
    }

    None
}

/// Returns the controlled setting of an assignment. The server accepts names in any case, and `-` for `_`.
fn controlled_by_name(assignment: &str) -> Option<String> {
    let name = assignment.split('=').next()?.trim().replace('-', "_");
    CONTROLLED
        .iter()
        .find(|owned| owned.eq_ignore_ascii_case(&name))
        .map(|owned| (*owned).to_owned())
}

/// Splits the words as the server does: at spaces that do not follow a `\`.
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

/// Whether a character is a space in the C locale.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

//! Names of parameters: their spellings, and the nearest known one.

use super::TargetError;

/// How near a known name has to be before it is suggested; 1 is equality.
const SIMILAR: f64 = 0.6;

/// A parameter that a database's client knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// The name that the program uses.
    pub(super) name: &'static str,
    /// Other spellings of it in a URL.
    pub(super) synonyms: &'static [&'static str],
}

/// Finds the name that a spelling stands for.
pub(super) fn find(known: impl IntoIterator<Item = Name>, spelling: &str) -> Option<&'static str> {
    known
        .into_iter()
        .find(|name| name.name == spelling || name.synonyms.contains(&spelling))
        .map(|name| name.name)
}

/// The error for a spelling that stands for nothing.
pub(super) fn unknown(known: impl IntoIterator<Item = Name>, spelling: &str, database: &'static str) -> TargetError {
    let scored = known
        .into_iter()
        .map(|name| (name.name, strsim::normalized_damerau_levenshtein(name.name, spelling)));
    let nearest = scored
        .max_by(|left, right| left.1.total_cmp(&right.1))
        .filter(|(_, score)| *score >= SIMILAR);

    TargetError::Unknown {
        parameter: shortened(spelling),
        nearest: nearest.map(|(name, _)| name),
        database,
    }
}

/// A text from outside, short enough for a message and without control characters.
pub(super) fn shortened(text: &str) -> String {
    text.chars()
        .take(60)
        .map(|character| if character.is_control() { '?' } else { character })
        .collect()
}

/// The words that a parameter takes, as a message lists them.
pub(super) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}

/// The value among these words that a text names, whatever its case.
pub(super) fn choose<T: Copy>(parameter: &str, text: &str, choices: &[(&str, T)]) -> Result<T, TargetError> {
    let chosen = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));

    chosen.map(|(_, value)| *value).ok_or_else(|| TargetError::Value {
        parameter: shortened(parameter),
        value: shortened(text),
        expected: listed(&choices.iter().map(|(word, _)| *word).collect::<Vec<_>>()),
    })
}

/// A whole number.
pub(super) fn integer(parameter: &str, text: &str) -> Result<i32, TargetError> {
    text.trim().parse().map_err(|_| TargetError::Value {
        parameter: shortened(parameter),
        value: shortened(text),
        expected: "a whole number".to_owned(),
    })
}

//! Names of parameters: their spellings, and suggestions for unknown ones.

use super::TargetError;

/// The smallest similarity, from 0 to 1 (equal), at which a known name is suggested.
const MIN_SIMILARITY: f64 = 0.6;

/// A parameter that a database's client knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// The name that the program uses.
    pub(super) name: &'static str,
    /// Other spellings of it in a URL.
    pub(super) synonyms: &'static [&'static str],
}

/// Finds the parameter that has this name or synonym.
pub(super) fn find(known: impl IntoIterator<Item = Name>, spelling: &str) -> Option<&'static str> {
    known
        .into_iter()
        .find(|name| name.name == spelling || name.synonyms.contains(&spelling))
        .map(|name| name.name)
}

/// Returns the error for an unknown parameter, with the nearest known name if one is similar.
pub(super) fn unknown(known: impl IntoIterator<Item = Name>, spelling: &str, database: &'static str) -> TargetError {
    let scored = known
        .into_iter()
        .map(|name| (name.name, strsim::normalized_damerau_levenshtein(name.name, spelling)));
    let nearest = scored
        .max_by(|left, right| left.1.total_cmp(&right.1))
        .filter(|(_, score)| *score >= MIN_SIMILARITY);

    TargetError::Unknown {
        parameter: shorten(spelling),
        nearest: nearest.map(|(name, _)| name),
        database,
    }
}

/// Shortens a text from outside to 60 characters for a message, with `?` for each control character.
pub(super) fn shorten(text: &str) -> String {
    text.chars()
        .take(60)
        .map(|character| if character.is_control() { '?' } else { character })
        .collect()
}

/// Lists the words that a parameter accepts: `` `a`, `b` or `c` ``.
pub(super) fn join_words(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}

/// Returns the value of the word that a text names, in any case.
pub(super) fn choose<T: Copy>(parameter: &str, text: &str, choices: &[(&str, T)]) -> Result<T, TargetError> {
    let chosen = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));

    chosen.map(|(_, value)| *value).ok_or_else(|| TargetError::Value {
        parameter: shorten(parameter),
        value: shorten(text),
        expected: join_words(&choices.iter().map(|(word, _)| *word).collect::<Vec<_>>()),
    })
}

/// Parses a whole number, which may have blanks around it.
pub(super) fn integer(parameter: &str, text: &str) -> Result<i32, TargetError> {
    text.trim().parse().map_err(|_| TargetError::Value {
        parameter: shorten(parameter),
        value: shorten(text),
        expected: "a whole number".to_owned(),
    })
}

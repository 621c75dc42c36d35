//! Challenges for refused credentials (`WWW-Authenticate`).

use axum::http::HeaderValue;

/// The longest description of a challenge, in characters.
const LONGEST_DESCRIPTION: usize = 200;

/// Returns the challenge for refused credentials. Characters that a description must not have are replaced.
pub(super) fn invalid_token(reason: &str) -> HeaderValue {
    let description: String = reason
        .chars()
        .take(LONGEST_DESCRIPTION)
        .map(|character| match character {
            '"' | '\\' => '\'',
            ' '..='~' => character,
            _ => '?',
        })
        .collect();

    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{description}\"");
    HeaderValue::try_from(challenge).expect("invariant: printable ASCII is a header's value")
}

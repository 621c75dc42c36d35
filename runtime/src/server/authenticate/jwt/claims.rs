//! The rules for a token's claims.

use std::time::Duration;

use serde_json::{Map, Value};

use super::TokenError;

/// The largest difference between clocks that can be allowed.
const LARGEST_LEEWAY: Duration = Duration::from_mins(1);

/// The rules for claims.
#[derive(Clone)]
pub(super) struct Rules {
    /// The issuer that a token must have, if one is set.
    pub(super) issuer: Option<String>,
    /// The audiences of which a token must name one.
    pub(super) audiences: Vec<String>,
    /// Whether a token may be for any audience, if `audiences` is empty.
    pub(super) any_audience: bool,
    /// Whether a token may have no expiry.
    pub(super) allow_no_expiry: bool,
    /// Whether the subject must be a whole number.
    pub(super) numeric_subject: bool,
    leeway: Duration,
}

impl Rules {
    /// Accepts tokens from any issuer that have an expiry and no audience.
    pub(super) fn new() -> Self {
        let leeway = Duration::from_secs(30);
        Self {
            issuer: None,
            audiences: Vec::new(),
            any_audience: false,
            allow_no_expiry: false,
            numeric_subject: false,
            leeway,
        }
    }

    /// Sets by how much clocks may differ, at most a minute.
    pub(super) fn set_leeway(&mut self, leeway: Duration) {
        self.leeway = leeway.min(LARGEST_LEEWAY);
    }

    /// Checks the claims against the rules and the time since 1970, and returns the subject.
    pub(super) fn check<'c>(&self, claims: &'c Map<String, Value>, now: Duration) -> Result<&'c str, TokenError> {
        self.check_times(claims, now)?;
        self.check_issuer(claims)?;
        self.check_audience(claims)?;

        self.subject(claims)
    }

    fn check_times(&self, claims: &Map<String, Value>, now: Duration) -> Result<(), TokenError> {
        let (now, leeway) = (now.as_secs_f64(), self.leeway.as_secs_f64());

        match seconds(claims, "exp")? {
            None if self.allow_no_expiry => {}
            None => return Err(TokenError::Missing("exp")),
            Some(end) if now >= end + leeway => return Err(TokenError::Expired),
            Some(_) => {}
        }

        if seconds(claims, "nbf")?.is_some_and(|start| start > now + leeway) {
            return Err(TokenError::NotYet);
        }

        if seconds(claims, "iat")?.is_some_and(|issued| issued > now + leeway) {
            return Err(TokenError::Future);
        }

        Ok(())
    }

    fn check_issuer(&self, claims: &Map<String, Value>) -> Result<(), TokenError> {
        match (&self.issuer, claims.get("iss")) {
            (Some(_), None) => Err(TokenError::Missing("iss")),
            (Some(asked), Some(Value::String(issuer))) if asked != issuer => Err(TokenError::Issuer),
            (None, None) | (_, Some(Value::String(_))) => Ok(()),
            (_, Some(_)) => Err(TokenError::Claim("iss")),
        }
    }

    /// A token with an audience is refused unless it names this program, see RFC 7519, 4.1.3.
    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), TokenError> {
        let named: Vec<&str> = match claims.get("aud") {
            None if self.audiences.is_empty() => return Ok(()),
            None => return Err(TokenError::Missing("aud")),
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names
                .iter()
                .map(Value::as_str)
                .collect::<Option<_>>()
                .ok_or(TokenError::Claim("aud"))?,
            Some(_) => return Err(TokenError::Claim("aud")),
        };

        let is_for_us = |name: &&str| self.audiences.iter().any(|own| own == name);
        let any = self.any_audience && self.audiences.is_empty();
        if any || named.iter().any(is_for_us) {
            Ok(())
        } else {
            Err(TokenError::Audience)
        }
    }

    /// Returns the subject unchanged: `2`, `+2` and `02` are three different subjects.
    fn subject<'c>(&self, claims: &'c Map<String, Value>) -> Result<&'c str, TokenError> {
        match claims.get("sub") {
            None => Err(TokenError::Missing("sub")),
            Some(Value::String(text)) if text.is_empty() || text.contains(char::is_control) => {
                Err(TokenError::Claim("sub"))
            }
            Some(Value::String(text)) if self.numeric_subject && !is_whole_number(text) => {
                Err(TokenError::Claim("sub"))
            }
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(TokenError::Claim("sub")),
        }
    }
}

/// Reads a point in time, which must be a number.
fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<Option<f64>, TokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => number.as_f64().map(Some).ok_or(TokenError::Claim(name)),
        Some(_) => Err(TokenError::Claim(name)),
    }
}

/// Whether a text is a whole number in canonical form, as numbers are printed.
fn is_whole_number(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn check(rules: &Rules, change: &Value) -> Result<String, TokenError> {
        let mut claims = json!({"sub": "7", "exp": NOW + 600});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }

        let claims = claims.as_object().unwrap();
        rules.check(claims, Duration::from_secs(NOW)).map(str::to_owned)
    }

    fn without(rules: &Rules, claim: &str) -> Result<String, TokenError> {
        let mut claims = json!({"sub": "7", "exp": NOW + 600});
        claims.as_object_mut().unwrap().remove(claim);
        rules
            .check(claims.as_object().unwrap(), Duration::from_secs(NOW))
            .map(str::to_owned)
    }

    #[test]
    fn times_are_numbers_within_the_leeway() {
        let mut rules = Rules::new();
        for fine in [
            json!({"exp": NOW - 29}),
            json!({"exp": NOW + 1, "nbf": NOW + 30, "iat": NOW + 30}),
            json!({"exp": 1_800_000_000.5, "nbf": 0, "iat": -1}),
            json!({"exp": u64::MAX}),
            json!({"exp": 1e300}),
        ] {
            assert_eq!(check(&rules, &fine), Ok("7".into()), "{fine}");
        }

        for (change, error) in [
            (json!({"exp": NOW - 30}), TokenError::Expired),
            (json!({"exp": -1}), TokenError::Expired),
            (json!({"exp": 0}), TokenError::Expired),
            (json!({"nbf": NOW + 31}), TokenError::NotYet),
            (json!({"iat": NOW + 31}), TokenError::Future),
            (json!({"exp": (NOW + 600).to_string()}), TokenError::Claim("exp")),
            (json!({"exp": null}), TokenError::Claim("exp")),
            (json!({"exp": [NOW + 600]}), TokenError::Claim("exp")),
            (json!({"exp": true}), TokenError::Claim("exp")),
            (json!({"nbf": "0"}), TokenError::Claim("nbf")),
            (json!({"nbf": null}), TokenError::Claim("nbf")),
            (json!({"iat": {}}), TokenError::Claim("iat")),
        ] {
            assert_eq!(check(&rules, &change), Err(error), "{change}");
        }

        rules.set_leeway(Duration::from_hours(1));
        assert!(check(&rules, &json!({"exp": NOW - 59})).is_ok());
        assert_eq!(check(&rules, &json!({"exp": NOW - 60})), Err(TokenError::Expired));

        rules.set_leeway(Duration::ZERO);
        assert_eq!(check(&rules, &json!({"exp": NOW})), Err(TokenError::Expired));
    }

    #[test]
    fn an_end_is_asked_for_unless_the_program_says_otherwise() {
        let mut rules = Rules::new();
        assert_eq!(without(&rules, "exp"), Err(TokenError::Missing("exp")));

        rules.allow_no_expiry = true;
        assert!(without(&rules, "exp").is_ok());
        assert_eq!(check(&rules, &json!({"exp": 1})), Err(TokenError::Expired));
    }

    #[test]
    fn the_issuer_is_one_text() {
        let mut rules = Rules::new();
        assert!(check(&rules, &json!({"iss": "whoever"})).is_ok());
        assert_eq!(
            check(&rules, &json!({"iss": ["whoever"]})),
            Err(TokenError::Claim("iss"))
        );

        rules.issuer = Some("https://id.example".into());
        assert!(check(&rules, &json!({"iss": "https://id.example"})).is_ok());
        for (iss, error) in [
            (json!("https://id.example/"), TokenError::Issuer),
            (json!("HTTPS://id.example"), TokenError::Issuer),
            (json!(["https://id.example"]), TokenError::Claim("iss")),
            (json!(null), TokenError::Claim("iss")),
        ] {
            assert_eq!(check(&rules, &json!({ "iss": iss })), Err(error), "{iss}");
        }
        assert_eq!(check(&rules, &json!({})), Err(TokenError::Missing("iss")));
    }

    #[test]
    fn the_audience_is_a_text_or_a_list_of_texts() {
        let mut rules = Rules::new();
        assert!(check(&rules, &json!({})).is_ok());
        assert_eq!(check(&rules, &json!({"aud": "bank"})), Err(TokenError::Audience));

        rules.any_audience = true;
        assert!(check(&rules, &json!({"aud": "bank"})).is_ok());
        assert_eq!(check(&rules, &json!({"aud": 1})), Err(TokenError::Claim("aud")));

        rules.audiences = vec!["shop".into(), "store".into()];
        for fine in [json!("shop"), json!("store"), json!(["bank", "shop"])] {
            assert!(check(&rules, &json!({ "aud": fine })).is_ok(), "{fine}");
        }

        for (aud, error) in [
            (json!("Shop"), TokenError::Audience),
            (json!("shop store"), TokenError::Audience),
            (json!([]), TokenError::Audience),
            (json!(["bank"]), TokenError::Audience),
            (json!(["shop", 1]), TokenError::Claim("aud")),
            (json!([["shop"]]), TokenError::Claim("aud")),
            (json!({"shop": true}), TokenError::Claim("aud")),
            (json!(null), TokenError::Claim("aud")),
        ] {
            assert_eq!(check(&rules, &json!({ "aud": aud })), Err(error), "{aud}");
        }
        assert_eq!(check(&rules, &json!({})), Err(TokenError::Missing("aud")));
    }

    #[test]
    fn the_subject_is_the_text_as_it_is() {
        let mut rules = Rules::new();
        for sub in ["2", "+2", " 2", "02", "2.0", "auth0|x", "ü"] {
            assert_eq!(check(&rules, &json!({ "sub": sub })), Ok(sub.into()));
        }
        for sub in [
            json!(""),
            json!(2),
            json!(null),
            json!(["2"]),
            json!("2\u{0}"),
            json!("2\n"),
        ] {
            assert_eq!(
                check(&rules, &json!({ "sub": sub })),
                Err(TokenError::Claim("sub")),
                "{sub}"
            );
        }
        assert_eq!(without(&rules, "sub"), Err(TokenError::Missing("sub")));

        rules.numeric_subject = true;
        for sub in ["2", "0", "-7", "9223372036854775807"] {
            assert_eq!(check(&rules, &json!({ "sub": sub })), Ok(sub.into()));
        }
        for sub in ["+2", " 2", "02", "2.0", "-0", "2e0", "9223372036854775808", "\u{662}"] {
            assert_eq!(
                check(&rules, &json!({ "sub": sub })),
                Err(TokenError::Claim("sub")),
                "{sub}"
            );
        }
    }
}

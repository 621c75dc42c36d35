//! Splits the URL of a server into its parts. As in `libpq`, a part is decoded only once its end is known.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::TargetError;

/// The characters that [`encode`] escapes: all except letters, digits, `-`, `.`, `_` and `~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The decoded parts of a URL after `scheme://`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Hosts without brackets, and the text of their ports; there is at least one, which may be empty.
    pub(super) hosts: Vec<(String, String)>,
    pub(super) path: Option<String>,
    pub(super) query: Vec<(String, String)>,
}

/// Splits and decodes the text after `scheme://`.
pub(super) fn split(rest: &str) -> Result<Parts, TargetError> {
    let (user, password, rest) = credentials(rest)?;
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));

    if authority.contains('@') || path.contains('@') {
        return Err(TargetError::Authority {
            problem: "a second `@` follows the first",
        });
    }

    let path = path.strip_prefix('/').filter(|path| !path.is_empty());
    let hosts: Result<_, _> = authority.split(',').map(host).collect();

    Ok(Parts {
        user,
        password,
        hosts: hosts?,
        path: path.map(|path| decode("database's name", path)).transpose()?,
        query: pairs(query)?,
    })
}

/// Returns the user, the password and the text after them. As in `libpq`, they end at the first `@`, and there are none
/// if a `/` comes before it.
fn credentials(rest: &str) -> Result<(Option<String>, Option<String>, &str), TargetError> {
    let end = rest.find(['@', '/']).filter(|at| rest[*at..].starts_with('@'));
    let Some(end) = end else { return Ok((None, None, rest)) };

    let (user, password) = rest[..end]
        .split_once(':')
        .map_or((&rest[..end], None), |(user, password)| (user, Some(password)));

    if user.contains('?') {
        return Err(TargetError::Authority {
            problem: "an `@` follows a `?`",
        });
    }

    let user = Some(decode("user", user)?).filter(|user| !user.is_empty());
    let password = password.map(|password| decode("password", password)).transpose()?;

    Ok((user, password.filter(|password| !password.is_empty()), &rest[end + 1..]))
}

/// Decodes one host and the text of its port.
fn host(text: &str) -> Result<(String, String), TargetError> {
    let (name, port) = match text.strip_prefix('[') {
        Some(inner) => split_bracketed(inner)?,
        None => text.split_once(':').unwrap_or((text, "")),
    };

    Ok((decode("host", name)?, decode("port", port)?))
}

/// Splits an IPv6 address, without its opening bracket, from the text of its port.
fn split_bracketed(inner: &str) -> Result<(&str, &str), TargetError> {
    let unclosed = TargetError::Authority {
        problem: "a `[` has no `]`",
    };
    let (name, rest) = inner.split_once(']').ok_or(unclosed)?;

    if name.is_empty() {
        return Err(TargetError::Authority {
            problem: "there is no address between `[` and `]`",
        });
    }

    match rest.strip_prefix(':') {
        Some(port) => Ok((name, port)),
        None if rest.is_empty() => Ok((name, "")),
        None => Err(TargetError::Authority {
            problem: "a `]` must be followed by `:` or by the end of the host",
        }),
    }
}

/// Returns the decoded pairs of a query. A `+` is a plus sign, not a space.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, TargetError> {
    let entries = query.split('&').enumerate().filter(|(_, entry)| !entry.is_empty());

    entries
        .map(|(index, entry)| {
            let (name, value) = entry.split_once('=').ok_or(TargetError::Pair { position: index + 1 })?;
            let name = decode("name of a parameter", name)?;
            let value = decode(&format!("value of `{}`", super::names::shorten(&name)), value)?;
            Ok((name, value))
        })
        .collect()
}

/// Percent-decodes a part of a URL; `part` is its name in the error.
pub(super) fn decode(part: &str, text: &str) -> Result<String, TargetError> {
    let undecoded = || TargetError::Encoding { part: part.to_owned() };
    let is_encoded = text.split('%').skip(1).all(|tail| {
        let digits = tail.as_bytes().get(..2).unwrap_or_default();
        digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
    });

    if !is_encoded {
        return Err(undecoded());
    }

    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| undecoded())?;
    if decoded.contains('\0') {
        Err(undecoded())
    } else {
        Ok(decoded.into_owned())
    }
}

/// Percent-encodes a part of a URL.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Writes a host as in a URL: an IPv6 address in brackets, another name percent-encoded.
pub(super) fn encode_host(name: &str) -> String {
    if name.contains(':') {
        format!("[{name}]")
    } else {
        encode(name)
    }
}

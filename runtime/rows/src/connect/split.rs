//! Takes the URL of a server apart, as `libpq` does: nothing is decoded before it is known where it ends.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::TargetError;

/// What is encoded in a part of a URL that this program writes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The decoded parts of a URL behind `scheme://`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Hosts without brackets, and the text of their ports; there is at least one, which may be empty.
    pub(super) hosts: Vec<(String, String)>,
    pub(super) path: Option<String>,
    pub(super) query: Vec<(String, String)>,
}

/// Takes apart what follows `scheme://`.
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

/// The user and the password, and what follows them. As in `libpq`, they end at the first `@`, and there are none if a
/// `/` comes before it.
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

/// One host and the text of its port.
fn host(text: &str) -> Result<(String, String), TargetError> {
    let (name, port) = match text.strip_prefix('[') {
        Some(inner) => bracketed(inner)?,
        None => text.split_once(':').unwrap_or((text, "")),
    };

    Ok((decode("host", name)?, decode("port", port)?))
}

/// An IPv6 address whose bracket is open.
fn bracketed(inner: &str) -> Result<(&str, &str), TargetError> {
    let unclosed = TargetError::Authority {
        problem: "a `[` has no `]`",
    };
    let (name, rest) = inner.split_once(']').ok_or(unclosed)?;

    if name.is_empty() {
        return Err(TargetError::Authority {
            problem: "no address stands between `[` and `]`",
        });
    }

    match rest.strip_prefix(':') {
        Some(port) => Ok((name, port)),
        None if rest.is_empty() => Ok((name, "")),
        None => Err(TargetError::Authority {
            problem: "neither `:` nor the end follows a `]`",
        }),
    }
}

/// The decoded pairs of a query. A `+` stands for itself.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, TargetError> {
    let entries = query.split('&').enumerate().filter(|(_, entry)| !entry.is_empty());

    entries
        .map(|(index, entry)| {
            let (name, value) = entry.split_once('=').ok_or(TargetError::Pair { position: index + 1 })?;
            let name = decode("name of a parameter", name)?;
            let value = decode(&format!("value of `{}`", super::names::shortened(&name)), value)?;
            Ok((name, value))
        })
        .collect()
}

/// Decodes a part of a URL.
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

/// Encodes a part of a URL.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// A host as a URL writes it.
pub(super) fn written_host(name: &str) -> String {
    if name.contains(':') {
        format!("[{name}]")
    } else {
        encode(name)
    }
}

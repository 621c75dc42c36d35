//! The password file: one line for each group of hosts, `host:port:database:user:password`.

use std::path::Path;

use super::super::{Environment, Secret};
use super::hosts::Host;
use super::settings::Settings;

/// Sets the password of each host: the one that is set for all of them, or else the file's entry for the host. As in
/// `libpq`, a file that cannot be read is ignored.
pub(super) fn apply(hosts: &mut [Host], settings: &Settings, surroundings: &Environment, database: &str, user: &str) {
    if let Some(password) = settings.text("password") {
        for host in hosts {
            host.password = Some(Secret::new(password));
        }
        return;
    }

    let named = settings.text("passfile").map(|file| Path::new(file).to_owned());
    let file = named.or_else(|| surroundings.home.as_ref().map(|home| home.join(".pgpass")));
    let Some(text) = file.and_then(|file| (surroundings.read)(&file).ok()) else {
        return;
    };

    for host in hosts {
        let port = host.port.to_string();
        let place = host.place.password_file_name();
        host.password = password(&text, [&place, &port, database, user]);
    }
}

/// Returns the password of the first line whose fields match. An empty password means none.
fn password(text: &str, wanted: [&str; 4]) -> Option<Secret> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut passwords = lines.filter_map(|line| {
        wanted
            .iter()
            .try_fold(line, |rest, wanted| strip_field(rest, wanted))
            .map(unescape)
    });

    passwords
        .next()
        .filter(|password| !password.is_empty())
        .map(Secret::new)
}

/// Returns the text after a field that matches. `*` matches everything, and `\` escapes the next character.
fn strip_field<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    if let Some(rest) = line.strip_prefix("*:") {
        return Some(rest);
    }

    let mut wanted = wanted.chars();
    let mut written = line.chars();
    loop {
        match written.next()? {
            ':' if wanted.as_str().is_empty() => return Some(written.as_str()),
            '\\' if written.next()? == wanted.next()? => {}
            character if character != '\\' && Some(character) == wanted.next() => {}
            _ => return None,
        }
    }
}

/// Unescapes the last field, which ends at an unescaped `:`.
fn unescape(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();

    while let Some(character) = characters.next() {
        match character {
            ':' => break,
            '\\' => text.push(characters.next().unwrap_or('\\')),
            other => text.push(other),
        }
    }

    text
}

//! Surroundings for the tests: the homes of four users, and their files.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::Environment;

/// Ada has a password file and services, Grace has certificates, Joan has a revocation list, and Mary has a certificate
/// without a key.
const FILES: &[(&str, &str)] = &[
    (
        "/home/ada/.pgpass",
        "# comment\n\
         db1:5432:shop:ada:first\n\
         db2:*:*:ada:sec\\:ond\\\\:ignored\n\
         localhost:5432:*:ada:local\n\
         /srv/sock:5432:*:*:socket\n\
         10.0.0.7:*:*:*:address\n\
         es\\:c:*:*:*:escaped\n\
         v6\\::*:*:*:no\n\
         empty:*:*:*:\n",
    ),
    ("/etc/pass", "*:*:*:*:everywhere\r\n"),
    (
        "/home/ada/.pg_service.conf",
        "# services\n[shop]\nhost=service.example\nhost=second.example\nport=6000\nsslmode=require\n\n\
         [bare]\ndbname\n[typo]\nhots=a\n[nested]\nservice=shop\n[latin]\nclient_encoding=LATIN1\n",
    ),
    ("/etc/postgresql-common/pg_service.conf", "[system]\ndbname=everyone\n"),
    ("/srv/services", "[named]\nuser=eve\nconnect_timeout=9\n"),
    ("/home/grace/.postgresql/root.crt", ""),
    ("/home/grace/.postgresql/postgresql.crt", ""),
    ("/home/grace/.postgresql/postgresql.key", ""),
    ("/home/joan/.postgresql/root.crt", ""),
    ("/home/joan/.postgresql/root.crl", ""),
    ("/home/mary/.postgresql/postgresql.crt", ""),
];

/// Returns the surroundings of a user with these variables.
pub(super) fn of_user(user: &str, variables: &[(&str, &str)]) -> Environment {
    Environment {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        home: Some(Path::new("/home").join(user)),
        user: Some(user.to_owned()),
        read,
    }
}

/// Returns the surroundings of a process without user, home and variables.
pub(super) fn empty() -> Environment {
    Environment {
        variables: std::collections::BTreeMap::new(),
        home: None,
        user: None,
        read,
    }
}

fn read(path: &Path) -> io::Result<String> {
    let file = FILES.iter().find(|(name, _)| Path::new(name) == path);
    file.map(|(_, text)| (*text).to_owned())
        .ok_or_else(|| ErrorKind::NotFound.into())
}

//! Converts targets to sqlx's options: for introspection, and for the databases that are served through sqlx.

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use super::collations;
use super::{
    Cache, JournalMode, MysqlSslMode, MysqlTarget, OpenMode, Place, PostgresTarget, Roots, SqliteTarget, SslMode,
    must_open_immutable,
};

/// Prepared statements cached per SQLite connection.
const STATEMENTS: usize = 256;

/// Prepared statements cached per MySQL connection: twice as many as are kept from one request to the next.
pub const MYSQL_STATEMENTS: usize = 512;

/// Returns the options for each host of a PostgreSQL target, in order; a socket has one entry per folder. The
/// connection also works through a pooler: statements have no names, and the start-up message holds only what a pooler
/// passes on.
pub fn postgres_options(target: &PostgresTarget) -> Vec<PgConnectOptions> {
    let each = target.hosts.iter().enumerate().flat_map(|(at, host)| {
        let sockets = host
            .sockets()
            .into_iter()
            .filter_map(|file| file.parent().map(std::path::Path::to_path_buf));

        let mut options = PgConnectOptions::new_without_pgpass()
            .port(host.port)
            .username(&target.user)
            .database(&target.database)
            .ssl_mode(postgres_mode(target.tls.mode))
            .extra_float_digits(None)
            .statement_cache_capacity(0);

        if let Some(password) = target.password_for(at) {
            options = options.password(password);
        }
        if let Roots::File(path) = &target.tls.roots {
            options = options.ssl_root_cert(path);
        }
        if let Some(own) = &target.tls.certificate {
            options = options.ssl_client_cert(&own.certificate).ssl_client_key(&own.key);
        }

        let options = switches(options, target.options.as_deref());

        match &host.place {
            Place::Name(name) => vec![options.host(name)],
            Place::Address { address, .. } => vec![options.host(&address.to_string())],
            Place::Socket(_) | Place::UsualSocket(_) => sockets.map(|folder| options.clone().socket(folder)).collect(),
        }
    });

    each.collect()
}

/// Adds `-c name=value` switches to the start-up message.
fn switches(mut options: PgConnectOptions, given: Option<&str>) -> PgConnectOptions {
    for part in given
        .unwrap_or_default()
        .split("-c ")
        .flat_map(|part| part.split(" -c"))
    {
        if let Some((name, value)) = part.trim().split_once('=') {
            options = options.options([(name.trim().to_owned(), value.trim().replace("\\ ", " "))]);
        }
    }
    options
}

fn postgres_mode(mode: SslMode) -> PgSslMode {
    match mode {
        SslMode::Disable => PgSslMode::Disable,
        // A single connection reads the catalog: if both ways are allowed, encryption is tried first.
        SslMode::Allow | SslMode::Prefer => PgSslMode::Prefer,
        SslMode::Require => PgSslMode::Require,
        SslMode::VerifyCa => PgSslMode::VerifyCa,
        SslMode::VerifyFull => PgSslMode::VerifyFull,
    }
}

/// Returns the options for a MySQL target.
pub fn mysql_options(target: &MysqlTarget) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .host(&target.host)
        .port(target.port)
        .username(&target.user)
        .statement_cache_capacity(MYSQL_STATEMENTS)
        .ssl_mode(match target.tls.mode {
            MysqlSslMode::Disabled => MySqlSslMode::Disabled,
            MysqlSslMode::Preferred => MySqlSslMode::Preferred,
            MysqlSslMode::Required => MySqlSslMode::Required,
            MysqlSslMode::VerifyCa => MySqlSslMode::VerifyCa,
            MysqlSslMode::VerifyIdentity => MySqlSslMode::VerifyIdentity,
        });

    if let Some(password) = &target.password {
        options = options.password(password.reveal());
    }
    if let Some(database) = &target.database {
        options = options.database(database);
    }
    if let Some(socket) = &target.socket {
        options = options.socket(socket);
    }
    if let Some(authority) = &target.tls.authority {
        options = options.ssl_ca(authority);
    }
    if let Some((certificate, key)) = &target.tls.certificate {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }

    match &target.collation {
        Some(collation) => options.collation(collation),
        None => options,
    }
}

/// Returns the options for a SQLite file, whose journal mode is kept unless the URL sets one.
pub fn sqlite_options(target: &SqliteTarget) -> SqliteConnectOptions {
    let mut options = SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(STATEMENTS)
        .with_regexp()
        .collation("moments", collations::compare_timestamps)
        .collation("json_values", collations::json_values)
        .collation("json_contains", collations::json_contains)
        .read_only(target.mode == OpenMode::ReadOnly)
        .create_if_missing(target.mode == OpenMode::ReadWriteCreate)
        .immutable(target.immutable || target.path.as_deref().is_some_and(must_open_immutable))
        .in_memory(target.is_in_memory())
        .shared_cache(target.cache == Some(Cache::Shared));

    options = match &target.path {
        Some(path) => options.filename(path),
        None => options.filename(":memory:"),
    };

    let Some(mode) = target.journal_mode else {
        return options;
    };

    options.journal_mode(match mode {
        JournalMode::Delete => SqliteJournalMode::Delete,
        JournalMode::Truncate => SqliteJournalMode::Truncate,
        JournalMode::Persist => SqliteJournalMode::Persist,
        JournalMode::Memory => SqliteJournalMode::Memory,
        JournalMode::Wal => SqliteJournalMode::Wal,
        JournalMode::Off => SqliteJournalMode::Off,
    })
}

//! Tests of the rules that all databases share, and of MySQL's and SQLite's URLs.

use std::path::PathBuf;
use std::time::Duration;

use super::test_env::{empty, of_user};
use super::{Cache, Environment, JournalMode, MysqlSslMode, MysqlTarget, OpenMode, SqliteTarget, Target, TargetError};

fn mysql(url: &str) -> Result<MysqlTarget, TargetError> {
    MysqlTarget::parse(url, &of_user("ada", &[]))
}

fn message(error: &TargetError) -> String {
    format!("{error} | {}", error.hint())
}

#[test]
fn schemes() {
    let cases = [
        ("postgres://h/d", "postgres://h:5432/d"),
        ("POSTGRESQL://h/d", "postgres://h:5432/d"),
        ("postgresql://u:p@a:1,[::1]:2/d", "postgres://a:1,[::1]:2/d"),
        ("postgres:///d?host=/run/a", "postgres://%2Frun%2Fa:5432/d"),
        ("mysql://u:p@h/d", "mysql://h:3306/d"),
        ("mariadb://u:p@[fe80::1]:1/d", "mysql://[fe80::1]:1/d"),
        ("sqlite:a.db", "sqlite:a.db"),
        ("sqlite://a.db?mode=memory", "sqlite:a.db?mode=memory"),
        ("sqlite::memory:", "sqlite::memory:"),
    ];

    for (url, redacted) in cases {
        let target = Target::parse(url, &of_user("ada", &[])).unwrap();
        assert_eq!(
            (target.redacted().as_str(), target.to_string().as_str()),
            (redacted, redacted),
            "{url}"
        );
    }

    let failures = [
        ("", TargetError::NoScheme),
        ("host=a password=secret", TargetError::NoScheme),
        ("pass word:secret", TargetError::NoScheme),
        (
            "oracle://h",
            TargetError::Scheme {
                scheme: "oracle".to_owned(),
            },
        ),
        (
            "postgres:h",
            TargetError::Slashes {
                scheme: "postgres".to_owned(),
            },
        ),
        (
            "mysql:/h",
            TargetError::Slashes {
                scheme: "mysql".to_owned(),
            },
        ),
        ("sqlite:", TargetError::NoFile),
    ];
    for (url, error) in failures {
        assert_eq!(Target::parse(url, &of_user("ada", &[])), Err(error), "{url}");
    }
}

#[test]
fn programs_that_use_one_database_name_one_place() {
    let identity = |url: &str| Target::parse(url, &of_user("ada", &[])).unwrap().identity();

    let same = [
        ("postgres://a,b/d", "postgresql://ada:x@B:5432,A/d?sslmode=require"),
        ("postgres:///d", "postgres://:5432/d?user=ada"),
        ("postgres://a/d?hostaddr=::1", "postgres://b/d?hostaddr=0:0::1"),
        ("mysql://ada:1@H/d", "mariadb://h:3306/d?ssl-mode=REQUIRED"),
        ("mysql://x/d?socket=/a", "mysql://%2Fa/d"),
        ("sqlite:a.db", "sqlite://./a.db?mode=ro"),
        ("sqlite:/a%20b", "sqlite:file:///a b"),
    ];

    for (left, right) in same {
        assert_eq!(identity(left), identity(right));
    }

    let different = ["postgres://a/d", "postgres://a/e", "postgres://a:1/d", "postgres:///d"];
    for (index, left) in different.iter().enumerate() {
        assert!(
            different[..index].iter().all(|right| identity(left) != identity(right)),
            "{left}"
        );
    }
    assert!(identity("sqlite:a.db").contains("/sqlite:/"));
}

#[test]
fn passwords_stay_hidden() {
    let urls = [
        "postgres://user:hunter2@h/d",
        "postgres://h/d?password=hunter2",
        "mysql://user:hunter2@h/d",
        "postgres://user:p@hunter2@h/d",
        "postgres://user:p@ss/hunter2@h",
        "postgres://user:hunter2/x@h/d",
        "postgres://user:p/hunter2@h/d",
        "postgres://h?password=hunter2@x",
        "postgres://user:hunter2%@h/d",
        "postgres://h/d?hunter2",
        "postgres://h/d?sslpassword=hunter2",
        "mysql://user:a@hunter2@h/d",
        "hunter2@h/d",
    ];

    for url in urls {
        let surroundings = of_user("ada", &[("PGPASSWORD", "hunter2")]);

        let shown = match Target::parse(url, &surroundings) {
            Ok(target) => format!("{target:?} {target} {} {}", target.redacted(), target.identity()),
            Err(error) => format!("{error:?} {}", message(&error)),
        };

        assert!(!shown.contains("hunter2"), "{url}: {shown}");
        assert!(!format!("{surroundings:?}").contains("hunter2"));
    }
}

#[test]
fn messages_name_the_parameter_and_the_next_step() {
    let cases = [
        (
            "postgres://h/?sslmod=a",
            "unknown PostgreSQL parameter `sslmod`; did you mean `sslmode`? | write `sslmode` instead of `sslmod`, or remove it",
        ),
        (
            "postgres://h/?xyzzy=a",
            "unknown PostgreSQL parameter `xyzzy`; expected a documented parameter | remove `xyzzy`",
        ),
        (
            "postgres://h/?ssl-mode=on",
            "invalid value `on` for the parameter `ssl-mode`; expected `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full` | correct or remove `ssl-mode`",
        ),
        (
            "postgres://h/?sslcrl=a",
            "the parameter `sslcrl` cannot be honoured: the program does not read revocation lists; expected no value | remove `sslcrl`",
        ),
        (
            "mysql://h/?time-zone=CET",
            "the parameter `time-zone` cannot be honoured: the program speaks UTC and sets the time zone itself; expected `+00:00` or `UTC` | remove `time-zone`",
        ),
        (
            "mysql://h/?sll-mode=a",
            "unknown MySQL parameter `sll-mode`; did you mean `ssl-mode`? | write `ssl-mode` instead of `sll-mode`, or remove it",
        ),
        (
            "sqlite:a?mod=ro",
            "unknown SQLite parameter `mod`; did you mean `mode`? | write `mode` instead of `mod`, or remove it",
        ),
    ];

    for (url, expected) in cases {
        assert_eq!(
            message(&Target::parse(url, &of_user("ada", &[])).unwrap_err()),
            expected
        );
    }
}

#[test]
fn mysql_addresses() {
    let cases = [
        ("mysql://", ("ada", None, "localhost", 3306, None)),
        ("mysql://u:p%40q@h:1/d", ("u", Some("p@q"), "h", 1, Some("d"))),
        ("mariadb://u@[::1]:2/a%2Fb", ("u", None, "::1", 2, Some("a/b"))),
        (
            "mysql://u:a+b@h/?statement-cache-capacity=9",
            ("u", Some("a+b"), "h", 3306, None),
        ),
    ];

    for (url, expected) in cases {
        let it = mysql(url).unwrap();

        let password = it.password.as_ref().map(super::Secret::reveal);
        assert_eq!(
            (
                it.user.as_str(),
                password,
                it.host.as_str(),
                it.port,
                it.database.as_deref()
            ),
            expected,
            "{url}"
        );
    }

    for url in [
        "mysql://a,b/",
        "mysql://h:x/",
        "mysql://h:0/",
        "mysql://[::1/",
        "mysql://[]/",
        "mysql://[::1]x/",
        "mysql://a@b@c/",
    ] {
        assert!(mysql(url).is_err(), "{url}");
    }

    assert_eq!(MysqlTarget::parse("mysql://h/d", &empty()), Err(TargetError::NoUser));
}

#[test]
fn mysql_parameters() {
    let it =
        mysql("mysql://h/?socket=/s&connect_timeout=1&collation=utf8mb4_bin&charset=UTF8MB4&timezone=utc").unwrap();
    assert_eq!(
        (it.socket, it.connect_timeout),
        (Some(PathBuf::from("/s")), Some(Duration::from_secs(1)))
    );
    assert_eq!(it.collation.as_deref(), Some("utf8mb4_bin"));

    assert!(
        mysql("mysql://h/?time-zone=+00:00&connect-timeout=0")
            .unwrap()
            .connect_timeout
            .is_none()
    );

    let refused = [
        "set_names=true",
        "pipes_as_concat=false",
        "no_engine_substitution=0",
        "timezone=",
        "charset=latin1",
        "collation=latin1_bin",
    ];
    for parameter in refused {
        let error = mysql(&format!("mysql://h/?{parameter}")).unwrap_err();
        assert!(matches!(error, TargetError::Refused { .. }), "{parameter}: {error}");
    }

    for parameter in [
        "ssl-mode=maybe",
        "connect-timeout=soon",
        "ssl-cert=a",
        "ssl-key=a",
        "password=x",
        "x",
    ] {
        assert!(mysql(&format!("mysql://h/?{parameter}")).is_err(), "{parameter}");
    }
}

#[test]
fn mysql_encryption() {
    let cases = [
        ("", MysqlSslMode::Preferred, false),
        ("ssl-mode=DISABLED", MysqlSslMode::Disabled, false),
        ("ssl_mode=preferred", MysqlSslMode::Preferred, false),
        ("sslmode=Required&ssl-ca=/ca", MysqlSslMode::Required, false),
        ("ssl-ca=/ca", MysqlSslMode::VerifyCa, false),
        ("ssl-mode=verify_ca", MysqlSslMode::VerifyCa, true),
        ("ssl-mode=verify-identity", MysqlSslMode::VerifyIdentity, true),
        (
            "ssl-mode=VERIFY_IDENTITY&sslca=/ca",
            MysqlSslMode::VerifyIdentity,
            false,
        ),
    ];

    for (query, mode, is_assumed) in cases {
        let tls = mysql(&format!("mysql://h/?{query}")).unwrap().tls;
        assert_eq!((tls.mode, tls.is_authority_assumed), (mode, is_assumed), "{query}");
        assert_eq!(tls.checks_name(), mode == MysqlSslMode::VerifyIdentity);
    }

    let tls = mysql("mysql://h/?ssl-cert=/c&ssl-key=/k").unwrap().tls;
    assert_eq!(tls.certificate, Some(("/c".into(), "/k".into())));
}

#[test]
fn sqlite_paths() {
    let cases = [
        ("sqlite:a.db", Some("a.db"), OpenMode::ReadWrite),
        ("sqlite://a.db", Some("a.db"), OpenMode::ReadWrite),
        (
            "SQLITE:///var/a%3Fb.db?mode=rwc",
            Some("/var/a?b.db"),
            OpenMode::ReadWriteCreate,
        ),
        ("sqlite:/a+b#c?mode=ro", Some("/a+b#c"), OpenMode::ReadOnly),
        ("sqlite::memory:", None, OpenMode::Memory),
        ("sqlite://:memory:?mode=memory", None, OpenMode::Memory),
        ("sqlite://?mode=memory", None, OpenMode::Memory),
        (
            "sqlite:shared?mode=memory&cache=shared",
            Some("shared"),
            OpenMode::Memory,
        ),
        ("sqlite:file:a.db#x", Some("a.db"), OpenMode::ReadWrite),
        ("sqlite://file:/a.db?mode=ro#x", Some("/a.db"), OpenMode::ReadOnly),
        ("sqlite:file:///a.db", Some("/a.db"), OpenMode::ReadWrite),
        ("sqlite:file://localhost/a.db", Some("/a.db"), OpenMode::ReadWrite),
        ("sqlite:file::memory:", None, OpenMode::Memory),
    ];

    for (url, path, mode) in cases {
        let it = SqliteTarget::parse(url).unwrap();
        assert_eq!((it.path, it.mode), (path.map(PathBuf::from), mode), "{url}");
    }

    let failures = [
        "sqlite:",
        "sqlite://?mode=rw",
        "sqlite:a%2",
        "sqlite:a%00",
        "sqlite:%ff",
        "sqlite:file://host/a",
        "sqlite:file://localhost.evil/a",
        "sqlite::memory:?mode=ro",
        "mysql://h",
    ];

    for url in failures {
        assert!(SqliteTarget::parse(url).is_err(), "{url}");
    }
}

#[test]
fn sqlite_parameters() {
    let it = SqliteTarget::parse("sqlite:a?cache=private&journal_mode=WAL").unwrap();
    assert_eq!(
        (it.cache, it.journal_mode, it.immutable),
        (Some(Cache::Private), Some(JournalMode::Wal), false)
    );
    assert!(SqliteTarget::parse("sqlite:a?immutable=true").unwrap().is_read_only());
    assert_eq!(SqliteTarget::parse("sqlite:a?immutable=0").unwrap().journal_mode, None);

    let failures = [
        "mode=x",
        "cache=x",
        "immutable=x",
        "journal_mode=x",
        "vfs=unix",
        "nolock=1",
        "x=1",
        "mode",
        "mode=ro&journal_mode=wal",
        "immutable=1&journal_mode=off",
    ];

    for query in failures {
        assert!(SqliteTarget::parse(&format!("sqlite:a?{query}")).is_err(), "{query}");
    }
}

/// A pseudo-random number generator with a fixed seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("invariant: the remainder is below a `usize`")
    }
}

#[test]
fn no_text_panics_and_what_is_read_is_stable() {
    let pieces = [
        "%",
        "%2F",
        "%00",
        "@",
        ":",
        "/",
        "?",
        "&",
        "=",
        ",",
        "[",
        "]",
        "#",
        "\\",
        " ",
        "host",
        "options[a]",
        "options",
        "-c ",
        "sslmode",
        "service",
        "file:",
        ":memory:",
        "é",
        "\u{0}",
        "5432",
        "ssl-mode",
        "mode=ro",
    ];
    let schemes = ["postgres://", "mysql://", "sqlite:", ""];
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);

    for _ in 0..60_000 {
        let mut bytes = schemes[numbers.below(schemes.len())].as_bytes().to_vec();
        for _ in 0..numbers.below(12) {
            match numbers.below(3) {
                0 => bytes.extend(u8::try_from(numbers.below(256))),
                _ => bytes.extend_from_slice(pieces[numbers.below(pieces.len())].as_bytes()),
            }
        }

        let url = String::from_utf8_lossy(&bytes);
        let surroundings = of_user("ada", &[]);

        match Target::parse(&url, &surroundings) {
            Ok(target) => assert_eq!(
                Target::parse(&url, &surroundings).map(|it| it.identity()),
                Ok(target.identity())
            ),
            Err(error) => assert!(!error.hint().is_empty() && !error.to_string().ends_with('.'), "{error}"),
        }
    }
}

#[test]
fn the_process_has_surroundings() {
    let surroundings = Environment::of_process();
    assert!(surroundings.variables.contains_key("PATH"));
    assert!((surroundings.read)(std::path::Path::new("/nowhere/at/all")).is_err());
}

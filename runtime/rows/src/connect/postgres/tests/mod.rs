//! Tests of PostgreSQL URLs.

mod encryption;

use std::path::PathBuf;
use std::time::Duration;

use super::super::TargetError;
use super::super::test_env::{empty, of_user};
use super::{ChannelBinding, ClientCertificate, Keepalive, Place, PostgresTarget, Roots, SessionAttributes, SslMode};

fn parse(url: &str) -> Result<PostgresTarget, TargetError> {
    PostgresTarget::parse(url, &of_user("ada", &[]))
}

fn query(query: &str) -> Result<PostgresTarget, TargetError> {
    parse(&format!("postgres://h/d?{query}"))
}

fn within(variables: &[(&str, &str)], url: &str) -> Result<PostgresTarget, TargetError> {
    PostgresTarget::parse(url, &of_user("ada", variables))
}

#[test]
fn users_databases_and_passwords() {
    let cases = [
        ("postgres://", ("ada", "ada", Some("local"))),
        ("postgres://bob@h", ("bob", "bob", None)),
        ("postgresql://b%40b:p%3Aw@h/my%2Fdb", ("b@b", "my/db", Some("p:w"))),
        (
            "postgres://h/d?user=eve&password=a+b&dbname=e",
            ("eve", "e", Some("a+b")),
        ),
        ("postgres://u:p?w@h/", ("u", "u", Some("p?w"))),
        ("postgres://h/d?user=&dbname=", ("ada", "ada", None)),
    ];

    for (url, expected) in cases {
        let it = parse(url).unwrap();
        assert_eq!(
            (it.user.as_str(), it.database.as_str(), it.password_for(0)),
            expected,
            "{url}"
        );
    }

    assert_eq!(
        PostgresTarget::parse("postgres://h/d", &empty()),
        Err(TargetError::NoUser)
    );
    assert_eq!(parse("postgres://h").unwrap().password_for(9), None);
}

#[test]
fn hosts_and_ports() {
    let cases = [
        ("postgres://", "postgres://:5432/ada"),
        ("postgres://h1:1,h2:2/d", "postgres://h1:1,h2:2/d"),
        ("postgres://h1:1,h2/d", "postgres://h1:1,h2:5432/d"),
        ("postgres://h1,,h3/d", "postgres://h1:5432,:5432,h3:5432/d"),
        ("postgres://h1,h2/d?port=7", "postgres://h1:7,h2:7/d"),
        ("postgres://h1,h2/d?port=7,8", "postgres://h1:7,h2:8/d"),
        ("postgres://[::1],[fe80::1]:9/d", "postgres://[::1]:5432,[fe80::1]:9/d"),
        ("postgres://%2Fvar%2Frun/d", "postgres://%2Fvar%2Frun:5432/d"),
        ("postgres:///d?host=/sock&port=1", "postgres://%2Fsock:1/d"),
        ("postgres://old/d?host=a,b", "postgres://a:5432,b:5432/d"),
        ("postgres://h/d?hostaddr=10.0.0.1", "postgres://10.0.0.1:5432/d"),
        (
            "postgres:///d?hostaddr=10.0.0.1,::2&port=3",
            "postgres://10.0.0.1:3,[::2]:3/d",
        ),
    ];

    for (url, redacted) in cases {
        assert_eq!(parse(url).unwrap().redacted(), redacted, "{url}");
    }

    let failures = [
        "postgres://h:0",
        "postgres://h:x",
        "postgres://h:65536",
        "postgres://::1/d",
        "postgres://[::1",
        "postgres://[]",
        "postgres://[::1]5432",
        "postgres://a,b,c/d?port=1,2",
        "postgres://a,b/d?hostaddr=::1",
        "postgres://h/d?hostaddr=name",
        "postgres:///d?host=@abstract",
        "postgres://a@b@c",
        "postgres://h%",
        "postgres://h%zz",
    ];

    for url in failures {
        assert!(parse(url).is_err(), "{url}");
    }
}

#[test]
fn places() {
    let host = |url: &str| parse(url).unwrap().hosts.remove(0);

    let usual = host("postgres:///d");
    assert_eq!(
        usual.sockets(),
        [
            PathBuf::from("/var/run/postgresql/.s.PGSQL.5432"),
            "/tmp/.s.PGSQL.5432".into()
        ]
    );
    assert_eq!(
        host("postgres:///d?host=/s&port=1").sockets(),
        [PathBuf::from("/s/.s.PGSQL.1")]
    );

    let named = host("postgres://name/d?hostaddr=::1");
    assert_eq!(
        named.place,
        Place::Address {
            address: "::1".parse().unwrap(),
            name: Some("name".to_owned())
        }
    );
    assert_eq!((named.certificate_name(), named.sockets().len()), (Some("name"), 0));
    assert_eq!(host("postgres://h").certificate_name(), Some("h"));
    assert_eq!(usual.certificate_name(), None);
}

#[test]
fn password_files() {
    let cases = [
        (
            "postgres://db1,db2:7,other/shop",
            [Some("first"), Some("sec:ond\\"), None],
        ),
        ("postgres://db1:1,db1,db1/other", [None, None, None]),
        (
            "postgres:///x?host=/srv/sock,/tmp,localhost",
            [Some("socket"), Some("local"), Some("local")],
        ),
        ("postgres:///x?host=,es:c,empty", [Some("local"), Some("escaped"), None]),
        (
            "postgres:///x?hostaddr=10.0.0.7,10.0.0.8,10.0.0.7",
            [Some("address"), None, Some("address")],
        ),
        ("postgres://a,b,c/x?passfile=/etc/pass", [Some("everywhere"); 3]),
        ("postgres://a,b,c/x?passfile=/nowhere", [None; 3]),
        ("postgres://u:url@a,db1,c/shop", [Some("url"); 3]),
    ];

    for (url, expected) in cases {
        let it = parse(url).unwrap();
        assert_eq!([0, 1, 2].map(|index| it.password_for(index)), expected, "{url}");
    }

    assert_eq!(
        within(&[("PGPASSFILE", "/etc/pass")], "postgres://h")
            .unwrap()
            .password_for(0),
        Some("everywhere")
    );
    assert_eq!(parse("postgres://bob@db1/shop").unwrap().password_for(0), None);
}

#[test]
fn the_environment_fills_in() {
    let variables = [
        ("PGHOST", "eh"),
        ("PGPORT", "77"),
        ("PGUSER", "eu"),
        ("PGPASSWORD", "ep"),
        ("PGDATABASE", "ed"),
        ("PGSSLMODE", "require"),
        ("PGSSLROOTCERT", "/ca"),
        ("PGSSLCERT", "/c"),
        ("PGSSLKEY", "/k"),
        ("PGOPTIONS", "-c a=b"),
        ("PGAPPNAME", "app"),
        ("PGCONNECT_TIMEOUT", "5"),
        ("PGTARGETSESSIONATTRS", "primary"),
        ("PGCHANNELBINDING", "require"),
        ("PGLOADBALANCEHOSTS", "random"),
        ("PGCLIENTENCODING", "LATIN1"),
    ];

    let it = within(&variables, "postgres://").unwrap();
    assert_eq!(it.place(), "postgres://eh:77/ed");
    assert_eq!(
        (it.password_for(0), it.options.as_deref()),
        (Some("ep"), Some("-c a=b"))
    );
    assert_eq!(
        (it.tls.mode, it.tls.roots),
        (SslMode::VerifyCa, Roots::File("/ca".into()))
    );
    assert_eq!(
        it.tls.certificate,
        Some(ClientCertificate {
            certificate: "/c".into(),
            key: "/k".into()
        })
    );
    assert_eq!(
        (it.application_name.as_deref(), it.connect_timeout),
        (Some("app"), Some(Duration::from_secs(5)))
    );
    assert_eq!(
        (it.session, it.channel_binding, it.load_balance),
        (SessionAttributes::Primary, ChannelBinding::Require, true)
    );

    let it = within(&variables, "postgres://u:p@h:1/d?sslmode=disable&options=").unwrap();
    assert_eq!(
        (it.place().as_str(), it.password_for(0)),
        ("postgres://h:1/d", Some("p"))
    );
    assert_eq!((it.tls.mode, it.options), (SslMode::Disable, None));

    assert_eq!(
        within(&variables, "postgres://h/d").unwrap().redacted(),
        "postgres://h:77/d"
    );
    assert_eq!(
        within(&[("PGHOSTADDR", "::1")], "postgres://h/d").unwrap().redacted(),
        "postgres://[::1]:5432/d"
    );
    assert_eq!(
        within(&[("PGREQUIRESSL", "1")], "postgres://h").unwrap().tls.mode,
        SslMode::Require
    );
    assert_eq!(
        within(&[("PGREQUIRESSL", "1"), ("PGSSLMODE", "allow")], "postgres://h")
            .unwrap()
            .tls
            .mode,
        SslMode::Allow
    );

    let refused = [
        ("PGSSLMODE", "often"),
        ("PGREQUIREPEER", "root"),
        ("PGSSLCRL", "/r"),
        ("PGPORT", "x"),
        ("PGOPTIONS", "-c timezone=x"),
    ];

    for (variable, value) in refused {
        let error = within(&[(variable, value)], "postgres://h").unwrap_err().to_string();
        assert!(error.contains(&format!("`{variable}`")), "{error}");
    }
}

#[test]
fn services() {
    let it = within(
        &[("PGSERVICE", "shop"), ("PGHOST", "x"), ("PGDATABASE", "env")],
        "postgres://:1/",
    )
    .unwrap();

    assert_eq!(
        (it.redacted().as_str(), it.tls.mode),
        ("postgres://service.example:1/env", SslMode::Require)
    );
    assert_eq!(
        parse("postgres:///d?service=shop").unwrap().redacted(),
        "postgres://service.example:6000/d"
    );
    assert_eq!(parse("postgres://h?service=system").unwrap().database, "everyone");

    let named = [("PGSERVICEFILE", "/srv/services")];
    let it = within(&named, "postgres://h/d?service=named").unwrap();
    assert_eq!(
        (it.user.as_str(), it.connect_timeout),
        ("eve", Some(Duration::from_secs(9)))
    );
    assert_eq!(
        within(&named, "postgres://h?service=system").unwrap().database,
        "everyone"
    );

    let none = parse("postgres://h?service=none").unwrap_err();
    assert!(
        matches!(&none, TargetError::NoService { file, .. } if file == "/home/ada/.pg_service.conf"),
        "{none}"
    );

    assert!(matches!(
        parse("postgres://h?service=bare"),
        Err(TargetError::ServiceFile { .. })
    ));
    assert!(matches!(
        parse("postgres://h?service=nested"),
        Err(TargetError::ServiceFile { .. })
    ));
    assert!(matches!(
        parse("postgres://h?service=typo"),
        Err(TargetError::Unknown {
            nearest: Some("host"),
            ..
        })
    ));
    assert!(matches!(
        parse("postgres://h?service=latin"),
        Err(TargetError::Refused { .. })
    ));
    assert!(matches!(
        within(&[("PGSERVICEFILE", "/none")], "postgres://h?service=a"),
        Err(TargetError::ServiceFile { .. })
    ));
}

#[test]
fn switches() {
    let cases = [
        ("options=-c%20a%3Db", "-c a=b"),
        ("options=-c a=b&options=-c c=d", "-c c=d"),
        (
            "options[search_path]=a b\\c&options%5Bx%5D=1",
            "-c search_path=a\\ b\\\\c -c x=1",
        ),
        ("options[x]=1&options=-F", "-F -c x=1"),
        (
            "options=-S 9 -cx=y --statement-timeout=1",
            "-S 9 -cx=y --statement-timeout=1",
        ),
        ("options=-c search_path=timezone", "-c search_path=timezone"),
    ];

    for (text, expected) in cases {
        assert_eq!(query(text).unwrap().options.as_deref(), Some(expected), "{text}");
    }

    let owned = [
        ("options=-c client_encoding=x", "client_encoding"),
        ("options=-cDATESTYLE=x", "DateStyle"),
        ("options[IntervalStyle]=x", "IntervalStyle"),
        ("options=-F --timezone=x", "TimeZone"),
        ("options=-c bytea-output=x", "bytea_output"),
        ("options=-Fc extra_float_digits=x", "extra_float_digits"),
        (
            "options=-c standard\\_conforming_strings=x",
            "standard_conforming_strings",
        ),
        ("options=-S 1 -e", "DateStyle"),
    ];

    for (text, expected) in owned {
        assert!(
            matches!(query(text), Err(TargetError::Owned { setting, .. }) if setting == expected),
            "{text}"
        );
    }
}

#[test]
fn times_and_choices() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));

    for (value, expected) in [
        ("0", None),
        ("-1", None),
        ("1", seconds(2)),
        ("2", seconds(2)),
        (" 30 ", seconds(30)),
    ] {
        assert_eq!(
            query(&format!("connect_timeout={value}")).unwrap().connect_timeout,
            expected,
            "{value}"
        );
    }

    let keepalive = Keepalive {
        idle: seconds(9),
        interval: seconds(8),
        count: Some(7),
    };
    let it = query("keepalives_idle=9&keepalives_interval=8&keepalives_count=7&tcp_user_timeout=1500").unwrap();
    assert_eq!(
        (it.keepalive, it.user_timeout),
        (Some(keepalive), Some(Duration::from_millis(1500)))
    );
    assert_eq!(query("keepalives=0").unwrap().keepalive, None);
    assert_eq!(
        query("keepalives=1&keepalives_idle=0").unwrap().keepalive,
        Some(Keepalive::default())
    );

    let attributes = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
    let read = attributes.map(|word| query(&format!("target_session_attrs={word}")).unwrap().session);
    assert_eq!(
        (read[0], read[3], read[5]),
        (
            SessionAttributes::Any,
            SessionAttributes::Primary,
            SessionAttributes::PreferStandby
        )
    );

    let name = |text: &str| query(text).unwrap().application_name;
    assert_eq!(
        name("application_name=a&fallback_application_name=b").as_deref(),
        Some("a")
    );
    assert_eq!(name("fallback_application_name=b").as_deref(), Some("b"));
    assert_eq!(name("application_name=&fallback_application_name=b"), None);

    assert_eq!(query("pgbouncer=true").unwrap().pooler, Some(true));
    assert_eq!(query("").unwrap().pooler, None);
}

#[test]
fn what_is_harmless_passes_and_the_rest_is_refused() {
    let harmless = [
        "client_encoding=utf8",
        "client_encoding=auto",
        "gssencmode=prefer",
        "gssencmode=disable",
        "krbsrvname=x",
        "gsslib=x",
        "sslcompression=1",
        "sslcrl=",
        "sslcertmode=allow",
        "sslnegotiation=postgres",
        "replication=off",
        "statement-cache-capacity=9",
        "load_balance_hosts=disable",
        "channel_binding=disable",
        "&",
        "sslcompression=0&",
    ];

    for text in harmless {
        assert!(query(text).is_ok(), "{text}");
    }

    let refused = [
        "client_encoding=latin1",
        "gssencmode=require",
        "sslcrl=/a",
        "sslcrldir=/a",
        "sslpassword=x",
        "requirepeer=x",
        "require_auth=none",
        "sslcertmode=require",
        "sslnegotiation=direct",
        "replication=database",
    ];

    for text in refused {
        let error = query(text).unwrap_err();
        assert!(matches!(error, TargetError::Refused { .. }), "{text}: {error}");
    }

    let failures = [
        "xyzzy=1",
        "SSLMODE=require",
        "host",
        "connect_timeout=soon",
        "keepalives=x",
        "keepalives_idle=99999999999",
        "channel_binding=x",
        "target_session_attrs=x",
        "load_balance_hosts=x",
        "pgbouncer=x",
        "application_name=%ff",
        "a%=b",
    ];

    for text in failures {
        assert!(query(text).is_err(), "{text}");
    }
}

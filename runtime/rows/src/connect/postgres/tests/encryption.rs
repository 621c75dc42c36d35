//! Tests of the TLS settings: modes, authorities, certificates and versions.

use std::path::PathBuf;

use super::super::super::TargetError;
use super::super::super::test_env::of_user;
use super::super::{ClientCertificate, PostgresTarget, Roots, SslMode, TlsVersion};
use super::{parse, query};

#[test]
fn encryption() {
    let file = || Roots::File("/ca".into());
    let cases = [
        ("", SslMode::Prefer, Roots::None),
        ("sslmode=disable&sslrootcert=/ca", SslMode::Disable, Roots::None),
        ("sslmode=allow", SslMode::Allow, Roots::None),
        ("sslmode=prefer&ssl-ca=/ca", SslMode::Prefer, file()),
        ("ssl-mode=require", SslMode::Require, Roots::None),
        ("ssl=true", SslMode::Require, Roots::None),
        ("sslmode=require&ssl-root-cert=/ca", SslMode::VerifyCa, file()),
        ("sslmode=verify-ca&sslrootcert=/ca", SslMode::VerifyCa, file()),
        ("sslmode=verify-full&sslrootcert=/ca", SslMode::VerifyFull, file()),
        ("sslmode=verify-full", SslMode::VerifyFull, Roots::Assumed),
        ("sslrootcert=system", SslMode::VerifyFull, Roots::System),
        (
            "sslmode=verify-full&sslrootcert=system",
            SslMode::VerifyFull,
            Roots::System,
        ),
    ];

    for (text, mode, roots) in cases {
        let tls = query(text).unwrap().tls;
        assert_eq!((tls.mode, &tls.roots), (mode, &roots), "{text}");
        assert_eq!(tls.checks_authority(), roots != Roots::None, "{text}");
        assert_eq!(tls.checks_name(), mode == SslMode::VerifyFull, "{text}");
    }

    let failures = [
        "sslmode=",
        "sslmode=on",
        "ssl=false",
        "sslmode=verify-ca",
        "sslmode=require&sslrootcert=system",
        "sslcert=/c",
    ];

    for text in failures {
        assert!(query(text).is_err(), "{text}");
    }
    assert!(parse("postgres:///d?hostaddr=::1&sslmode=verify-full").is_err());
    assert!(parse("postgres:///d?host=/s&sslmode=verify-ca").is_ok());
}

#[test]
fn files_at_home() {
    let of = |user, url| PostgresTarget::parse(url, &of_user(user, &[]));
    let folder = PathBuf::from("/home/grace/.postgresql");

    let tls = of("grace", "postgres://h?sslmode=require").unwrap().tls;
    assert_eq!(
        (tls.mode, tls.roots),
        (SslMode::VerifyCa, Roots::File(folder.join("root.crt")))
    );

    let own = ClientCertificate {
        certificate: folder.join("postgresql.crt"),
        key: folder.join("postgresql.key"),
    };
    assert_eq!(tls.certificate, Some(own));
    assert_eq!(
        of("grace", "postgres://h?sslcertmode=disable").unwrap().tls.certificate,
        None
    );

    assert!(matches!(
        of("joan", "postgres://h?sslmode=require"),
        Err(TargetError::Refused { .. })
    ));
    assert!(of("joan", "postgres://h?sslmode=disable").is_ok());
    assert!(matches!(of("mary", "postgres://h"), Err(TargetError::Needs { .. })));
    assert!(of("mary", "postgres://h?sslkey=/k").unwrap().tls.certificate.is_some());
}

#[test]
fn versions_of_tls() {
    let versions = |text: &str| query(text).map(|it| (it.tls.min_version, it.tls.max_version, it.tls.sends_name));

    assert_eq!(
        versions("ssl_min_protocol_version=TLSv1"),
        Ok((TlsVersion::V12, TlsVersion::V13, true))
    );
    assert_eq!(
        versions("ssl_min_protocol_version=tlsv1.3&sslsni=0"),
        Ok((TlsVersion::V13, TlsVersion::V13, false))
    );
    assert_eq!(
        versions("ssl_max_protocol_version=TLSv1.2"),
        Ok((TlsVersion::V12, TlsVersion::V12, true))
    );

    for text in [
        "ssl_max_protocol_version=TLSv1.1",
        "ssl_min_protocol_version=SSLv3",
        "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2",
        "sslsni=yes",
    ] {
        assert!(versions(text).is_err(), "{text}");
    }
}

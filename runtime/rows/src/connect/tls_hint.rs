//! Hints for failed TLS handshakes of sqlx: the cause, and the parameter to change.

/// Returns the cause and the next step for the text of a TLS error; `None` for any other error.
pub fn tls_hint(text: &str) -> Option<&'static str> {
    let known = [
        (
            "UnknownIssuer",
            "the server's certificate is signed by an authority that is not trusted: name the authority's file with \
             `sslrootcert` (PostgreSQL) or `ssl-ca` (MySQL)",
        ),
        (
            "NotValidForName",
            "the server's certificate is not for this host: connect with the name in the certificate, or turn the \
             check of the name off with `sslmode=verify-ca` (PostgreSQL) or `ssl-mode=VERIFY_CA` (MySQL)",
        ),
        (
            "not valid for name",
            "the server's certificate is not for this host: connect with the name in the certificate",
        ),
        ("Expired", "the server's certificate has expired: renew it"),
        ("certificate expired", "the server's certificate has expired: renew it"),
        (
            "NotValidYet",
            "the server's certificate is not valid yet: check the clocks",
        ),
        (
            "CertificateRequired",
            "the server asks for a client certificate: name it with `sslcert` and `sslkey` (PostgreSQL) or `ssl-cert` \
             and `ssl-key` (MySQL)",
        ),
    ];

    known
        .iter()
        .find(|(cause, _)| text.contains(cause))
        .map(|(_, hint)| *hint)
}

//! What a failed TLS handshake of sqlx's means, with the parameter that mends it.

/// The next step, by the cause that the error's text holds; `None` for any other error.
pub fn tls_hint(text: &str) -> Option<&'static str> {
    let known = [
        (
            "UnknownIssuer",
            "the server's certificate is signed by an authority that is not trusted: name the authority's file with \
             `sslrootcert` (PostgreSQL) or `ssl-ca` (MySQL)",
        ),
        (
            "NotValidForName",
            "the server's certificate is not for this host: connect with the name that it bears, or do not check the \
             name with `sslmode=verify-ca` (PostgreSQL) or `ssl-mode=VERIFY_CA` (MySQL)",
        ),
        (
            "not valid for name",
            "the server's certificate is not for this host: connect with the name that it bears",
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

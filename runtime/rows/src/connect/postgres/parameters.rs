//! The parameters of `libpq`, their environment variables, and the parameters that cannot be honoured.

use super::super::TargetError;
use super::super::names::{Name, join_words};
use super::settings::Settings;

/// A parameter, its environment variable, and its other spellings in a URL.
type ParameterRow = (&'static str, Option<&'static str>, &'static [&'static str]);

/// Every parameter of a URL. `PGCLIENTENCODING` is missing on purpose: it is about the user's terminal.
const PARAMETERS: &[ParameterRow] = &[
    ("application_name", Some("PGAPPNAME"), &[]),
    ("channel_binding", Some("PGCHANNELBINDING"), &[]),
    ("client_encoding", None, &[]),
    ("connect_timeout", Some("PGCONNECT_TIMEOUT"), &[]),
    ("dbname", Some("PGDATABASE"), &[]),
    ("fallback_application_name", None, &[]),
    ("gssdelegation", Some("PGGSSDELEGATION"), &[]),
    ("gssencmode", Some("PGGSSENCMODE"), &[]),
    ("gsslib", Some("PGGSSLIB"), &[]),
    ("host", Some("PGHOST"), &[]),
    ("hostaddr", Some("PGHOSTADDR"), &[]),
    ("keepalives", None, &[]),
    ("keepalives_count", None, &[]),
    ("keepalives_idle", None, &[]),
    ("keepalives_interval", None, &[]),
    ("krbsrvname", Some("PGKRBSRVNAME"), &[]),
    ("load_balance_hosts", Some("PGLOADBALANCEHOSTS"), &[]),
    ("options", Some("PGOPTIONS"), &[]),
    ("passfile", Some("PGPASSFILE"), &[]),
    ("password", Some("PGPASSWORD"), &[]),
    ("pgbouncer", None, &[]),
    ("port", Some("PGPORT"), &[]),
    ("replication", None, &[]),
    ("require_auth", Some("PGREQUIREAUTH"), &[]),
    ("requirepeer", Some("PGREQUIREPEER"), &[]),
    ("service", Some("PGSERVICE"), &[]),
    ("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION"), &[]),
    ("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION"), &[]),
    ("sslcert", Some("PGSSLCERT"), &["ssl-cert", "ssl_cert"]),
    ("sslcertmode", Some("PGSSLCERTMODE"), &[]),
    ("sslcompression", Some("PGSSLCOMPRESSION"), &[]),
    ("sslcrl", Some("PGSSLCRL"), &[]),
    ("sslcrldir", Some("PGSSLCRLDIR"), &[]),
    ("sslkey", Some("PGSSLKEY"), &["ssl-key", "ssl_key"]),
    ("sslmode", Some("PGSSLMODE"), &["ssl-mode", "ssl_mode"]),
    ("sslnegotiation", Some("PGSSLNEGOTIATION"), &[]),
    ("sslpassword", None, &[]),
    (
        "sslrootcert",
        Some("PGSSLROOTCERT"),
        &["ssl-root-cert", "ssl_root_cert", "ssl-ca", "ssl_ca", "sslca"],
    ),
    ("sslsni", Some("PGSSLSNI"), &[]),
    (
        "statement-cache-capacity",
        None,
        &["statement_cache_capacity", "statement_cache_size"],
    ),
    ("target_session_attrs", Some("PGTARGETSESSIONATTRS"), &[]),
    ("tcp_user_timeout", None, &[]),
    ("user", Some("PGUSER"), &[]),
];

/// A parameter that is too important to be ignored, the values that agree with what the program does, and why other
/// values cannot be honoured. An empty value counts as absent.
const CONSTRAINED: &[(&str, &[&str], &str)] = &[
    (
        "client_encoding",
        &["UTF8", "auto", "UTF-8", "unicode"],
        "the program speaks UTF-8 and sets the encoding itself",
    ),
    (
        "gssencmode",
        &["disable", "prefer"],
        "the program does not support Kerberos encryption",
    ),
    (
        "replication",
        &["false", "off", "no", "0"],
        "the program does not use replication connections",
    ),
    (
        "require_auth",
        &[],
        "the program does not choose among the ways to sign in",
    ),
    (
        "requirepeer",
        &[],
        "the program does not check who owns the server's socket",
    ),
    (
        "sslcertmode",
        &["allow", "disable"],
        "the program does not check that its certificate was asked for",
    ),
    ("sslcrl", &[], "the program does not read revocation lists"),
    ("sslcrldir", &[], "the program does not read revocation lists"),
    (
        "sslnegotiation",
        &["postgres"],
        "the program starts TLS only after the server has agreed",
    ),
    ("sslpassword", &[], "the program does not read encrypted keys"),
];

/// Returns the names of all parameters.
pub(super) fn names() -> impl Iterator<Item = Name> {
    PARAMETERS.iter().map(|&(name, _, synonyms)| Name { name, synonyms })
}

/// Returns the parameters that have an environment variable, with the variable.
pub(super) fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    PARAMETERS
        .iter()
        .filter_map(|&(name, variable, _)| Some((name, variable?)))
}

/// Refuses parameters that cannot be honoured.
pub(super) fn check(settings: &Settings) -> Result<(), TargetError> {
    for &(name, agreeing, reason) in CONSTRAINED {
        let Some(given) = settings.given(name) else { continue };
        let agrees = given.value.is_empty() || agreeing.iter().any(|value| value.eq_ignore_ascii_case(&given.value));

        if !agrees {
            let expected = if agreeing.is_empty() {
                "no value".to_owned()
            } else {
                join_words(agreeing)
            };
            return Err(TargetError::Refused {
                parameter: given.label.clone(),
                reason,
                expected,
            });
        }
    }

    Ok(())
}

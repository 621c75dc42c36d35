//! Redis over TLS.

use super::support::{Log, Server, given, keep, options};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use runtime::cache::{AnswerCache as _, RedisCache};

#[tokio::test]
async fn redis_answers_over_tls_to_whom_trusts_it() {
    if tests::redis().await.is_none() {
        return;
    }
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());

    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let (cert, key) = (
        file("cert.pem", certificate.pem()),
        file("key.pem", key.serialize_pem()),
    );
    let tls = [
        "--tls-port",
        "PORT",
        "--tls-cert-file",
        &cert,
        "--tls-key-file",
        &key,
        "--tls-auth-clients",
        "no",
    ];
    let server = Server::start(&tls);

    let url = |host| format!("rediss://{host}:{}", server.port);
    let trusting = options("db").authority(authority.pem());
    let cache = RedisCache::connect(&url("localhost"), &trusting).await.unwrap();
    keep(&cache, "k", "users", "body").await;
    assert_eq!(given(&cache, "k").await.as_deref(), Some("body"));

    // The browsers' authorities did not sign it, and it is not made out to this address.
    for (host, options) in [("localhost", options("db")), ("127.0.0.1", trusting.clone())] {
        let cache = RedisCache::connect(&url(host), &options).await.unwrap();
        assert!(!cache.health().unwrap().is_answering);
    }
    assert_eq!(log.count("WARN", "certificate"), 2);

    // A certificate without TLS, and one that is none, are mistakes.
    let plain = format!("redis://localhost:{}", server.port);
    assert!(
        RedisCache::connect(&plain, &trusting)
            .await
            .unwrap_err()
            .to_string()
            .contains("rediss://")
    );
    let none = options("db").authority("no certificate");
    assert!(RedisCache::connect(&url("localhost"), &none).await.is_err());
}

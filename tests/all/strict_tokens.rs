//! Tokens signed by openssl's keys, through the authenticator.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use runtime::{
    Authenticate, AuthenticationError, FetchError, FileKeys, JwtAuthenticator, JwtError, KeySet, KeySource, TokenError,
    TokenKey, Viewer,
};
use serde_json::{Value, json};

const SECRET: &[u8] = b"thirty-two bytes of a test secret";

/// A pair of keys.
struct Pair {
    private: Vec<u8>,
    public: Vec<u8>,
    algorithm: Algorithm,
}

impl Pair {
    fn new(folder: &Path, algorithm: Algorithm) -> Self {
        let file = folder.join(format!("{algorithm:?}")).display().to_string();
        let kind: &[&str] = match algorithm {
            Algorithm::ES256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Algorithm::EdDSA => &["-algorithm", "ed25519"],
            _ => &["-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"],
        };
        openssl(&[&["genpkey", "-out", &file], kind].concat());
        let public = openssl(&["pkey", "-in", &file, "-pubout"]);
        Self {
            private: std::fs::read(&file).expect("the key"),
            public,
            algorithm,
        }
    }

    fn encoding(&self) -> EncodingKey {
        let key = match self.algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_pem(&self.private),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(&self.private),
            _ => EncodingKey::from_rsa_pem(&self.private),
        };
        key.expect("a key")
    }

    fn sign(&self, algorithm: Algorithm, kid: Option<&str>) -> String {
        let header = Header {
            kid: kid.map(str::to_owned),
            ..Header::new(algorithm)
        };
        encode(&header, &claims(&json!({})), &self.encoding()).expect("a token")
    }

    /// The public key as a JSON Web Key.
    fn jwk(&self, kid: &str) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.encoding(), self.algorithm).expect("a key"))
            .expect("JSON");
        jwk["kid"] = kid.into();
        jwk.as_object_mut().expect("an object").remove("alg");
        jwk
    }
}

fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("a clock behind 1970").as_secs()
}

fn claims(change: &Value) -> Value {
    let mut claims = json!({"sub": "7", "exp": now() + 600, "roles": ["auditor"]});
    for (name, value) in change.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims
}

fn hs256(change: &Value) -> String {
    encode(
        &Header::new(Algorithm::HS256),
        &claims(change),
        &EncodingKey::from_secret(SECRET),
    )
    .expect("a token")
}

/// A token of which every byte is the test's.
fn handmade(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = EncodingKey::from_secret(SECRET);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    format!("{message}.{signature}")
}

fn headers(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).expect("a value"))])
}

async fn ask(authenticator: &JwtAuthenticator, token: &str) -> Result<Viewer, AuthenticationError> {
    authenticator.viewer(&headers(&format!("Bearer {token}"))).await
}

async fn refused(authenticator: &JwtAuthenticator, token: &str) -> TokenError {
    match ask(authenticator, token).await {
        Err(AuthenticationError::Token(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn secret() -> JwtAuthenticator {
    JwtAuthenticator::hs256(SECRET).expect("a key")
}

#[tokio::test]
async fn tokens_say_who_asks() {
    let viewer = ask(&secret(), &hs256(&json!({"roles": "staff auditor"})))
        .await
        .expect("a viewer");
    assert_eq!((viewer.id.as_deref(), viewer.is_staff), (Some("7"), true));
    assert_eq!(viewer.roles, ["staff", "auditor"]);

    let plus = ask(&secret(), &hs256(&json!({"sub": "+2"}))).await.expect("a viewer");
    assert_eq!(plus.id.as_deref(), Some("+2"));
    let numbered = secret().numbered_subjects();
    assert_eq!(
        refused(&numbered, &hs256(&json!({"sub": "+2"}))).await,
        TokenError::Claim("sub")
    );

    assert_eq!(secret().viewer(&HeaderMap::new()).await, Ok(Viewer::anonymous()));
    for value in ["Basic YTpi", "Bearer", "x", ""] {
        let error = secret().viewer(&headers(value)).await.expect_err("an error");
        assert_eq!(
            (&error, error.challenge()),
            (&TokenError::Scheme.into(), HeaderValue::from_static("Bearer"))
        );
    }
    let mut two = headers(&format!("Bearer {}", hs256(&json!({}))));
    two.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    assert_eq!(secret().viewer(&two).await, Err(TokenError::Scheme.into()));
}

#[tokio::test]
async fn refusals_say_why() {
    let strict = secret().audience("shop").issuer("https://id.example");
    let good = json!({"aud": ["shop", "other"], "iss": "https://id.example"});
    assert!(ask(&strict, &hs256(&good)).await.is_ok());

    let with = |change: Value| {
        let mut claims = good.clone();
        claims
            .as_object_mut()
            .expect("an object")
            .extend(change.as_object().expect("an object").clone());
        hs256(&claims)
    };
    for (token, error, text) in [
        (
            with(json!({"exp": now() - 600})),
            TokenError::Expired,
            "the token has expired",
        ),
        (
            with(json!({"nbf": now() + 600})),
            TokenError::NotYet,
            "the token is not valid yet",
        ),
        (
            with(json!({"iat": now() + 600})),
            TokenError::Future,
            "the token was issued in the future",
        ),
        (
            with(json!({"aud": "bank"})),
            TokenError::Audience,
            "the token is for another audience",
        ),
        (
            with(json!({"iss": ["https://id.example"]})),
            TokenError::Claim("iss"),
            "the claim `iss` is invalid",
        ),
        (
            format!("{}A", with(json!({}))),
            TokenError::Signature,
            "the signature is invalid",
        ),
        (
            "x".repeat(20_000),
            TokenError::TooLong,
            "the token is longer than 16 KiB",
        ),
    ] {
        let found = ask(&strict, &token).await.expect_err("an error");
        assert_eq!(found, AuthenticationError::Token(error));
        assert_eq!(found.to_string(), format!("Not signed in: {text}"));
        let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{text}\"");
        assert_eq!(found.challenge(), challenge.as_str());
    }
}

#[tokio::test]
async fn nothing_is_told_of_claims_before_the_signature_fits() {
    let foreign = EncodingKey::from_secret(b"another secret, which has 32 bytes");
    let expired = encode(&Header::default(), &claims(&json!({"exp": 1})), &foreign).expect("a token");
    assert_eq!(refused(&secret(), &expired).await, TokenError::Signature);
}

#[tokio::test]
async fn members_are_read_once() {
    let exp = now() + 600;
    let plain = r#"{"alg":"HS256"}"#;
    assert!(
        ask(&secret(), &handmade(plain, &format!("{{\"sub\":\"7\",\"exp\":{exp}}}")))
            .await
            .is_ok()
    );

    for (header, claims) in [
        (plain, format!("{{\"sub\":\"7\",\"exp\":{exp},\"sub\":\"1\"}}")),
        (plain, format!("{{\"sub\":\"7\",\"exp\":1,\"exp\":{exp}}}")),
        (
            plain,
            format!("{{\"sub\":\"7\",\"exp\":{exp},\"a\":{{\"b\":1,\"b\":2}}}}"),
        ),
        (
            r#"{"alg":"HS256","alg":"HS256"}"#,
            format!("{{\"sub\":\"7\",\"exp\":{exp}}}"),
        ),
        (
            r#"{"alg":"HS256","x":1,"x":2}"#,
            format!("{{\"sub\":\"7\",\"exp\":{exp}}}"),
        ),
    ] {
        assert_eq!(
            refused(&secret(), &handmade(header, &claims)).await,
            TokenError::Malformed,
            "{header} {claims}"
        );
    }
    for header in [
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","b64":false}"#,
    ] {
        let token = handmade(header, &format!("{{\"sub\":\"7\",\"exp\":{exp}}}"));
        assert_eq!(refused(&secret(), &token).await, TokenError::Extension, "{header}");
    }
}

#[tokio::test]
async fn public_keys_check_what_private_ones_signed() {
    let folder = folder();
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
        let pair = Pair::new(folder.path(), algorithm);
        let own: fn(&[u8]) -> Result<JwtAuthenticator, JwtError> = match algorithm {
            Algorithm::RS256 => JwtAuthenticator::rs256,
            Algorithm::PS256 => JwtAuthenticator::ps256,
            Algorithm::ES256 => JwtAuthenticator::es256,
            _ => JwtAuthenticator::ed_dsa,
        };
        let set = json!({"keys": [pair.jwk("one")]}).to_string();
        let token = pair.sign(algorithm, Some("one"));
        // A secret that is the public key itself does not pass for its signature.
        let forged = EncodingKey::from_secret(&pair.public);
        let forged = encode(&Header::new(Algorithm::HS256), &claims(&json!({})), &forged).expect("a token");

        let pem = TokenKey::pem(&pair.public).expect("a key");
        for authenticator in [
            own(&pair.public).expect("a key"),
            JwtAuthenticator::jwks(&set).expect("a set"),
            JwtAuthenticator::keys(KeySet::new([pem.clone()]).expect("a set")),
            JwtAuthenticator::keys(KeySet::new([pem.id("one")]).expect("a set")),
            JwtAuthenticator::keys(KeySet::read(&pair.jwk("one").to_string()).expect("a key")),
        ] {
            assert!(ask(&authenticator, &token).await.is_ok(), "{algorithm:?}");
            assert_eq!(
                refused(&authenticator, &forged).await,
                TokenError::Algorithm,
                "{algorithm:?}"
            );
            let (message, _) = token.rsplit_once('.').expect("three parts");
            assert_eq!(
                refused(&authenticator, &format!("{message}.")).await,
                TokenError::Signature
            );
        }
        let two = pair.sign(algorithm, Some("two"));
        assert_eq!(
            refused(&JwtAuthenticator::jwks(&set).expect("a set"), &two).await,
            TokenError::UnknownKey
        );

        let fitting = [
            JwtAuthenticator::rs256(&pair.public).is_ok(),
            JwtAuthenticator::es256(&pair.public).is_ok(),
            JwtAuthenticator::ed_dsa(&pair.public).is_ok(),
        ];
        let is_rsa = matches!(algorithm, Algorithm::RS256 | Algorithm::PS256);
        assert_eq!(
            fitting,
            [is_rsa, algorithm == Algorithm::ES256, algorithm == Algorithm::EdDSA],
            "{algorithm:?}"
        );
        assert!(own(&pair.private).is_err(), "{algorithm:?}");
    }
}

#[tokio::test]
async fn a_key_is_for_its_own_algorithm() {
    let folder = folder();
    let pair = Pair::new(folder.path(), Algorithm::RS256);
    let rs256 = JwtAuthenticator::rs256(&pair.public).expect("a key");
    assert_eq!(
        refused(&rs256, &pair.sign(Algorithm::PS256, None)).await,
        TokenError::Algorithm
    );
    assert_eq!(
        refused(&rs256, &pair.sign(Algorithm::RS512, None)).await,
        TokenError::Algorithm
    );

    let mut jwk = pair.jwk("one");
    jwk["alg"] = "PS256".into();
    let ps256 = JwtAuthenticator::jwks(&json!({"keys": [jwk]}).to_string()).expect("a set");
    assert!(ask(&ps256, &pair.sign(Algorithm::PS256, Some("one"))).await.is_ok());
    assert_eq!(
        refused(&ps256, &pair.sign(Algorithm::RS256, Some("one"))).await,
        TokenError::Algorithm
    );
}

#[tokio::test]
async fn a_token_names_its_key_among_many() {
    let folder = folder();
    let pair = Pair::new(folder.path(), Algorithm::ES256);
    let set = |count: usize| {
        let keys: Vec<Value> = (0..count).map(|at| pair.jwk(&at.to_string())).collect();
        JwtAuthenticator::jwks(&json!({ "keys": keys }).to_string()).expect("a set")
    };
    assert!(ask(&set(4), &pair.sign(Algorithm::ES256, None)).await.is_ok());
    assert_eq!(
        refused(&set(5), &pair.sign(Algorithm::ES256, None)).await,
        TokenError::NoKeyId
    );
    assert!(ask(&set(5), &pair.sign(Algorithm::ES256, Some("4"))).await.is_ok());
}

#[tokio::test]
async fn other_curves_and_short_keys_are_not_taken() {
    let folder = folder();
    let file = folder.path().join("key").display().to_string();
    for kind in [
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"][..],
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
        &["-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"],
        &["-algorithm", "x25519"],
    ] {
        openssl(&[&["genpkey", "-out", &file], kind].concat());
        let public = openssl(&["pkey", "-in", &file, "-pubout"]);
        assert!(TokenKey::pem(&public).is_err(), "{kind:?}");
    }
}

/// A provider that changes its keys.
struct Provider {
    sets: [String; 2],
    fetches: std::sync::Arc<AtomicUsize>,
}

#[async_trait]
impl KeySource for Provider {
    async fn fetch(&self) -> Result<String, FetchError> {
        let fetch = self.fetches.fetch_add(1, Ordering::SeqCst);
        Ok(self.sets[fetch.min(1)].clone())
    }
}

#[tokio::test]
async fn unknown_keys_do_not_flood_the_provider() {
    let folder = folder();
    let pair = Pair::new(folder.path(), Algorithm::EdDSA);
    let fetches = std::sync::Arc::<AtomicUsize>::default();
    let set = |kid: &str| json!({"keys": [pair.jwk(kid)]}).to_string();
    let source = Provider {
        sets: [set("one"), set("two")],
        fetches: fetches.clone(),
    };
    let authenticator = JwtAuthenticator::refreshed(source, Duration::ZERO).await.expect("keys");

    assert!(
        ask(&authenticator, &pair.sign(Algorithm::EdDSA, Some("one")))
            .await
            .is_ok()
    );
    for at in 0..200 {
        let token = pair.sign(Algorithm::EdDSA, Some(&at.to_string()));
        assert_eq!(refused(&authenticator, &token).await, TokenError::UnknownKey);
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1, "the first is younger than 30 s");
}

#[tokio::test]
async fn files_hold_sets_and_pem() {
    let folder = folder();
    let (first, second) = (
        Pair::new(folder.path(), Algorithm::EdDSA),
        Pair::new(folder.path(), Algorithm::ES256),
    );
    let path = folder.path().join("keys.pem");
    std::fs::write(
        &path,
        [b"# two keys\n".as_slice(), &first.public, &second.public].concat(),
    )
    .expect("a file");
    let minute = Duration::from_mins(1);
    let authenticator = JwtAuthenticator::refreshed(FileKeys::new(&path), minute)
        .await
        .expect("keys");
    assert!(ask(&authenticator, &first.sign(Algorithm::EdDSA, None)).await.is_ok());
    assert!(
        ask(&authenticator, &second.sign(Algorithm::ES256, Some("any")))
            .await
            .is_ok()
    );
    assert_eq!(format!("{authenticator:?}"), "JwtAuthenticator { keys: 2, .. }");

    std::fs::write(&path, " ".repeat(KeySet::MOST_BYTES + 1)).expect("a file");
    for (path, reason) in [(path, "bytes"), (folder.path().join("none"), "none: No such file")] {
        let error = JwtAuthenticator::refreshed(FileKeys::new(path), minute)
            .await
            .expect_err("no keys")
            .to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn keys_that_are_none_are_said_to_be() {
    let error = |result: Result<JwtAuthenticator, JwtError>| result.expect_err("no key").to_string();
    assert!(error(JwtAuthenticator::hs256(b"short")).contains("5 bytes"));
    assert!(error(JwtAuthenticator::jwks("{\"keys\": []}")).contains("neither an RSA"));
    assert!(error(JwtAuthenticator::rs256(b"x")).contains("cannot be read"));
}

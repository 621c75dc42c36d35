//! Viewers from tokens, and fields that are guarded.

use std::process::Command;

use async_graphql::Object;
use base64::Engine as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use runtime::{Base, SchemaDefinition, ServerConfig};
use runtime::{JwtAuthenticator, Role, SignedIn, Staff, Viewer};
use serde_json::{Value, json};
use tests::{Client, Engine, serve_with, shop};

const SECRET: &[u8] = b"thirty-two bytes of a test secret";

#[derive(Clone)]
struct Private;

#[Object]
impl Private {
    #[graphql(guard = "SignedIn")]
    async fn mine(&self, ctx: &async_graphql::Context<'_>) -> String {
        ctx.data_unchecked::<Viewer>().id.clone().unwrap_or_default()
    }

    #[graphql(guard = "Staff")]
    async fn ours(&self) -> bool {
        true
    }

    #[graphql(guard = "Role(\"auditor\")")]
    async fn books(&self) -> Option<bool> {
        Some(true)
    }
}

async fn client(authenticator: JwtAuthenticator) -> Client {
    let registry = shop(Engine::Sqlite)
        .await
        .expect("SQLite needs no server")
        .registry()
        .await;
    let definition = SchemaDefinition::new("private").apps(["users"]);
    registry
        .register(definition.query(Private).query(Base::default()))
        .expect("a schema");
    serve_with(registry, ServerConfig::new().authenticator(authenticator)).await
}

async fn ask(client: &Client, token: Option<&str>, query: &str) -> (u16, Value) {
    let request = client
        .http
        .post(format!("{}/graphql/private/", client.base))
        .json(&json!({ "query": query }));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
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

fn token(change: &Value) -> String {
    encode(
        &Header::new(Algorithm::HS256),
        &claims(change),
        &EncodingKey::from_secret(SECRET),
    )
    .expect("a token")
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_say_who_asks_and_guards_who_may() {
    let client = client(JwtAuthenticator::hs256(SECRET).expect("a key")).await;
    let query = "{ viewer { id roles isStaff } mine books }";
    let (_, answer) = ask(&client, Some(&token(&json!({}))), query).await;
    let viewer = json!({"id": "7", "roles": ["auditor"], "isStaff": false});
    assert_eq!(answer, json!({"data": {"viewer": viewer, "mine": "7", "books": true}}));
    let code = |answer: &Value| {
        answer["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        code(&ask(&client, Some(&token(&json!({}))), "{ ours }").await.1),
        "FORBIDDEN"
    );
    let staff = token(&json!({"roles": "staff auditor"}));
    assert_eq!(
        ask(&client, Some(&staff), "{ ours books }").await.1["data"]["ours"],
        true
    );
    let (status, anonymous) = ask(&client, None, "{ mine }").await;
    assert_eq!((status, code(&anonymous)), (200, "AUTHENTICATION_REQUIRED".to_owned()));
    // A guard on a field that may be null leaves its neighbours.
    let (_, partly) = ask(
        &client,
        Some(&token(&json!({"roles": []}))),
        "{ mine books users(limit: 1) { id } }",
    )
    .await;
    assert_eq!(
        partly["data"],
        json!({"mine": "7", "books": null, "users": [{"id": "1"}]})
    );
    assert_eq!(partly["errors"][0]["path"], json!(["books"]));
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(br#"{"alg":"none"}"#);
    let body = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims(&json!({})).to_string());
    for wrong in [
        token(&json!({"exp": now() - 600})),
        token(&json!({"nbf": now() + 600})),
        token(&json!({"sub": ""})),
        encode(
            &Header::default(),
            &claims(&json!({})),
            &EncodingKey::from_secret(b"another secret"),
        )
        .expect("a token"),
        format!("{header}.{body}."),
        "x".into(),
    ] {
        let (status, answer) = ask(&client, Some(&wrong), "{ __typename }").await;
        assert_eq!(
            (status, code(&answer)),
            (401, "INVALID_CREDENTIALS".to_owned()),
            "{wrong}"
        );
    }
    assert!(
        JwtAuthenticator::hs256(b"short")
            .expect_err("a short secret")
            .to_string()
            .contains("5 bytes")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn audience_and_issuer_are_asked_for() {
    let authenticator = JwtAuthenticator::hs256(SECRET)
        .expect("a key")
        .audience("shop")
        .issuer("https://id.example");
    let client = client(authenticator).await;
    let good = token(&json!({"aud": ["shop", "other"], "iss": "https://id.example"}));
    assert_eq!(
        ask(&client, Some(&good), "{ mine }").await.1,
        json!({"data": {"mine": "7"}})
    );
    for wrong in [
        json!({}),
        json!({"aud": "shop"}),
        json!({"aud": "bank", "iss": "https://id.example"}),
    ] {
        assert_eq!(ask(&client, Some(&token(&wrong)), "{ mine }").await.0, 401, "{wrong}");
    }
}

fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn public_keys_check_what_private_ones_signed() {
    let folder = tests::temporary_folder();
    for (kind, algorithm) in [("rsa", Algorithm::RS256), ("ed25519", Algorithm::EdDSA)] {
        let file = folder.join(kind).display().to_string();
        openssl(&["genpkey", "-algorithm", kind, "-out", &file]);
        let private = std::fs::read(&file).expect("the key");
        let public = openssl(&["pkey", "-in", &file, "-pubout"]);
        let (authenticator, key) = if algorithm == Algorithm::RS256 {
            (JwtAuthenticator::rs256(&public), EncodingKey::from_rsa_pem(&private))
        } else {
            (JwtAuthenticator::ed_dsa(&public), EncodingKey::from_ed_pem(&private))
        };
        let client = client(authenticator.expect("a key")).await;
        let signed = encode(&Header::new(algorithm), &claims(&json!({})), &key.expect("a key")).expect("a token");
        assert_eq!(
            ask(&client, Some(&signed), "{ mine }").await.1,
            json!({"data": {"mine": "7"}}),
            "{kind}"
        );
        // A secret that is the public key itself does not pass for its signature.
        let forged = EncodingKey::from_secret(&public);
        let forged = encode(&Header::new(Algorithm::HS256), &claims(&json!({})), &forged).expect("a token");
        assert_eq!(ask(&client, Some(&forged), "{ mine }").await.0, 401, "{kind}");
    }
    let der = openssl(&[
        "pkey",
        "-in",
        &folder.join("ed25519").display().to_string(),
        "-pubout",
        "-outform",
        "DER",
    ]);
    let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&der[der.len() - 32..]);
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x}]});
    let client = client(JwtAuthenticator::jwks(&set.to_string()).expect("a key set")).await;
    let private = std::fs::read(folder.join("ed25519")).expect("the key");
    let sign = |kid: &str| {
        let header = Header {
            kid: Some(kid.into()),
            ..Header::new(Algorithm::EdDSA)
        };
        encode(
            &header,
            &claims(&json!({})),
            &EncodingKey::from_ed_pem(&private).expect("a key"),
        )
        .expect("a token")
    };
    assert_eq!(ask(&client, Some(&sign("one")), "{ mine }").await.0, 200);
    assert_eq!(
        ask(&client, Some(&sign("two")), "{ mine }").await.0,
        401,
        "a key that the set does not have"
    );
    assert!(
        JwtAuthenticator::jwks("{\"keys\": []}")
            .expect_err("no key")
            .to_string()
            .contains("neither an RSA")
    );
}

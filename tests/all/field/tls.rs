//! TLS to servers whose authority is private, as `libpq` and MySQL's client mean it.

use codegen::introspect::{DatabaseUrl, introspect};
use runtime::Database;
use tests::{Authority, Identity, OwnMariadb, OwnPostgres, temporary_folder};

/// What becomes of a connection: it stands, or is refused with these words.
type Expected = Result<(), &'static str>;

/// Connects for serving and for reading the catalog, and compares both with what is expected.
async fn check(url: &str, expected: Expected) {
    let served = Database::connect(url, 1)
        .await
        .map(drop)
        .map_err(|error| error.to_string());
    let catalog = match url.parse::<DatabaseUrl>() {
        Ok(parsed) => introspect(&parsed).await.map(drop).map_err(|error| {
            let hint = error.hint().unwrap_or_default();
            format!("{error}: {hint}")
        }),
        Err(error) => Err(error.to_string()),
    };
    for (door, found) in [("serving", served), ("reading", catalog)] {
        match (&found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(text), Err(words)) if text.contains(words) => {}
            _ => panic!("{door} {url}: expected {expected:?}, found {found:?}"),
        }
    }
}

/// Files of authorities and of a client, by name.
struct Files {
    known: String,
    unknown: String,
    certificate: String,
    key: String,
}

fn files(known: &Authority, client: &Identity) -> Files {
    let folder = temporary_folder();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let (certificate, key) = client.write(&folder, "client");
    Files {
        known: file("known.crt", &known.pem()),
        unknown: file("unknown.crt", &Authority::new("somebody else").pem()),
        certificate: certificate.display().to_string(),
        key: key.display().to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_encrypted_and_checked_as_the_url_says() {
    let authority = Authority::new("tests");
    let identity = authority.server(&["localhost", "127.0.0.1"]);
    let access = "hostssl all all all trust";
    let Some(server) = OwnPostgres::start_with_tls(&identity, &authority, access) else {
        return;
    };
    let Files { known, unknown, .. } = files(&authority, &authority.client("postgres"));
    let at = |host: &str, query: &str| format!("postgres://postgres@{host}:{}/postgres{query}", server.port());
    check(&at("127.0.0.1", ""), Ok(())).await;
    check(&at("127.0.0.1", "?sslmode=disable"), Err("no encryption")).await;
    check(&at("127.0.0.1", "?sslmode=allow"), Ok(())).await;
    check(&at("127.0.0.1", "?sslmode=require"), Ok(())).await;
    check(&at("127.0.0.1", "?sslmode=verify-ca"), Err("sslrootcert")).await;
    check(&at("127.0.0.1", "?sslmode=verify-full"), Err("sslrootcert")).await;
    check(
        &at("127.0.0.1", &format!("?sslmode=verify-ca&sslrootcert={known}")),
        Ok(()),
    )
    .await;
    check(
        &at("127.0.0.1", &format!("?sslmode=require&sslrootcert={unknown}")),
        Err("not trusted"),
    )
    .await;
    check(
        &at("localhost", &format!("?sslmode=verify-full&sslrootcert={known}")),
        Ok(()),
    )
    .await;
    check(
        &at("localhost", &format!("?sslmode=verify-full&sslrootcert={unknown}")),
        Err("not trusted"),
    )
    .await;
    check(
        &at("localhost", "?sslmode=verify-full&sslrootcert=/nowhere.crt"),
        Err("nowhere.crt"),
    )
    .await;
    check(
        &at("localhost", "?sslmode=sometimes"),
        Err("invalid value `sometimes` for the parameter `sslmode`"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_host_or_of_the_past_is_named() {
    let authority = Authority::new("tests");
    let Files { known, .. } = files(&authority, &authority.client("postgres"));
    let access = "hostssl all all all trust";
    let elsewhere = authority.server(&["elsewhere.test"]);
    let Some(server) = OwnPostgres::start_with_tls(&elsewhere, &authority, access) else {
        return;
    };
    let at = |mode: &str, port: u16| {
        format!("postgres://postgres@localhost:{port}/postgres?sslmode={mode}&sslrootcert={known}")
    };
    check(&at("verify-full", server.port()), Err("not for")).await;
    check(&at("verify-ca", server.port()), Ok(())).await;
    drop(server);
    let past = authority.expired_server(&["localhost"]);
    let Some(server) = OwnPostgres::start_with_tls(&past, &authority, access) else {
        return;
    };
    check(&at("verify-full", server.port()), Err("expired")).await;
    check(
        &format!(
            "postgres://postgres@localhost:{}/postgres?sslmode=require",
            server.port()
        ),
        Ok(()),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_asks_for_a_clients_certificate() {
    let authority = Authority::new("tests");
    let identity = authority.server(&["localhost", "127.0.0.1"]);
    let Some(server) = OwnPostgres::start_with_tls(&identity, &authority, "hostssl all all all cert") else {
        return;
    };
    let Files {
        known,
        certificate,
        key,
        ..
    } = files(&authority, &authority.client("postgres"));
    let base = format!(
        "postgres://postgres@localhost:{}/postgres?sslmode=verify-full&sslrootcert={known}",
        server.port()
    );
    check(&base, Err("certificate")).await;
    check(&format!("{base}&sslcert={certificate}&sslkey={key}"), Ok(())).await;
    check(&format!("{base}&sslcert={certificate}"), Err("sslkey")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_goes_to_a_server_that_is_tied_to_its_certificate() {
    let authority = Authority::new("tests");
    let identity = authority.server(&["localhost", "127.0.0.1"]);
    let access = "host all postgres all trust\nhostssl all app all scram-sha-256";
    let Some(server) = OwnPostgres::start_with_tls(&identity, &authority, access) else {
        return;
    };
    tests::execute(
        &format!("{}/postgres", server.server()),
        "CREATE ROLE app LOGIN PASSWORD 'p@ss word'",
    )
    .await;
    let at =
        |password: &str, query: &str| format!("postgres://app:{password}@127.0.0.1:{}/postgres?{query}", server.port());
    let connect = async |url: String| {
        Database::connect(&url, 1)
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    };
    connect(at("p%40ss%20word", "channel_binding=require"))
        .await
        .expect("tied to TLS");
    connect(at("p%40ss%20word", "channel_binding=disable"))
        .await
        .expect("not tied");
    let wrong = connect(at("wrong", "")).await.expect_err("another password");
    assert!(
        wrong.contains("password authentication failed") && !wrong.contains("wrong"),
        "{wrong}"
    );
    let plain = connect(at("p%40ss%20word", "channel_binding=require&sslmode=disable")).await;
    assert!(plain.is_err(), "nothing to tie it to");
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_is_encrypted_and_checked_as_the_url_says() {
    let authority = Authority::new("tests");
    let identity = authority.server(&["localhost", "127.0.0.1"]);
    let options = ["--require-secure-transport=ON"];
    let Some(server) = OwnMariadb::start_with_tls(&identity, &authority, &options) else {
        return;
    };
    let Files { known, unknown, .. } = files(&authority, &authority.client("root"));
    let at = |host: &str, query: &str| format!("mysql://root@{host}:{}/mysql{query}", server.port());
    check(&at("127.0.0.1", ""), Ok(())).await;
    check(&at("127.0.0.1", "?ssl-mode=DISABLED"), Err("ccess denied")).await;
    check(&at("127.0.0.1", "?ssl-mode=REQUIRED"), Ok(())).await;
    check(&at("127.0.0.1", &format!("?ssl-mode=VERIFY_CA&ssl-ca={known}")), Ok(())).await;
    check(
        &at("127.0.0.1", &format!("?ssl-mode=VERIFY_CA&ssl-ca={unknown}")),
        Err("ssl-ca"),
    )
    .await;
    check(&at("127.0.0.1", "?ssl-mode=VERIFY_CA"), Err("ssl-ca")).await;
    check(
        &at("localhost", &format!("?ssl-mode=VERIFY_IDENTITY&ssl-ca={known}")),
        Ok(()),
    )
    .await;
    check(&at("localhost", "?charset=latin1"), Err("`charset` cannot be honoured")).await;
}

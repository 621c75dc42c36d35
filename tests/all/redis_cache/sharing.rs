//! Who gets whose answers, and what is not ours is not given.

use super::support::{Server, connect, given, keep, options, set};
use runtime::cache::{AnswerCache as _, RedisCache};

#[tokio::test]
async fn programs_on_two_databases_do_not_meet() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let shop = connect(&server, "postgres://db:5432/shop").await;
    let blog = connect(&server, "postgres://db:5432/blog").await;
    keep(&shop, "p:graphql:answer:main:1", "users", "shop").await;
    assert_eq!(given(&blog, "p:graphql:answer:main:1").await, None);

    keep(&blog, "p:graphql:answer:main:1", "users", "blog").await;
    assert_eq!(given(&shop, "p:graphql:answer:main:1").await.as_deref(), Some("shop"));
    assert_eq!(
        server.keys("p:graphql:answer:main:1:*").await.len(),
        2,
        "the prefix is kept"
    );

    shop.raise(&set(&["users"])).await.unwrap();
    assert_eq!(given(&shop, "p:graphql:answer:main:1").await, None);
    assert_eq!(given(&blog, "p:graphql:answer:main:1").await.as_deref(), Some("blog"));
}

#[tokio::test]
async fn servers_on_one_database_share_answers_and_writes() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let (first, second) = (connect(&server, "db").await, connect(&server, "db").await);
    keep(&first, "k", "users", "body").await;
    assert_eq!(given(&second, "k").await.as_deref(), Some("body"));
    second.raise(&set(&["users"])).await.unwrap();
    assert_eq!(given(&first, "k").await, None);
}

#[tokio::test]
async fn users_of_one_database_share_writes_and_no_answers() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let connect = async |user| {
        RedisCache::connect(&server.url(), &options("db").user(user))
            .await
            .unwrap()
    };
    let (reader, writer) = (connect("reader").await, connect("writer").await);
    keep(&reader, "k", "users", "body").await;
    assert_eq!(given(&writer, "k").await, None);
    assert_eq!(given(&reader, "k").await.as_deref(), Some("body"));
    writer.raise(&set(&["users"])).await.unwrap();
    assert_eq!(given(&reader, "k").await, None);
}

#[tokio::test]
async fn an_answer_that_was_changed_moved_or_made_up_is_deleted() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let cache = connect(&server, "db").await;
    keep(&cache, "k", "users", "the body").await;
    let name = server.keys("k:*").await.remove(0);
    let good: Vec<u8> = server.ask(&[b"GET", name.as_bytes()]).await;

    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    let mut other_format = good.clone();
    other_format[0] += 1;
    let old = b"[[\"users\",0]]\nforged".to_vec();
    for bad in [changed, other_format, old, Vec::new(), good[..20].to_vec()] {
        let _: () = server.ask(&[b"SET", name.as_bytes(), &bad]).await;
        assert_eq!(given(&cache, "k").await, None);
        assert_eq!(
            server.ask::<u64>(&[b"EXISTS", name.as_bytes()]).await,
            0,
            "it is deleted"
        );
    }
    assert_eq!(cache.health().unwrap().invalid, 5);

    let elsewhere = name.replacen('k', "j", 1);
    let _: () = server.ask(&[b"SET", elsewhere.as_bytes(), &good]).await;
    assert_eq!(given(&cache, "j").await, None);

    let _: () = server.ask(&[b"SET", name.as_bytes(), &good]).await;
    assert_eq!(given(&cache, "k").await.as_deref(), Some("the body"));

    let _: () = server.ask(&[b"DEL", name.as_bytes()]).await;
    let _: u64 = server.ask(&[b"RPUSH", name.as_bytes(), b"a list"]).await;
    assert_eq!(given(&cache, "k").await, None);
    keep(&cache, "k", "users", "again").await;
    assert_eq!(given(&cache, "k").await.as_deref(), Some("again"));
}

#[tokio::test]
async fn a_server_without_the_secret_makes_up_no_answer() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let with = async |secret: &str| {
        RedisCache::connect(&server.url(), &options("db").secret(secret))
            .await
            .unwrap()
    };
    let (ours, theirs) = (with("ours").await, with("theirs").await);
    keep(&theirs, "k", "users", "forged").await;
    assert_eq!(given(&ours, "k").await, None);
    keep(&ours, "k", "users", "body").await;
    keep(&ours, "k", "users", "body").await;
    assert_eq!(given(&ours, "k").await.as_deref(), Some("body"));
}

#[tokio::test]
async fn a_number_that_is_not_ours_or_was_evicted_makes_no_answer_fresh() {
    if tests::redis().await.is_none() {
        return;
    }
    let server = Server::start(&[]);
    let cache = connect(&server, "db").await;
    keep(&cache, "k", "users", "body").await;
    let name = server.keys("graphql:table:*:users").await.remove(0);

    let list: [&[u8]; 3] = [b"RPUSH", name.as_bytes(), b"a list"];
    let text: [&[u8]; 3] = [b"SET", name.as_bytes(), b"0"];
    for foreign in [&list, &text] {
        let _: u64 = server.ask(&[b"DEL", name.as_bytes()]).await;
        assert_eq!(given(&cache, "k").await, None, "an evicted number does not come back");
        keep(&cache, "k", "users", "body").await;
        assert_eq!(given(&cache, "k").await.as_deref(), Some("body"));

        let _: u64 = server.ask(&[b"DEL", name.as_bytes()]).await;
        let _: redis::Value = server.ask(foreign).await;
        assert_eq!(given(&cache, "k").await, None);
        keep(&cache, "k", "users", "body").await;
        assert_eq!(
            given(&cache, "k").await.as_deref(),
            Some("body"),
            "the foreign value is gone"
        );
    }
}

//! Tests that count fetches with tokio's paused clock, which advances by itself when every task waits.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::async_trait::async_trait;

use super::*;

const LONG: Duration = Duration::from_hours(1);
const SHORT: Duration = Duration::from_millis(50);

/// A source whose answer the test sets.
#[derive(Clone)]
struct Counted {
    fetches: Arc<AtomicUsize>,
    answer: Arc<Mutex<Answer>>,
}

#[derive(Clone)]
enum Answer {
    Keys(usize),
    Text(&'static str),
    Error,
    Panic,
    Never,
}

impl Counted {
    fn new() -> Self {
        Self {
            fetches: Arc::default(),
            answer: Arc::new(Mutex::new(Answer::Keys(1))),
        }
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    async fn begin(&self, pace: Schedule) -> Arc<RefreshingKeys> {
        Arc::new(RefreshingKeys::start(self.clone(), pace).await.expect("keys"))
    }
}

#[async_trait]
impl KeySource for Counted {
    async fn fetch(&self) -> Result<String, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;

        let answer = self.answer.lock().unwrap().clone();
        match answer {
            Answer::Keys(count) => Ok(set(count)),
            Answer::Text(text) => Ok(text.into()),
            Answer::Error => Err("no answer".into()),
            Answer::Panic => panic!("a source that is broken"),
            Answer::Never => std::future::pending().await,
        }
    }
}

fn set(count: usize) -> String {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let key = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    serde_json::json!({"keys": vec![key; count]}).to_string()
}

fn pace(every: Duration, gap: Duration) -> Schedule {
    Schedule {
        every,
        gap,
        patience: Duration::from_millis(200),
    }
}

fn count(keys: &RefreshingKeys) -> usize {
    keys.with(KeySet::len)
}

#[test]
fn the_pace_is_bounded() {
    assert_eq!(Schedule::every(Duration::ZERO).every, Duration::from_secs(30));
    assert_eq!(Schedule::every(LONG).every, LONG);
}

#[tokio::test(start_paused = true)]
async fn one_fetch_serves_all_who_wait() {
    let source = Counted::new();
    let keys = source.begin(pace(LONG, SHORT)).await;
    source.answers(Answer::Keys(2));
    tokio::time::sleep(SHORT).await;

    let waiting: Vec<_> = (0..200)
        .map(|_| {
            let keys = Arc::clone(&keys);
            tokio::spawn(async move {
                keys.renew().await;
                count(&keys)
            })
        })
        .collect();

    for one in waiting {
        assert_eq!(one.await.unwrap(), 2);
    }
    assert_eq!(source.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_flood_fetches_once_in_a_while() {
    let source = Counted::new();
    let keys = source.begin(pace(LONG, LONG)).await;
    source.answers(Answer::Keys(2));

    for _ in 0..1000 {
        keys.renew().await;
    }

    assert_eq!((source.fetches(), count(&keys)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn old_keys_stay_while_there_are_no_new_ones() {
    let source = Counted::new();
    let keys = source.begin(pace(LONG, Duration::ZERO)).await;

    let answers = [
        Answer::Error,
        Answer::Panic,
        Answer::Never,
        Answer::Text(""),
        Answer::Text("<html>"),
        Answer::Text("{\"keys\": []}"),
        Answer::Keys(65),
    ];

    for (at, answer) in answers.into_iter().enumerate() {
        source.answers(answer);
        keys.renew().await;
        assert_eq!((source.fetches(), count(&keys)), (at + 2, 1));
    }

    source.answers(Answer::Keys(3));
    keys.renew().await;
    assert_eq!(count(&keys), 3);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_outlives_the_request_that_began_it() {
    let source = Counted::new();
    let keys = source.begin(pace(LONG, SHORT)).await;
    source.answers(Answer::Keys(2));
    tokio::time::sleep(SHORT).await;

    let gone = tokio::time::timeout(Duration::from_millis(1), keys.renew()).await;
    assert!(gone.is_err());
    keys.renew().await;
    assert_eq!((source.fetches(), count(&keys)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_from_time_to_time_as_long_as_they_are_held() {
    let source = Counted::new();
    let keys = source.begin(pace(SHORT, Duration::ZERO)).await;
    source.answers(Answer::Keys(2));

    for _ in 0..100 {
        tokio::time::sleep(SHORT).await;
        if count(&keys) == 2 {
            break;
        }
    }

    assert_eq!(count(&keys), 2);

    drop(keys);
    tokio::time::sleep(SHORT).await;
    let fetches = source.fetches();
    tokio::time::sleep(SHORT * 5).await;
    assert_eq!(source.fetches(), fetches);
}

#[tokio::test(start_paused = true)]
async fn the_first_fetch_must_give_keys() {
    let source = Counted::new();
    for (answer, reason) in [
        (Answer::Error, "no answer"),
        (Answer::Never, "longer than"),
        (Answer::Text("{}"), "no list"),
        (Answer::Text("-----BEGIN PRIVATE KEY-----"), "private"),
    ] {
        source.answers(answer);

        let error = RefreshingKeys::start(source.clone(), pace(LONG, LONG))
            .await
            .err()
            .expect("no keys")
            .to_string();

        assert!(error.contains(reason), "{error}");
    }
}

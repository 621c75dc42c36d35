//! One customer: the requests that it sends, and the figures that it collects.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use crate::server::SECRET;
use tests::Random;

/// Counts of requests and of their results.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) reads: u64,
    pub(crate) writes: u64,
    /// Number of created orders.
    pub(crate) orders: u64,
    /// Number of failed requests by error code.
    pub(crate) failures: BTreeMap<String, u64>,
    /// Time of the last failure, since the start.
    pub(crate) last_failure: Option<Duration>,
    /// Duration of each successful request in milliseconds.
    times: Vec<u32>,
    /// The server's memory over time, in MiB.
    pub(crate) memory: Vec<u64>,
    /// Time at which the database was back, since the start, if it was gone.
    pub(crate) disturbed: Option<Duration>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.orders += other.orders;
        for (code, count) in other.failures {
            *self.failures.entry(code).or_default() += count;
        }
        self.last_failure = self.last_failure.max(other.last_failure);
        self.times.extend(other.times);
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// Returns the median and the 99th percentile of the latencies, in milliseconds.
    pub(crate) fn latency(&self) -> (u32, u32) {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = |part: usize| {
            times
                .get((times.len() * part / 100).min(times.len().saturating_sub(1)))
                .copied()
        };
        (at(50).unwrap_or(0), at(99).unwrap_or(0))
    }

    /// Returns the largest memory in the first two fifths of the time, and in the last fifth, in MiB.
    pub(crate) fn memory(&self) -> (u64, u64) {
        let fifth = self.memory.len() / 5;
        let most = |range: &[u64]| range.iter().copied().max().unwrap_or(0);
        (
            most(&self.memory[..(fifth * 2).max(1).min(self.memory.len())]),
            most(&self.memory[fifth * 4..]),
        )
    }
}

/// Returns a token for the user with this id.
pub(crate) fn token(user: u64) -> String {
    let exp = chrono::Utc::now().timestamp() + 3600;
    let claims = json!({"sub": user.to_string(), "iss": shop::accounts::ISSUER, "exp": exp});
    let key = EncodingKey::from_secret(SECRET);
    jsonwebtoken::encode(&Header::default(), &claims, &key).expect("invariant: the claims are JSON")
}

/// A customer with its own cart.
pub(crate) struct Customer {
    http: reqwest::Client,
    base: String,
    token: String,
    random: Random,
    started: Instant,
    pub(crate) tally: Tally,
    /// An order that may be cancelled.
    order: Option<String>,
}

impl Customer {
    /// Creates the customer with number `at`. Some of the users are staff, which makes no difference here.
    pub(crate) fn new(base: &str, at: u64, started: Instant) -> Self {
        let http = reqwest::Client::builder()
            .pool_max_idle_per_host(1)
            .timeout(Duration::from_secs(20))
            .build();
        Self {
            http: http.expect("invariant: the settings are right"),
            base: base.to_owned(),
            token: token(2 + at),
            random: Random::new(at),
            started,
            tally: Tally::default(),
            order: None,
        }
    }

    /// Sends one random request; four of five only read.
    pub(crate) async fn act(&mut self) {
        // Only 300 of the 1,000 products, so that customers compete for them.
        let product = 1 + self.random.below(300);
        match self.random.below(100) {
            0..30 => {
                let query = "query($o: Int) { findProducts(limit: 10, offset: $o) { id name price stock reviewCount averageRating } }";
                self.read("product_catalog", query, json!({"o": product})).await;
            }
            30..55 => {
                let query = "query($id: ID!) { product(id: $id) { name price category { name } reviews(limit: 5) { rating body authorName } } }";
                self.read("product_catalog", query, json!({"id": product})).await;
            }
            55..68 => {
                let query = "{ myOrders(limit: 5) { id status total orderItems { quantity price product { name } } } }";
                self.read("order_management", query, json!({})).await;
            }
            68..80 => {
                self.read(
                    "shopping_cart",
                    "{ myCart { total lines { name quantity } } }",
                    json!({}),
                )
                .await;
            }
            80..90 => {
                let query = "mutation($id: ID!) { addToCart(productId: $id, quantity: 2) { success cart { total } } }";
                self.write("shopping_cart", query, json!({"id": product})).await;
            }
            90..93 => {
                let quantity = self.random.below(4);
                let query = "mutation($id: ID!, $q: Int!) { updateQuantity(productId: $id, quantity: $q) { success } }";
                self.write("shopping_cart", query, json!({"id": product, "q": quantity}))
                    .await;
            }
            93..98 => {
                let query = "mutation { createOrder { success order { id } } }";
                let made = self.write("order_management", query, json!({})).await;
                if let Some(id) = made["createOrder"]["order"]["id"].as_str() {
                    self.tally.orders += 1;
                    self.order = Some(id.to_owned());
                }
            }
            _ => {
                let Some(id) = self.order.take() else { return };
                let query = "mutation($id: ID!) { cancelOrder(id: $id) { success } }";
                self.write("order_management", query, json!({ "id": id })).await;
            }
        }
    }

    async fn read(&mut self, schema: &str, query: &str, variables: Value) {
        self.tally.reads += 1;
        self.ask(schema, query, variables).await;
    }

    async fn write(&mut self, schema: &str, query: &str, variables: Value) -> Value {
        self.tally.writes += 1;
        self.ask(schema, query, variables).await
    }

    async fn ask(&mut self, schema: &str, query: &str, variables: Value) -> Value {
        let sent = Instant::now();
        let request = self
            .http
            .post(format!("{}/graphql/{schema}/", self.base))
            .bearer_auth(&self.token);
        let answer = match request
            .json(&json!({"query": query, "variables": variables}))
            .send()
            .await
        {
            Ok(answer) => answer.json::<Value>().await,
            Err(error) => Err(error),
        };

        let code = match &answer {
            Ok(answer) => answer
                .get("errors")
                .map(|errors| errors[0]["extensions"]["code"].as_str().unwrap_or("no code").to_owned()),
            Err(error) => Some(format!("no answer: {error}")),
        };

        match code {
            None => self
                .tally
                .times
                .push(u32::try_from(sent.elapsed().as_millis()).unwrap_or(u32::MAX)),
            Some(code) => {
                *self.tally.failures.entry(code).or_default() += 1;
                self.tally.last_failure = Some(self.started.elapsed());
            }
        }

        answer.map(|mut answer| answer["data"].take()).unwrap_or_default()
    }
}

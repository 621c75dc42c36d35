//! The search for requests that cost the server most: random ones within the limits of size, each sent alone, by the
//! processor time that the server took for it.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::attacks::{Outcome, PATIENCE, Post};
use crate::server::Server;
use tests::Random;
use tests::grammar::{self, Request, Sizes};

/// A document may have 64 KiB and a body 2 MiB; what is made comes a little over its size now and then.
const SIZES: Sizes = Sizes {
    document: 62 * 1024,
    variables: 1_600_000,
};

/// How many are shown.
const SHOWN: usize = 100;

/// What one request took.
struct Cost {
    number: u64,
    cpu: Duration,
    /// Until the answer was there, the database among it.
    elapsed: Duration,
    document: usize,
    body: usize,
    outcome: Outcome,
}

/// The request with a number.
fn request(seed: u64, number: u64) -> Request {
    grammar::request(&mut Random::new(seed.wrapping_add(number)), SIZES)
}

/// Prints one request of an earlier search, as the body that was sent.
pub(crate) fn show(seed: u64, number: u64) {
    println!("{}", post(&request(seed, number)).body());
}

fn post(request: &Request) -> Post {
    Post::graphql("product_catalog", &request.document, &request.variables)
}

/// Sends so many requests one after the other, and prints the worst of them.
pub(crate) async fn search(server: &Server, seed: u64, count: u64) -> Result<(), Failure> {
    println!("{count} requests of seed {seed}, one at a time");
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    // The first request opens the connection, and is nobody's cost.
    Post::graphql("product_catalog", "{__typename}", "{}")
        .send(&http, &server.base)
        .await;

    let mut costs = Vec::new();
    for number in 0..count {
        let cost = measure(server, &http, number, &request(seed, number)).await;
        if cost.outcome == Outcome::Refused("no connection".into()) {
            return Err(format!("the server is gone: see request {number} of seed {seed}, or the one before").into());
        }
        costs.push(cost);
    }

    print(&mut costs, seed);
    let faults = costs
        .iter()
        .filter(|cost| matches!(cost.outcome, Outcome::Fault(_)))
        .count();
    if faults > 0 {
        return Err(format!("{faults} answers are no server's to give").into());
    }
    Ok(())
}

async fn measure(server: &Server, http: &reqwest::Client, number: u64, request: &Request) -> Cost {
    let post = post(request);
    let body = post.body().len();
    let before = settled(server).await;
    let sent = Instant::now();

    let outcome = post.send(http, &server.base).await;

    let elapsed = sent.elapsed();
    let cpu = settled(server).await.saturating_sub(before);
    Cost {
        number,
        cpu,
        elapsed,
        document: request.document.len(),
        body,
        outcome,
    }
}

/// The processor time once it grows no longer, or after a while: a server may go on after its answer.
async fn settled(server: &Server) -> Duration {
    let end = Instant::now() + PATIENCE;
    let mut last = server.cpu();
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(2)).await;
        let now = server.cpu();
        if now == last {
            break;
        }
        last = now;
    }
    last
}

fn print(costs: &mut [Cost], seed: u64) {
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.cpu));
    if let Some(middle) = costs.get(costs.len() / 2) {
        println!(
            "half took the server under {:.2} ms; the worst:",
            milliseconds(middle.cpu)
        );
    }
    for cost in costs.iter().take(SHOWN) {
        println!(
            "{:10.2} ms of the server, {:10.2} ms in all, {:6} bytes of document, {:8} of body, number {:5}: {}",
            milliseconds(cost.cpu),
            milliseconds(cost.elapsed),
            cost.document,
            cost.body,
            cost.number,
            word(&cost.outcome)
        );
    }
    println!("`--show NUMBER --seed {seed}` prints a body");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn word(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Left => "left",
        Outcome::Refused(code) => code,
        Outcome::Fault(what) => what,
    }
}

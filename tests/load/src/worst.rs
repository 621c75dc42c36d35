//! Searches for the requests that cost the server most. It sends random requests within the size limits one at a time,
//! and ranks them by the processor time that the server took.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::attacks::{Outcome, PATIENCE, Post};
use crate::server::Server;
use tests::Random;
use tests::grammar::{self, Request, Sizes};

/// Below the server's limits of 64 KiB for a document and 2 MiB for a body, since a generated request sometimes exceeds
/// its size a little.
const SIZES: Sizes = Sizes {
    document: 62 * 1024,
    variables: 1_600_000,
};

/// Maximum number of requests to show.
const SHOWN: usize = 100;

/// The cost of one request.
struct Cost {
    number: u64,
    cpu: Duration,
    /// Time until the answer arrived, including the database's.
    elapsed: Duration,
    document: usize,
    body: usize,
    outcome: Outcome,
}

/// Generates the request with this number.
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

/// Sends `count` requests one after the other, and prints the most expensive ones.
pub(crate) async fn search(server: &Server, seed: u64, count: u64) -> Result<(), Failure> {
    println!("{count} requests of seed {seed}, one at a time");
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    // The first request opens the connection, so it is not measured.
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
        return Err(format!("{faults} requests had an outcome that must not happen").into());
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

/// Returns the server's processor time once it stops growing, or after a timeout: a server may go on after its answer.
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
            "50 % took the server at most {:.2} ms; the worst:",
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

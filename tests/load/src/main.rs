//! Customers of the shop, all at once, on a `PostgreSQL` of the program's own: first undisturbed, then with the
//! database killed and started again in the middle. Ends with an error if a request failed that should not have, if
//! the server's memory grew, or if the books do not balance.
//!
//! `cargo run --release -p load` takes two minutes and prints its figures.

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

mod books;
mod customer;
mod server;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use customer::{Customer, Tally};
use server::Server;
use tests::OwnPostgres;

/// The shop under load.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long each of the two runs takes.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// How many customers there are, each with a connection.
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
    /// Serves the shop on this database, for the run that started it.
    #[arg(long, value_name = "URL", hide = true)]
    serve: Option<String>,
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.serve {
        Some(url) => server::serve(url).await,
        None => run(&arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(postgres) = OwnPostgres::start() else {
        println!("SKIPPED: there is no PostgreSQL");
        return Ok(());
    };
    let url = postgres.create("shop").await;
    shop::setup::create(&url, 5).await?;
    let server = Server::start(&url)?;
    let before = books::read(&url).await?;
    println!("{} connections, {} s, 80 % reads", arguments.connections, arguments.seconds);
    let calm = traffic(arguments, &server, async {}).await;
    print("undisturbed", &calm, arguments.seconds);
    if calm.failed() > 0 {
        return Err(format!("{} requests failed: {:?}", calm.failed(), calm.failures).into());
    }
    books::balance(&before, &books::read(&url).await?)?;
    println!("the books balance");
    let (early, late) = calm.memory();
    println!("memory of the server: {early} MiB after a fifth of the time, {late} MiB at the end");
    if late > early + early / 5 + 16 {
        return Err("the server's memory grew".into());
    }
    let third = Duration::from_secs(arguments.seconds) / 3;
    let started = Instant::now();
    let stormy = traffic(arguments, &server, async {
        tokio::time::sleep(third).await;
        postgres.kill();
        tokio::time::sleep(Duration::from_secs(2)).await;
        postgres.start_again();
        started.elapsed()
    });
    let stormy = stormy.await;
    print("with the database killed and started again", &stormy, arguments.seconds);
    let back = stormy.disturbed.ok_or("the database was not started again")?;
    let last = stormy.last_failure.map_or(Duration::ZERO, |last| last.saturating_sub(back));
    println!(
        "failures by code: {:?}; the last {:.2} s after the database was back",
        stormy.failures,
        last.as_secs_f64()
    );
    if stormy.failed() == 0 {
        return Err("nobody noticed that the database was gone".into());
    }
    let unclear: Vec<&String> = stormy.failures.keys().filter(|code| !CLEAR.contains(&code.as_str())).collect();
    if !unclear.is_empty() {
        return Err(format!("failures that say nothing: {unclear:?}").into());
    }
    if last > Duration::from_secs(2) {
        return Err("the server took more than 2 s to recover".into());
    }
    books::balance(&before, &books::read(&url).await?)?;
    println!("the books balance");
    Ok(())
}

/// What a client may hear while the database is gone.
const CLEAR: &[&str] = &["DATABASE_UNAVAILABLE", "CONFLICT"];

/// Lets all customers ask until the time is over.
async fn traffic<T>(arguments: &Arguments, server: &Server, disturbance: impl Future<Output = T>) -> Tally
where
    T: Into<Disturbed>,
{
    let started = Instant::now();
    let end = started + Duration::from_secs(arguments.seconds);
    let over = Arc::new(AtomicBool::new(false));
    let customers: Vec<_> = (0..arguments.connections)
        .map(|at| {
            let mut customer = Customer::new(&server.base, at as u64, started);
            let over = Arc::clone(&over);
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) && Instant::now() < end {
                    customer.act().await;
                }
                customer.tally
            })
        })
        .collect();
    let watching = async {
        let mut memory = Vec::new();
        while Instant::now() < end {
            memory.push(server.memory());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        memory
    };
    let (memory, disturbed) = tokio::join!(watching, disturbance);
    over.store(true, Ordering::Relaxed);
    let mut all = Tally::default();
    for customer in customers {
        all.add(customer.await.unwrap_or_default());
    }
    all.memory = memory;
    all.disturbed = disturbed.into().0;
    all
}

/// When the database was back, if it was gone.
struct Disturbed(Option<Duration>);

impl From<()> for Disturbed {
    fn from((): ()) -> Self {
        Self(None)
    }
}

impl From<Duration> for Disturbed {
    fn from(back: Duration) -> Self {
        Self(Some(back))
    }
}

fn print(name: &str, tally: &Tally, seconds: u64) {
    let (median, slow) = tally.latency();
    println!(
        "{name}: {} requests, {} a second ({} reads, {} writes, of these {} orders), half under {median} ms, 99 % under {slow} ms, {} failed",
        tally.reads + tally.writes,
        (tally.reads + tally.writes) / seconds.max(1),
        tally.reads,
        tally.writes,
        tally.orders,
        tally.failed()
    );
}

//! Runs many customers of the shop at once, on the program's own PostgreSQL: first undisturbed, then with the
//! database killed and restarted in the middle, then under attack. It exits with an error if a request failed that
//! should not have, if the server's memory grew, if attackers made customers wait, or if the books do not balance.
//!
//! `cargo run --release -p load` takes three to five minutes and prints its figures. With `-- --worst` it searches for
//! the requests that cost the server most instead.

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

mod attacks;
mod books;
mod customer;
mod server;
mod worst;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use attacks::Attackers;
use books::Books;
use clap::Parser;
use customer::{Customer, Tally};
use server::Server;
use tests::OwnPostgres;

/// mimalloc returns memory to the system after large answers; glibc's allocator keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Run the shop under load.
#[derive(Debug, Parser)]
struct Arguments {
    /// Duration of each of the three runs.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// Number of customers, each with its own connection.
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
    /// Seed of the random requests; the default is the current time.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Search for the random requests that cost the server most, and do nothing else.
    #[arg(long)]
    worst: bool,
    /// Run only this kind of attack, without the other two runs (repeatable).
    #[arg(long, value_name = "KIND")]
    attack: Vec<String>,
    /// Number of requests that `--worst` tries.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    count: u64,
    /// Print the body of one request that `--worst` listed.
    #[arg(long, value_name = "NUMBER", requires = "seed")]
    show: Option<u64>,
    /// Serve the shop on this database, for the run that started this process.
    #[arg(long, value_name = "URL", hide = true)]
    serve: Option<String>,
}

impl Arguments {
    fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.map_or(0, |now| now.as_secs())
        })
    }

    /// Whether the runs are long enough to judge the memory.
    fn is_full(&self) -> bool {
        self.seconds >= 60
    }
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match (&arguments.serve, arguments.show) {
        (Some(url), _) => server::serve(url).await,
        (None, Some(number)) => {
            worst::show(arguments.seed(), number);
            Ok(())
        }
        (None, None) => run(&arguments).await,
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
        println!("SKIPPED: PostgreSQL is not installed");
        return Ok(());
    };
    let url = postgres.create("shop").await;
    shop::setup::create(&url, 5).await?;
    let server = Server::start(&url)?;
    if arguments.worst {
        return worst::search(&server, arguments.seed(), arguments.count).await;
    }

    let before = books::read(&url).await?;
    println!(
        "{} connections, {} s, 80 % reads",
        arguments.connections, arguments.seconds
    );
    if arguments.attack.is_empty() {
        undisturbed(arguments, &server).await?;
        balance(&before, &url).await?;
        without_database(arguments, &server, &postgres).await?;
        balance(&before, &url).await?;
    }
    under_attack(arguments, &server).await?;
    balance(&before, &url).await
}

async fn balance(before: &Books, url: &str) -> Result<(), Failure> {
    books::balance(before, &books::read(url).await?)?;
    println!("the books balance");
    Ok(())
}

async fn undisturbed(arguments: &Arguments, server: &Server) -> Result<(), Failure> {
    let calm = traffic(arguments, server, async {}).await;
    print("undisturbed", &calm, arguments.seconds);
    none_failed(&calm)?;

    let (early, late) = calm.memory();
    println!("memory of the server: {early} MiB after a fifth of the time, {late} MiB at the end");
    if late > early + early / 5 + 16 {
        return Err("the server's memory grew".into());
    }
    Ok(())
}

fn none_failed(tally: &Tally) -> Result<(), Failure> {
    match tally.failed() {
        0 => Ok(()),
        failed => Err(format!("{failed} requests failed: {:?}", tally.failures).into()),
    }
}

async fn without_database(arguments: &Arguments, server: &Server, postgres: &OwnPostgres) -> Result<(), Failure> {
    let third = Duration::from_secs(arguments.seconds) / 3;
    let started = Instant::now();

    let stormy = traffic(arguments, server, async {
        tokio::time::sleep(third).await;
        postgres.kill();
        tokio::time::sleep(Duration::from_secs(2)).await;
        postgres.start_again();
        started.elapsed()
    });
    let stormy = stormy.await;
    print("with the database killed and started again", &stormy, arguments.seconds);

    let back = stormy.disturbed.ok_or("the database was not started again")?;
    let last = stormy
        .last_failure
        .map_or(Duration::ZERO, |last| last.saturating_sub(back));
    println!(
        "failures by code: {:?}; the last {:.2} s after the database was back",
        stormy.failures,
        last.as_secs_f64()
    );

    if stormy.failed() == 0 {
        return Err("no request failed while the database was gone".into());
    }

    let unclear: Vec<&String> = stormy
        .failures
        .keys()
        .filter(|code| !CLEAR.contains(&code.as_str()))
        .collect();
    if !unclear.is_empty() {
        return Err(format!("unexpected error codes while the database was gone: {unclear:?}").into());
    }

    if last > Duration::from_secs(2) {
        return Err("the server took more than 2 s to recover".into());
    }
    Ok(())
}

/// The 99th percentile of the latencies must stay below this many milliseconds, even under attack. Unoptimized code
/// gets a looser limit.
const SLOWEST: u32 = if cfg!(debug_assertions) { 10_000 } else { 500 };

/// How long the server may take to return memory to the system.
const CALM: Duration = Duration::from_mins(1);

async fn under_attack(arguments: &Arguments, server: &Server) -> Result<(), Failure> {
    let seed = arguments.seed();
    server.forget_peak();
    let before = server.memory();

    let attackers = Attackers::start(&server.base, seed, &arguments.attack)?;
    let tally = traffic(arguments, server, async {}).await;
    let records = attackers.end().await;

    print("under attack", &tally, arguments.seconds);
    println!("attacks of seed {seed}:");
    for (kind, record) in &records {
        println!("  {kind}: {record}");
    }

    let peak = server.peak();
    let most = before * 3;
    let after = if arguments.is_full() {
        memory_at_most(server, most).await
    } else {
        server.memory()
    };
    println!("memory of the server: {before} MiB before the attacks, {peak} MiB at most, {after} MiB afterwards");

    none_failed(&tally)?;

    let (_, slow) = tally.latency();
    if slow >= SLOWEST {
        return Err(format!("attackers made customers wait: 99 % of the requests took up to {slow} ms").into());
    }

    let faults: u64 = records.values().map(attacks::Record::faults).sum();
    if faults > 0 {
        return Err(format!("{faults} attacks had an outcome that must not happen; see the faults above").into());
    }

    if arguments.is_full() && after > most {
        return Err("the server did not return the memory that it took under attack".into());
    }
    Ok(())
}

/// Waits, with one customer left, until the server's memory is at most `most` MiB, or for a minute; returns the memory
/// in MiB.
async fn memory_at_most(server: &Server, most: u64) -> u64 {
    let end = Instant::now() + CALM;
    let mut customer = Customer::new(&server.base, 0, Instant::now());
    loop {
        let memory = server.memory();
        if memory <= most || Instant::now() >= end {
            return memory;
        }
        customer.act().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The error codes that a client may get while the database is gone.
const CLEAR: &[&str] = &["DATABASE_UNAVAILABLE", "CONFLICT", "OUTCOME_UNKNOWN"];

/// Runs all customers until the time is over, with a disturbance meanwhile; returns their joint tally.
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

/// Time at which the database was back, since the start, if it was gone.
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
        "{name}: {} requests, {} a second ({} reads, {} writes, of these {} orders), 50 % within {median} ms, 99 % within {slow} ms, {} failed",
        tally.reads + tally.writes,
        (tally.reads + tally.writes) / seconds.max(1),
        tally.reads,
        tally.writes,
        tally.orders,
        tally.failed()
    );
}

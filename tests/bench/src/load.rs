//! Runs the servers and the load, and prints the figures.

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};

use crate::queries::{QUERIES, Query, Reference};

type Failure = Box<dyn std::error::Error>;

/// A server process; dropping this value stops it.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The figures of one measurement; processor times are per request.
struct Figures {
    requests_per_second: f64,
    p50: String,
    p99: String,
    server_micros: f64,
    database_micros: f64,
}

#[expect(clippy::print_stdout, reason = "the figures are the program's result")]
pub(crate) async fn run(seconds: u32, connections: usize, scale: u32) -> Result<(), Failure> {
    if Command::new("wrk").arg("-v").output().is_err() {
        return Err("`wrk` is not installed; install it with `apt-get install wrk`".into());
    }

    let url = tests::empty_database(tests::Engine::Postgres, "bench")
        .await
        .ok_or("PostgreSQL is not installed")?;
    eprintln!("creating the shop's rows ...");
    sample::data::create(&url, scale).await?;

    let ours = start("ours", &url, connections).await?;
    let reference = start("hand-written", &url, connections).await?;
    let usual = start("data-loader", &url, connections).await?;
    compare_answers(&ours, &reference, &usual)?;

    println!(
        "{:<50} {:>10} {:>9} {:>9} {:>9} {:>9}  ratio  goal",
        "", "requests/s", "p50", "p99", "server us", "db us"
    );
    let mut rates: Vec<f64> = Vec::new();
    for (number, query) in QUERIES.iter().enumerate() {
        let answered = measure(&ours, "/graphql/shop/", &body(query), seconds, connections)?;

        let rate = match &query.sql {
            Reference::Sql(_) => {
                let by_hand = measure(&reference, &format!("/q/{number}"), "{}", seconds, connections)?;
                print(&format!("{}, by hand", query.name), &by_hand, "");
                by_hand.requests_per_second
            }
            Reference::Query(other) => rates[*other],
        };

        let loaded = measure(&usual, "/graphql/shop/", &body(query), seconds, connections)?;
        let ratio = loaded.requests_per_second / rate;
        print(
            &format!("{}, DataLoader", query.name),
            &loaded,
            &format!("{ratio:>6.2}"),
        );

        let ratio = answered.requests_per_second / rate;
        print(query.name, &answered, &format!("{ratio:>6.2} {:>5.2}", query.goal));
        rates.push(answered.requests_per_second);
    }
    Ok(())
}

fn body(query: &Query) -> String {
    serde_json::json!({ "query": query.graphql }).to_string()
}

async fn start(kind: &str, url: &str, connections: usize) -> Result<Server, Failure> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let address = format!("127.0.0.1:{port}");
    let child = Command::new(std::env::current_exe()?)
        .args(["serve", kind, url, &address, &connections.to_string()])
        .stdout(Stdio::null())
        .spawn()?;
    let server = Server { child, address };

    while tokio::net::TcpStream::connect(&server.address).await.is_err() {
        tokio::task::yield_now().await;
    }
    Ok(server)
}

/// Checks that all servers give the same answers; otherwise the comparison means nothing. `createdAt` is ignored, since
/// times may be written differently.
fn compare_answers(ours: &Server, reference: &Server, usual: &Server) -> Result<(), Failure> {
    for (number, query) in QUERIES.iter().enumerate() {
        let ask = |server: &Server, path: &str, body: &str| -> Result<serde_json::Value, Failure> {
            let url = format!("http://{}{path}", server.address);
            let output = Command::new("curl")
                .args(["-s", "-H", "content-type: application/json", "-d", body, &url])
                .output()?;
            let mut answer = serde_json::from_slice(&output.stdout)?;
            drop_times(&mut answer);
            Ok(answer)
        };

        let expected = ask(ours, "/graphql/shop/", &body(query))?;
        let mut others = vec![("DataLoader", ask(usual, "/graphql/shop/", &body(query))?)];
        if matches!(query.sql, Reference::Sql(_)) {
            others.push(("by hand", ask(reference, &format!("/q/{number}"), "{}")?));
        }

        for (name, found) in others {
            if found != expected {
                return Err(format!("{}, {name}: the answers differ\n{expected}\n{found}", query.name).into());
            }
        }
    }
    Ok(())
}

fn drop_times(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(object) => {
            object.remove("createdAt");
            object.values_mut().for_each(drop_times);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_times),
        _ => {}
    }
}

fn measure(server: &Server, path: &str, body: &str, seconds: u32, connections: usize) -> Result<Figures, Failure> {
    let mut script = String::new();
    let quoted = serde_json::to_string(body)?;
    let _ = write!(
        script,
        "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = {quoted}\n"
    );
    let file = std::env::temp_dir().join(format!("bench-{}.lua", std::process::id()));
    std::fs::write(&file, script)?;

    let url = format!("http://{}{path}", server.address);
    let run = |duration: u32| -> Result<String, Failure> {
        let output = Command::new("wrk")
            .args([
                "-t1",
                &format!("-c{connections}"),
                &format!("-d{duration}s"),
                "--latency",
                "-s",
            ])
            .arg(&file)
            .arg(&url)
            .output()?;
        Ok(String::from_utf8(output.stdout)?)
    };

    run(1)?;
    let before = (cpu_micros(server.child.id()), database_micros());
    let text = run(seconds)?;
    let after = (cpu_micros(server.child.id()), database_micros());
    let _ = std::fs::remove_file(file);

    if text.contains("Non-2xx") {
        return Err(format!("the server refused requests:\n{text}").into());
    }

    let field = |name: &str| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap_or_default();
        line.split_whitespace().nth(1).unwrap_or_default().to_owned()
    };
    let requests: f64 = text
        .lines()
        .find(|line| line.contains(" requests in "))
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .ok_or("wrk printed no count")?;

    Ok(Figures {
        requests_per_second: field("Requests/sec:").parse()?,
        p50: field("50%"),
        p99: field("99%"),
        server_micros: (after.0 - before.0) / requests,
        database_micros: (after.1 - before.1) / requests,
    })
}

/// Processor time of a process so far, in microseconds; the kernel counts in hundredths of a second.
fn cpu_micros(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    // The process's own time, and that of its children that have ended.
    (11..=14).map(ticks).sum::<f64>() * 10_000.0
}

/// Processor time of all PostgreSQL processes so far, in microseconds.
fn database_micros() -> f64 {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return 0.0;
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres"))
        .map(cpu_micros)
        .sum()
}

#[expect(clippy::print_stdout, reason = "the figures are the program's result")]
fn print(name: &str, figures: &Figures, ratio: &str) {
    println!(
        "{name:<50} {:>10.0} {:>9} {:>9} {:>9.0} {:>9.0} {ratio}",
        figures.requests_per_second, figures.p50, figures.p99, figures.server_micros, figures.database_micros
    );
}

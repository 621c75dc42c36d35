//! Attackers that run beside the honest customers. Each repeats one kind of attack until it is told to stop, and counts
//! the outcomes. All of them stay on this machine, and [`KINDS`] bounds their number and pace.

mod graphql;
mod outcome;
mod post;
mod socket;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Failure;
pub(crate) use outcome::{Outcome, Record, judge};
pub(crate) use post::Post;
use socket::Wire;
use tests::Random;

/// How long an attacker waits for an answer. A longer wait is a fault: the server itself gives up after a minute.
pub(crate) const PATIENCE: Duration = Duration::from_secs(65);

/// Maximum number of attacks per attacker.
const MOST: usize = 2_000;

/// One attack: a complete request, or raw bytes.
enum Attack {
    Post(Post),
    Wire(Wire),
}

/// One way to attack.
struct Kind {
    name: &'static str,
    /// Number of attackers of this kind.
    attackers: u64,
    /// Pause of each attacker between two attacks, in milliseconds.
    pause: u64,
    make: fn(&mut Random) -> Attack,
}

/// All kinds of attacks. The pauses leave the customers some processor time, since the attackers use the same machine.
const KINDS: &[Kind] = &[
    Kind {
        name: "fragment bombs",
        attackers: 2,
        pause: 100,
        make: graphql::bomb,
    },
    Kind {
        name: "filters in variables",
        attackers: 2,
        pause: 300,
        make: graphql::filter,
    },
    Kind {
        name: "long lists at 50 roots",
        attackers: 2,
        pause: 500,
        make: graphql::long_lists,
    },
    Kind {
        name: "nested relations",
        attackers: 2,
        pause: 200,
        make: graphql::relations,
    },
    Kind {
        name: "50 roots of 1,000 rows",
        attackers: 2,
        pause: 500,
        make: graphql::large_answer,
    },
    Kind {
        name: "65,535 conditions",
        attackers: 1,
        pause: 500,
        make: graphql::conditions,
    },
    Kind {
        name: "deep JSON",
        attackers: 1,
        pause: 200,
        make: graphql::deep,
    },
    Kind {
        name: "sign-ins",
        attackers: 4,
        pause: 100,
        make: graphql::sign_ins,
    },
    Kind {
        name: "wrong media types",
        attackers: 1,
        pause: 50,
        make: graphql::media_types,
    },
    Kind {
        name: "random documents",
        attackers: 2,
        pause: 50,
        make: graphql::random,
    },
    Kind {
        name: "garbage",
        attackers: 2,
        pause: 50,
        make: socket::garbage,
    },
    Kind {
        name: "huge heads",
        attackers: 1,
        pause: 100,
        make: socket::huge_head,
    },
    Kind {
        name: "dropped connections",
        attackers: 4,
        pause: 50,
        make: socket::dropped,
    },
    Kind {
        name: "slow bodies",
        attackers: 20,
        pause: 1_000,
        make: socket::slow_body,
    },
    Kind {
        name: "unread answers",
        attackers: 30,
        pause: 1_000,
        make: socket::unread,
    },
    Kind {
        name: "half-written and idle",
        attackers: 300,
        pause: 1_000,
        make: socket::half_written,
    },
];

/// The attackers that are running.
pub(crate) struct Attackers {
    over: watch::Sender<bool>,
    tasks: Vec<(&'static str, JoinHandle<Record>)>,
}

impl Attackers {
    /// Starts all attackers, or only those of the kinds `only`; an unknown kind is an error.
    pub(crate) fn start(base: &str, seed: u64, only: &[String]) -> Result<Self, Failure> {
        if let Some(unknown) = only
            .iter()
            .find(|name| KINDS.iter().all(|kind| kind.name != name.as_str()))
        {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            return Err(format!(
                "unknown kind of attack `{unknown}`; expected one of: {}",
                names.join(", ")
            )
            .into());
        }

        let is_wanted = |kind: &&Kind| only.is_empty() || only.iter().any(|name| name == kind.name);
        let address: SocketAddr = base.trim_start_matches("http://").parse()?;
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let (over, is_over) = watch::channel(false);

        let mut tasks = Vec::new();
        for (kind, at) in KINDS
            .iter()
            .filter(is_wanted)
            .flat_map(|kind| (0..kind.attackers).map(move |at| (kind, at)))
        {
            let attacker = Attacker {
                kind,
                address,
                http: http.clone(),
                random: Random::new(seed.wrapping_add(1_000 * at + tasks.len() as u64)),
                over: is_over.clone(),
            };
            tasks.push((kind.name, tokio::spawn(attacker.run())));
        }

        Ok(Self { over, tasks })
    }

    /// Tells the attackers to stop and waits for the last answers; returns the total of their counts by kind of attack.
    pub(crate) async fn end(self) -> BTreeMap<&'static str, Record> {
        // Sending fails if all attackers have ended already.
        let _ = self.over.send(true);

        let mut records: BTreeMap<&'static str, Record> = BTreeMap::new();
        for (name, task) in self.tasks {
            let record = task
                .await
                .unwrap_or_else(|error| Record::fault(format!("the attacker itself failed: {error}")));
            records.entry(name).or_default().add(record);
        }
        records
    }
}

/// Whether the attackers must stop.
type Over = watch::Receiver<bool>;

/// Waits until the attackers must stop.
async fn ended(over: &mut Over) {
    // If the sender is gone, nobody waits for the attackers, so they must stop too.
    let _ = over.wait_for(|over| *over).await;
}

struct Attacker {
    kind: &'static Kind,
    address: SocketAddr,
    http: reqwest::Client,
    random: Random,
    over: Over,
}

impl Attacker {
    async fn run(mut self) -> Record {
        let mut record = Record::default();
        // A random first pause, so that not all attack at the same moment.
        let mut pause = self.random.below(self.kind.pause.max(1));

        for _ in 0..MOST {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(pause)) => {}
                () = ended(&mut self.over) => break,
            }
            record.count(self.attack().await);
            pause = self.kind.pause;
        }
        record
    }

    async fn attack(&mut self) -> Outcome {
        match (self.kind.make)(&mut self.random) {
            Attack::Post(post) => post.send(&self.http, &format!("http://{}", self.address)).await,
            Attack::Wire(wire) => wire.send(self.address, &mut self.over).await,
        }
    }
}
